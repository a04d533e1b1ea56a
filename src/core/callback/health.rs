//! How an address has been doing, and when it is switched off.

use std::time::Duration;

use crate::core::clock::Timestamp;

/// Switched off after failing for so long without one success (security D4).
const PATIENCE: Duration = Duration::from_hours(120);
/// "I am gone, and will not come back."
const GONE: u16 = 410;

/// How an address has been doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// First failure after the last success.
    pub failing_since: Option<Timestamp>,
    /// Status of the last answer; none when there was no answer, or no request yet.
    pub last_status: Option<u16>,
    /// Requests that were taken.
    pub delivered: i64,
    /// Requests that were not.
    pub failed: i64,
    /// Why it was switched off by the server; empty when it was not.
    pub disabled_reason: String,
}

/// How one request ended: the receiver's status, or nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ending {
    /// Status of the answer.
    pub status: Option<u16>,
    /// What it asked for by `Retry-After`.
    pub retry_after: Option<Duration>,
}

impl Ending {
    /// Whether the receiver took it: any 2xx (spec 10, row 30).
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self.status, Some(200..=299))
    }

    /// Whether the receiver did not believe the signature; an older secret may be the one it knows.
    #[must_use]
    pub const fn is_disbelief(self) -> bool {
        matches!(self.status, Some(401 | 403))
    }
}

impl Health {
    /// Why this ending switches the address off, if it does.
    #[must_use]
    pub fn verdict(&self, ending: Ending, now: Timestamp) -> Option<&'static str> {
        if ending.is_success() {
            return None;
        }
        if ending.status == Some(GONE) {
            return Some("the receiver answered 410 Gone");
        }
        let failing = self.failing_since.is_some_and(|since| now.since(since) >= PATIENCE);
        failing.then_some("every request of five days failed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn ending(status: u16) -> Ending {
        Ending { status: Some(status), retry_after: None }
    }

    #[test]
    fn any_2xx_is_a_success_and_nothing_else() {
        assert!(ending(200).is_success() && ending(204).is_success() && ending(299).is_success());
        assert!(!ending(199).is_success() && !ending(302).is_success() && !Ending::default().is_success());
    }

    #[test]
    fn five_days_of_failures_or_one_410_switch_it_off() {
        let failing = Health { failing_since: Some(START), ..Health::default() };
        let day = |days: u64| START + Duration::from_hours(24 * days);
        assert_eq!(failing.verdict(ending(500), day(4)), None);
        assert!(failing.verdict(ending(500), day(5)).is_some());
        assert!(failing.verdict(Ending::default(), day(5)).is_some());
        assert_eq!(failing.verdict(ending(200), day(5)), None);
        assert_eq!(Health::default().verdict(ending(500), day(9)), None, "the first failure");
        assert!(Health::default().verdict(ending(410), START).is_some());
    }
}
