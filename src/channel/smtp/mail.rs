//! The email itself: two bodies, few headers, nothing that tracks.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};

use super::dkim::Signer;
use crate::{
    channel::{DeliveryError, Refusal, SettingsError, html_text},
    core::{
        id::made_at,
        plan::{Content, Outgoing},
        recipient::Recipient,
    },
};

/// An email ready for the wire.
pub(super) struct Mail {
    /// Envelope sender.
    pub(super) from: Address,
    /// The one recipient.
    pub(super) to: Address,
    /// What follows `DATA`: headers and bodies in ASCII lines, dots doubled, the final dot.
    pub(super) data: String,
}

/// Who mails come from when a message brings no sender of its own.
pub(super) struct Sender {
    name: Option<String>,
    address: Address,
}

impl Sender {
    /// Reads `otp@example.com` or `Example <otp@example.com>`.
    pub(super) fn new(mailbox: &str) -> Result<Self, SettingsError> {
        let bad = || SettingsError::new("from", "is no sender: write it like `Example <otp@example.com>`");
        let mailbox: Mailbox = in_one_line(mailbox).ok().and_then(|text| text.parse().ok()).ok_or_else(bad)?;
        let address = address_of(mailbox.email.as_ref()).map_err(|Unfit| bad())?;
        Ok(Self { name: mailbox.name, address })
    }
}

/// The email for `message`, under `reference` if it has one. `Message-ID` and `Date` come from the message's id, so a second try sends the same mail.
pub(super) fn build(
    message: &Outgoing<'_>,
    sender: &Sender,
    reference: Option<&str>,
    signer: Option<&Signer>,
) -> Result<Mail, DeliveryError> {
    let unfit = |what| move |Unfit| DeliveryError::refused(Refusal::Content, what);
    let (Content::Mail { from_name, from_mail, subject, html }, Recipient::Email(_)) =
        (message.content, message.recipient)
    else {
        return Err(DeliveryError::refused(Refusal::BadAddress, "an email goes to an email address"));
    };
    let to = address_of(message.recipient.as_str())
        .map_err(|Unfit| DeliveryError::refused(Refusal::BadAddress, "the recipient's address is not usable"))?;
    let from = match from_mail {
        Some(mail) => address_of(mail).map_err(unfit("the sender's address is not usable"))?,
        None => sender.address.clone(),
    };
    let name = from_name.as_deref().or(sender.name.as_deref());
    let name = name.map(in_one_line).transpose().map_err(unfit("the sender's name holds control characters"))?;
    let subject = in_one_line(subject).map_err(unfit("the subject holds control characters"))?;
    // A lone CR in a body would reach the wire: some servers take it for the end of a line (SMTP smuggling).
    let html = html.replace("\r\n", "\n").replace('\r', "\n");
    let text = html_text::of_html(&html);
    let id = reference.map_or_else(|| message.message_id.to_string(), str::to_owned);
    let built = Message::builder()
        .message_id(Some(format!("<{id}@{}>", from.domain())))
        .date(written_at(message))
        .from(Mailbox::new(name.map(str::to_owned), from.clone()))
        .to(Mailbox::new(None, to.clone()))
        .subject(subject)
        // RFC 3834: no out-of-office answers, please.
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
        .multipart(MultiPart::alternative_plain_html(text, html));
    let built = built.ok().and_then(|built| String::from_utf8(built.formatted()).ok());
    let mut text = built.ok_or_else(|| DeliveryError::refused(Refusal::Content, "the email cannot be written"))?;
    if let Some(signer) = signer {
        text = signer.sign(&text, made_at(message.message_id.0).millis() / 1000)?;
    }
    Ok(Mail { from, to, data: ended(&text) })
}

/// The text as it follows `DATA` (RFC 5321, 4.5.2). It begins with a header, so only later lines begin with a dot.
fn ended(text: &str) -> String {
    let end = if text.ends_with("\r\n") { ".\r\n" } else { "\r\n.\r\n" };
    text.replace("\r\n.", "\r\n..") + end
}

fn written_at(message: &Outgoing<'_>) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(made_at(message.message_id.0).millis().unsigned_abs())
}

/// Characters that no header and no SMTP command may hold.
#[derive(Debug)]
pub(super) struct Unfit;

/// Nothing that could end a header or a command (security C6).
fn in_one_line(text: &str) -> Result<&str, Unfit> {
    if text.chars().any(char::is_control) { Err(Unfit) } else { Ok(text) }
}

/// A plain address: ASCII, no quotes, no address literal (security C4).
pub(super) fn address_of(text: &str) -> Result<Address, Unfit> {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"[]<>\\".contains(&byte));
    let address = plain.then(|| text.parse::<Address>().ok()).flatten();
    address.ok_or(Unfit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{channel::Channel, clock::Timestamp, id::MessageId};
    use proptest::prelude::*;

    fn built(to: &str, from_name: &str, subject: &str, html: &str) -> Result<String, DeliveryError> {
        let recipient = Recipient::parse(to).unwrap();
        let content = Content::Mail {
            from_name: Some(from_name.to_owned()),
            from_mail: None,
            subject: subject.to_owned(),
            html: html.to_owned(),
        };
        let message = Outgoing {
            message_id: MessageId(1_725_407_449_772_531_712),
            recipient: &recipient,
            channel: Channel::Email,
            content: &content,
            code: None,
            sender: None,
            language: "en",
            expires_at: Timestamp::default(),
            until: std::time::Instant::now(),
        };
        let mail = build(&message, &Sender::new("Shop <no-reply@shop.test>").unwrap(), None, None)?;
        Ok(mail.data)
    }

    fn headers(mail: &str) -> Vec<&str> {
        let (head, _) = mail.split_once("\r\n\r\n").unwrap();
        let names = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
        names.map(|line| line.split_once(':').unwrap().0).collect()
    }

    const HEADERS: [&str; 8] =
        ["Message-ID", "Date", "From", "To", "Subject", "Auto-Submitted", "MIME-Version", "Content-Type"];

    #[test]
    fn a_mail_has_its_headers_and_both_bodies() {
        let mail = built("user@mail.test", "Shop", "Your code", "<p>Code <b>123456</b></p>").unwrap();
        assert_eq!(headers(&mail), HEADERS);
        assert!(mail.contains("Message-ID: <1725407449772531712@shop.test>\r\n"), "{mail}");
        assert!(mail.contains("Date: Fri, 17 Nov 2023 06:56:07 +0000\r\n"), "{mail}");
        assert!(mail.contains("From: Shop <no-reply@shop.test>\r\n"), "{mail}");
        assert!(mail.contains("Content-Type: text/plain; charset=utf-8\r\n"), "{mail}");
        assert!(mail.contains("\r\n\r\nCode 123456\r\n"), "{mail}");
        assert!(mail.contains("\r\n\r\n<p>Code <b>123456</b></p>\r\n"), "{mail}");
    }

    #[test]
    fn controls_and_odd_addresses_are_refused_before_the_mail_library() {
        for bad in ["a\r\nBcc: x@y.test", "a\nb", "a\rb", "a\0b", "a\u{85}b", "a\tb", "a\u{7f}"] {
            assert!(built("user@mail.test", bad, "s", "h").is_err(), "name {bad:?}");
            assert!(built("user@mail.test", "n", bad, "h").is_err(), "subject {bad:?}");
            assert!(address_of(&format!("{bad}@mail.test")).is_err(), "address {bad:?}");
        }
        for bad in
            ["", "user", "@mail.test", "\"a b\"@mail.test", "a@[127.0.0.1]", "ü@mail.test", "a@b@c.test", "<a@b.c>"]
        {
            assert!(address_of(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_refusal_names_neither_recipient_nor_text() {
        let error = built("user@mail.test", "n", "123456\n", "123456").unwrap_err().to_string();
        assert!(!error.contains("mail.test") && !error.contains("123456"), "{error}");
    }

    #[test]
    fn lines_that_begin_with_a_dot_get_another() {
        let mail = built("user@mail.test", "Shop", "s", ".\n..\n.a").unwrap();
        assert!(mail.contains("\r\n\r\n..\r\n...\r\n..a\r\n--"), "{mail}");
        assert!(mail.ends_with("--\r\n.\r\n"), "{mail}");
    }

    proptest! {
        #[test]
        fn whatever_is_said_the_headers_stay_and_every_line_is_well_formed(name: String, subject: String, html: String) {
            if let Ok(mail) = built("user@mail.test", &name, &subject, &html) {
                prop_assert!(headers(&mail) == HEADERS || name.trim().is_empty(), "{}", mail);
                prop_assert!(mail.is_ascii());
                let lines = mail.replace("\r\n", "");
                prop_assert!(!lines.contains(['\r', '\n']), "a bare CR or LF");
                prop_assert_eq!(mail.find("\r\n.\r\n"), Some(mail.len() - 5));
                prop_assert!(mail.split("\r\n").all(|line| line.len() <= 998));
            }
        }
    }
}
