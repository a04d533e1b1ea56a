//! A ledger as it is kept. One is written with every send, each somewhere else: the shorter they are, the more of them share a page.

use super::Ledger;

/// The first byte says in which form the rest is: this is postcard's, whose format is stable within its version 1.
const POSTCARD: u8 = 1;
/// How the JSON begins that they were before; such a one is written anew with the next send.
const JSON: u8 = b'{';
/// What a ledger of one send takes, and a little more.
const USUAL: usize = 48;

/// Why bytes are no ledger.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Written by something else, or newer.
    #[error("a ledger in no known form")]
    Form,
    /// Cut off, or changed.
    #[error(transparent)]
    Postcard(#[from] postcard::Error),
    /// Likewise.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl Ledger {
    /// As the database keeps it.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Unreadable> {
        let mut bytes = Vec::with_capacity(USUAL);
        bytes.push(POSTCARD);
        Ok(postcard::to_extend(self, bytes)?)
    }

    /// As it was kept.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        match bytes.split_first() {
            Some((&POSTCARD, ledger)) => Ok(postcard::from_bytes(ledger)?),
            Some((&JSON, _)) => Ok(serde_json::from_slice(bytes)?),
            _ => Err(Unreadable::Form),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::core::{
        clock::Timestamp,
        id::MessageId,
        ledger::{Ending, Limits, Pace, Sent},
    };

    const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
    const LIFE: Duration = Duration::from_mins(5);

    /// After some sends, each of whose codes was guessed at so often.
    fn ledger(sends: &[(i64, Option<i64>, i64, u8)]) -> Ledger {
        let mut ledger = Ledger::default();
        for (app, scope, message, attempts) in sends {
            let (message, expires_at) = (MessageId(*message), START + LIFE);
            let sent = Sent { app: *app, scope: *scope, message };
            ledger.admit(sent, (START, expires_at), 5, (Limits::NONE, Pace::default())).unwrap();
            if *attempts > 0 {
                let ending = Ending { message, attempts: *attempts, max_attempts: 5, verified: false, expires_at };
                ledger.settle(&[ending], START);
            }
        }
        ledger
    }

    proptest! {
        #[test]
        fn one_is_read_as_it_was_written(sends in prop::collection::vec(any::<(i64, Option<i64>, i64, u8)>(), 0..20)) {
            let mut ledger = ledger(&sends);
            prop_assert_eq!(&Ledger::from_bytes(&ledger.to_bytes().unwrap()).unwrap(), &ledger);
            ledger.forgive(sends.first().map_or(0, |send| send.0), START);
            prop_assert_eq!(Ledger::from_bytes(&ledger.to_bytes().unwrap()).unwrap(), ledger);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>(), form in prop::sample::select(vec![POSTCARD, JSON])) {
            let _ = Ledger::from_bytes(&bytes);
            let _ = Ledger::from_bytes(&[&[form], &bytes[..]].concat());
        }
    }

    #[test]
    fn one_send_takes_no_more_than_48_bytes() {
        let (app, message) = (1_795_219_200_000_000_000, 1_795_219_300_000_000_000);
        let bytes = ledger(&[(app, None, message, 0)]).to_bytes().unwrap();
        assert!(bytes.len() <= USUAL, "{}", bytes.len());
    }

    #[test]
    fn what_was_kept_as_json_is_read() {
        let json = br#"{"entries":[{"app":7,"message":3,"sent":1800000000000,"ends":1800000300000,"tries":0,"open":true}],"wrong":{},"forgiven":0}"#;
        assert_eq!(Ledger::from_bytes(json).unwrap(), ledger(&[(7, None, 3, 0)]));
        let scoped = String::from_utf8_lossy(json).replace(r#""message""#, r#""scope":9,"message""#);
        assert_eq!(Ledger::from_bytes(scoped.as_bytes()).unwrap(), ledger(&[(7, Some(9), 3, 0)]));
    }

    #[test]
    fn what_is_cut_off_or_in_another_form_is_no_ledger() {
        let bytes = ledger(&[(7, None, 3, 1)]).to_bytes().unwrap();
        assert!(matches!(Ledger::from_bytes(&bytes[..bytes.len() - 1]), Err(Unreadable::Postcard(_))));
        assert!(matches!(Ledger::from_bytes(b"{"), Err(Unreadable::Json(_))));
        assert!(matches!(Ledger::from_bytes(&[2, 0, 0, 0]), Err(Unreadable::Form)));
        assert!(matches!(Ledger::from_bytes(&[]), Err(Unreadable::Form)));
    }
}
