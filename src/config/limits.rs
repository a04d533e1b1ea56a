//! `[limits]`, and how often a dialect sends.

use std::time::Duration;

use serde::Deserialize;

use super::{
    error::{ConfigError, require},
    value::duration,
};
use crate::core::ledger;

/// `[limits]`: what holds for a recipient whichever dialect sends; 0 is no limit.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Wrong guesses in any 24 hours.
    pub guesses_per_day: u16,
    /// Wrong guesses in any 30 days.
    pub guesses_per_month: u16,
    /// Wrong guesses since the last right one.
    pub guesses_since_success: u16,
    /// Sends in any 24 hours.
    pub sends_per_day: u16,
    /// Whether more guesses than the defaults may be allowed.
    pub accept_risk: bool,
}

/// `pace` of a dialect; 0 is any number.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// Least time between two sends to one recipient.
    #[serde(deserialize_with = "duration")]
    pub gap: Duration,
    /// In any ten minutes.
    pub per_10_minutes: u16,
    /// In any hour.
    pub per_hour: u16,
    /// In any 24 hours.
    pub per_day: u16,
}

/// The most that is allowed without `accept_risk` (security 5: down only).
const SAFE: [(&str, u16); 3] =
    [("limits.guesses_per_day", 10), ("limits.guesses_per_month", 25), ("limits.guesses_since_success", 100)];

impl Limits {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let chosen = [self.guesses_per_day, self.guesses_per_month, self.guesses_since_success];
        for ((key, most), chosen) in SAFE.into_iter().zip(chosen) {
            let safe = self.accept_risk || (1..=most).contains(&chosen);
            require(
                safe,
                key,
                "lets codes be guessed more easily than the default; set limits.accept_risk to allow it",
            )?;
        }
        require(self.sends_per_day <= ledger::Limits::MOST, "limits.sends_per_day", "must be 64 or less, or 0 for any")
    }
}

impl Pace {
    pub(super) fn validate(&self, key: &str) -> Result<(), ConfigError> {
        let most = self.per_10_minutes.max(self.per_hour).max(self.per_day);
        require(most <= ledger::Limits::MOST, key, "has numbers that must be 64 or less, or 0 for any")?;
        require(self.gap <= Duration::from_hours(24), key, "has a gap that must be 24h or less")
    }
}

impl From<Limits> for ledger::Limits {
    fn from(limits: Limits) -> Self {
        let Limits { guesses_per_day, guesses_per_month, guesses_since_success, sends_per_day, accept_risk: _ } =
            limits;
        Self { guesses_per_day, guesses_per_month, guesses_since_success, sends_per_day }
    }
}

impl From<Pace> for ledger::Pace {
    fn from(pace: Pace) -> Self {
        let Pace { gap, per_10_minutes, per_hour, per_day } = pace;
        Self { gap, per_10_minutes, per_hour, per_day }
    }
}
