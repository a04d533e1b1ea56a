//! What Twilio's error codes mean (twilio.com/docs/api/errors), of its API and of its reports alike.

use crate::channel::Refusal;

/// Codes that say "later", not "never": too many requests, or a sender's queue that is full.
pub(super) const LATER: [u32; 4] = [14107, 20429, 21611, 63018];

/// The 50xx row of an error code; what is not in the table is [`Refusal::Other`].
pub(super) const fn refusal(code: u32) -> Refusal {
    match code {
        13223 | 13224 | 13226 | 21201 | 21211 | 21217 | 21265 | 21401 | 21421 | 21604 | 21614 => Refusal::BadAddress,
        21214 | 21612 | 21635 | 30006 | 30017 | 30410 | 63015 => Refusal::Unreachable,
        13225 | 21216 | 30004 | 63033 => Refusal::Listed,
        21602 | 21605 | 21617 | 21619 | 21656 | 63005 | 63016 | 63028 => Refusal::Content,
        30007 | 30022 | 30038 | 30039 | 30450 | 30453 | 63013 | 63032 | 63049 => Refusal::Intercepted,
        13227 | 21215 | 21408 => Refusal::Region,
        30003 => Refusal::Handset,
        21610 | 63014 => Refusal::Unsubscribed,
        30005 | 63003 | 63024 => Refusal::NoSuchNumber,
        // Account, credentials, sender, template, price, and Twilio's own trouble.
        10001 | 14107 | 20003 | 20005 | 20403 | 20404 | 20429 | 21210 | 21212 | 21213 | 21219 | 21603 | 21606
        | 21608 | 21611 | 21618 | 21655 | 21659 | 21660 | 21661 | 21703 | 21704 | 30001 | 30002 | 30010 | 30018
        | 30023 | 30024 | 30032 | 30034 | 30036 | 30040 | 63012 | 63018 | 63020 | 63021 | 63022 | 63027 => {
            Refusal::Provider
        }
        _ => Refusal::Other,
    }
}

/// What a call that nobody took means; `None` for a status that is not the end of one.
pub(super) fn of_call(status: &str) -> Option<Refusal> {
    match status {
        "busy" | "no-answer" | "failed" => Some(Refusal::Unreachable),
        "canceled" => Some(Refusal::Provider),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::documented;

    #[test]
    fn every_row_is_as_documented() {
        let rows = documented::rows("Errors of Twilio");
        for (code, number) in rows.iter().flat_map(|(number, codes)| codes.iter().map(move |code| (code, number))) {
            assert_eq!(refusal(u32::try_from(*code).unwrap()).code(), *number, "{code}");
        }
        let documented: Vec<_> = rows.iter().flat_map(|(_, codes)| codes).collect();
        let known = |code: u32| refusal(code) != Refusal::Other;
        assert_eq!((0..100_000).filter(|code| known(*code)).count(), documented.len());
        assert_eq!(refusal(30008).code(), 5001);
    }

    #[test]
    fn a_call_ends_as_documented() {
        assert_eq!(of_call("busy").map(Refusal::code), Some(5012));
        assert_eq!(of_call("canceled").map(Refusal::code), Some(5016));
        assert_eq!(of_call("in-progress"), None);
    }
}
