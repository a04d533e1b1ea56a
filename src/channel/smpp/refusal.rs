//! What a message centre's "no" means: in its answers (command status, SMPP 3.4, 5.1.3), and in its receipts.

use rusmpp::CommandStatus;

use crate::channel::{DeliveryError, Refusal, Report};

/// What an answer to a submitted message comes to.
pub(super) enum Verdict {
    Taken,
    /// It asks to be asked later.
    Busy,
    Failed(DeliveryError),
}

/// Reads a command status.
pub(super) fn of_status(status: CommandStatus) -> Verdict {
    let refusal = match status {
        CommandStatus::EsmeRok => return Verdict::Taken,
        CommandStatus::EsmeRthrottled | CommandStatus::EsmeRmsgqful => return Verdict::Busy,
        CommandStatus::EsmeRsyserr | CommandStatus::EsmeRxTAppn | CommandStatus::EsmeRinvbndsts => {
            return Verdict::Failed(DeliveryError::unavailable(words(status)));
        }
        CommandStatus::EsmeRinvdstadr | CommandStatus::EsmeRinvdstton | CommandStatus::EsmeRinvdstnpi => {
            Refusal::BadAddress
        }
        CommandStatus::EsmeRdeliveryfailure => Refusal::Unreachable,
        CommandStatus::EsmeRinvmsglen | CommandStatus::EsmeRinvdcs => Refusal::Content,
        CommandStatus::EsmeRxRAppn | CommandStatus::EsmeRprohibited => Refusal::Intercepted,
        // What an operator of a centre makes up, which need not be what another one means by it.
        CommandStatus::Other(_) => Refusal::Other,
        // Our account, our sender, or how we speak.
        _ => Refusal::Provider,
    };
    Verdict::Failed(DeliveryError::refused(refusal, words(status)))
}

/// The status as a number: a centre's own words are not in it.
pub(super) fn words(status: CommandStatus) -> String {
    format!("SMPP status 0x{:08x}", u32::from(status))
}

/// The final states of a message (SMPP 3.4, 5.2.28 and appendix B).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Delivered,
    Expired,
    Deleted,
    Undeliverable,
    Rejected,
}

impl State {
    /// From the TLV `message_state`. On its way, accepted by somebody, unknown: not final.
    pub(super) const fn of_number(state: u8) -> Option<Self> {
        match state {
            2 => Some(Self::Delivered),
            3 => Some(Self::Expired),
            4 => Some(Self::Deleted),
            5 => Some(Self::Undeliverable),
            8 => Some(Self::Rejected),
            _ => None,
        }
    }

    /// From the word after `stat:`. Centres shorten and lengthen them.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        let word = word.to_ascii_uppercase();
        let known = [
            ("DELIV", Self::Delivered),
            ("EXPIR", Self::Expired),
            ("DELET", Self::Deleted),
            ("UNDEL", Self::Undeliverable),
            ("FAIL", Self::Undeliverable),
            ("REJEC", Self::Rejected),
        ];
        known.into_iter().find(|(start, _)| word.starts_with(start)).map(|(_, state)| state)
    }

    /// What it comes to. `error` is the network's reason where there is one.
    pub(super) fn report(self, error: Option<u16>) -> Report {
        let by_state = match self {
            Self::Delivered => return Report::Delivered,
            Self::Expired => Refusal::Handset,
            Self::Deleted => Refusal::Other,
            Self::Undeliverable => Refusal::Unreachable,
            Self::Rejected => Refusal::Intercepted,
        };
        Report::Failed(error.and_then(of_network).unwrap_or(by_state).code())
    }
}

/// The errors of the mobile network that most centres pass on in `err:` (3GPP TS 29.002, 17.6.6).
const fn of_network(error: u16) -> Option<Refusal> {
    match error {
        1 | 5 => Some(Refusal::NoSuchNumber),
        9 | 11 | 13 | 21 => Some(Refusal::Unreachable),
        6 | 12 | 27 | 31 | 32 | 33 => Some(Refusal::Handset),
        34..=36 => Some(Refusal::Provider),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::documented;

    fn of(status: u32) -> String {
        match of_status(CommandStatus::from(status)) {
            Verdict::Taken => "taken".to_owned(),
            Verdict::Busy => "busy".to_owned(),
            Verdict::Failed(DeliveryError::Unavailable { maybe_taken: false, .. }) => "later".to_owned(),
            Verdict::Failed(DeliveryError::Refused { refusal, .. }) => refusal.code().to_string(),
            Verdict::Failed(error) => panic!("{error}"),
        }
    }

    #[test]
    fn every_status_is_as_documented() {
        for (status, meaning) in
            [(0, "taken"), (0x14, "busy"), (0x58, "busy"), (0x04, "later"), (0x08, "later"), (0x64, "later")]
        {
            assert_eq!(of(status), meaning, "{status:#x}");
        }
        for (number, statuses) in documented::rows("Command status of message centres") {
            for status in statuses {
                assert_eq!(of(u32::try_from(status).unwrap()), number.to_string(), "{status:#x}");
            }
        }
        assert_eq!(of(u32::MAX), "5001");
    }

    #[test]
    fn every_error_of_a_network_is_as_documented() {
        let rows = documented::rows("`err:` in receipts");
        for (number, error) in
            rows.iter().flat_map(|(number, errors)| errors.iter().map(move |error| (*number, *error)))
        {
            let error = Some(u16::try_from(error).unwrap());
            assert_eq!(State::Undeliverable.report(error), Report::Failed(number), "{error:?}");
            assert_eq!(State::Delivered.report(error), Report::Delivered);
        }
        let documented: usize = rows.iter().map(|(_, errors)| errors.len()).sum();
        assert_eq!((0..=u16::MAX).filter(|error| of_network(*error).is_some()).count(), documented);
        let by_state =
            [State::Undeliverable, State::Expired, State::Rejected, State::Deleted].map(|state| state.report(None));
        assert_eq!(by_state, [5012, 5018, 5015, 5001].map(Report::Failed));
    }
}
