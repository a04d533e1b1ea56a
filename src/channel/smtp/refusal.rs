//! What a mail server's "no" means.

use std::error::Error as _;

use lettre::transport::smtp::Error;

use crate::channel::{DeliveryError, Refusal};

/// What the server was asked when it said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Greeting, `EHLO`, `STARTTLS`, `AUTH`, `RSET`, `MAIL`: nothing that has to do with the recipient.
    Opening,
    /// `RCPT`.
    Recipient,
    /// `DATA`, the text, its final dot.
    Content,
}

/// The kind of failure. The server's words stay out of it: they like to repeat the address, and a filter may quote the
/// text. Code and enhanced status (RFC 3463) say enough.
pub(super) fn of(error: &Error, step: Step) -> DeliveryError {
    let Some(code) = error.status().map(u16::from) else {
        let broken = broken(error);
        let begun = step == Step::Content;
        return if begun { DeliveryError::unanswered(broken) } else { DeliveryError::unavailable(broken) };
    };
    let words = error.source().map(ToString::to_string).unwrap_or_default();
    let status = enhanced(&words);
    let detail = match status {
        Some((class, subject, detail)) => format!("SMTP {code} {class}.{subject}.{detail}"),
        None => format!("SMTP {code}"),
    };
    if code < 500 {
        return DeliveryError::unavailable(detail);
    }
    DeliveryError::refused(kind(code, status.map(|(_, subject, detail)| (subject, detail)), step), detail)
}

/// What the status of a bounce (RFC 3464, 2.3.4) means, and the status itself where it is one.
pub(super) fn of_bounce(status: &str) -> (Refusal, Option<String>) {
    let Some((class, subject, detail)) = enhanced(status) else { return (Refusal::Other, None) };
    let refusal = of_status(subject, detail, Step::Content).unwrap_or(Refusal::Other);
    (refusal, Some(format!("SMTP {class}.{subject}.{detail}")))
}

/// Our words for a connection that failed. Its own would be safe before the first command, but not after.
fn broken(error: &Error) -> &'static str {
    if error.is_tls() {
        "no TLS with the mail server: certificate or protocol not acceptable"
    } else if error.is_client() {
        "the mail server lacks STARTTLS or a way to log in"
    } else if error.is_response() {
        "the mail server hung up or said something that is not SMTP"
    } else {
        "no connection to the mail server"
    }
}

/// The row of the 50xx table: by the enhanced status where there is one that says anything, else by the code.
fn kind(code: u16, status: Option<(u16, u16)>, step: Step) -> Refusal {
    if step == Step::Opening {
        return Refusal::Provider;
    }
    status.and_then(|(subject, detail)| of_status(subject, detail, step)).unwrap_or(match (step, code) {
        (Step::Recipient, 501 | 553) => Refusal::BadAddress,
        (Step::Recipient, 550 | 551) => Refusal::Unreachable,
        (Step::Content, 552) => Refusal::Content,
        (Step::Content, 550 | 554) => Refusal::Intercepted,
        _ => Refusal::Other,
    })
}

/// The rows of RFC 3463 (section 3), those of RFC 7372 (7.20 to 7.27) and RFC 7505 (1.10). What is ours to mend, such as
/// our own address, our account or our DNS, is the provider's fault; what is the recipient's is not.
const fn of_status(subject: u16, detail: u16, step: Step) -> Option<Refusal> {
    Some(match (subject, detail, step) {
        (1, 3, _) => Refusal::BadAddress,
        (2, 3, _) | (3, 4, _) | (6, _, _) => Refusal::Content,
        (1, 7..=9, _) | (7, 20..=27, _) | (7, _, Step::Recipient | Step::Opening) => Refusal::Provider,
        (1 | 2, _, _) | (4, 1 | 2 | 4 | 7, _) => Refusal::Unreachable,
        (3..=5, _, _) => Refusal::Provider,
        (7, _, Step::Content) => Refusal::Intercepted,
        _ => return None,
    })
}

/// The enhanced status at the start of `words`, if there is one.
fn enhanced(words: &str) -> Option<(u16, u16, u16)> {
    let mut parts = words.split_whitespace().next()?.split('.').map(|part| part.parse().ok().filter(|n| *n < 1000));
    let status = (parts.next()??, parts.next()??, parts.next()??);
    (parts.next().is_none() && matches!(status.0, 4 | 5)).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_go_by_enhanced_status_then_by_code() {
        for (code, words, step, refusal) in [
            (550, "5.1.1 <a@b.test> no such user", Step::Recipient, Refusal::Unreachable),
            (550, "5.1.2 no such host", Step::Recipient, Refusal::Unreachable),
            (501, "5.1.3 bad syntax", Step::Recipient, Refusal::BadAddress),
            (550, "5.1.6 moved", Step::Recipient, Refusal::Unreachable),
            (553, "5.1.8 sender", Step::Recipient, Refusal::Provider),
            (556, "5.1.10 takes no mail", Step::Recipient, Refusal::Unreachable),
            (550, "5.2.1 disabled", Step::Recipient, Refusal::Unreachable),
            (552, "5.2.2 full", Step::Recipient, Refusal::Unreachable),
            (552, "5.2.3 too long", Step::Recipient, Refusal::Content),
            (554, "5.3.2 takes no messages", Step::Recipient, Refusal::Provider),
            (552, "5.3.4 too big", Step::Content, Refusal::Content),
            (550, "5.4.4 no route", Step::Recipient, Refusal::Unreachable),
            (554, "5.4.6 loop", Step::Recipient, Refusal::Provider),
            (554, "5.5.3 too many", Step::Recipient, Refusal::Provider),
            (550, "5.6.1 media", Step::Content, Refusal::Content),
            (554, "5.7.1 relay denied", Step::Recipient, Refusal::Provider),
            (554, "5.7.1 looks like spam", Step::Content, Refusal::Intercepted),
            (550, "5.7.20 no good signature", Step::Content, Refusal::Provider),
            (550, "5.0.0 user unknown", Step::Recipient, Refusal::Unreachable),
            (550, "user unknown", Step::Recipient, Refusal::Unreachable),
            (553, "not an address", Step::Recipient, Refusal::BadAddress),
            (552, "too big", Step::Content, Refusal::Content),
            (554, "no", Step::Content, Refusal::Intercepted),
            (535, "5.7.8 bad password", Step::Opening, Refusal::Provider),
            (550, "5.1.1 about the sender", Step::Opening, Refusal::Provider),
            (571, "", Step::Recipient, Refusal::Other),
        ] {
            let status = enhanced(words).map(|(_, subject, detail)| (subject, detail));
            assert_eq!(kind(code, status, step), refusal, "{code} {words}");
        }
    }

    #[test]
    fn only_three_numbers_are_an_enhanced_status() {
        assert_eq!(enhanced("5.1.1 no"), Some((5, 1, 1)));
        assert_eq!(enhanced("4.7.650"), Some((4, 7, 650)));
        for words in ["", "no", "5.1", "5.1.1.1 x", "2.1.5 ok", "5.1.a", "10.0.0.1"] {
            assert_eq!(enhanced(words), None, "{words}");
        }
    }
}
