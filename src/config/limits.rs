//! `[limits]`, and how often a dialect sends.

use std::{collections::HashMap, time::Duration};

use serde::Deserialize;

use super::{
    error::{ConfigError, require},
    value::duration,
};
use crate::core::{
    caps::{Caps, Countries},
    conversion::Conversion,
    ledger,
    recipient::is_country,
    spray::Spray,
};

/// The key of the number that holds where a country has none of its own.
const OTHERS: &str = "default";

/// `[limits]`: what holds for a recipient and for an application whichever dialect sends; 0 is no limit.
#[derive(Clone, Debug, Deserialize)]
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
    /// Wrong guesses at an application's codes in 24 hours that are worth an alarm.
    pub app_guesses_alarm: u32,
    /// Those that end the making of codes.
    pub app_guesses_stop: u32,
    /// An application's sends to one prefix in an hour.
    pub prefix_per_hour: u32,
    /// The same in 24 hours.
    pub prefix_per_day: u32,
    /// Its sends to each country in 24 hours; with any here, others are closed unless there is a `default`.
    pub countries: HashMap<String, u32>,
    /// Its sends in a second.
    pub app_per_second: u32,
    /// The same in 24 hours.
    pub app_per_day: u32,
    /// Its codes to a country in an hour, of which some have to come back.
    pub conversion_codes: u32,
    /// Percent of them that raise an alarm when fewer come back.
    pub conversion_alarm: u8,
    /// Percent of them that end sending there when fewer come back.
    pub conversion_stop: u8,
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
        require(
            self.sends_per_day <= ledger::Limits::MOST,
            "limits.sends_per_day",
            "must be 64 or less, or 0 for any",
        )?;
        for (key, percent) in
            [("limits.conversion_alarm", self.conversion_alarm), ("limits.conversion_stop", self.conversion_stop)]
        {
            require(percent <= 100, key, "must be 0 to 100 percent")?;
        }
        let unknown = |country: &&String| *country != OTHERS && !is_country(country);
        match self.countries.keys().filter(unknown).min() {
            None => Ok(()),
            Some(country) => Err(ConfigError::invalid(
                format!("limits.countries.{country}"),
                "is no country: write the two capital letters of ISO 3166, such as \"SG\", or `default`",
            )),
        }
    }
}

impl Pace {
    pub(super) fn validate(&self, key: &str) -> Result<(), ConfigError> {
        let most = self.per_10_minutes.max(self.per_hour).max(self.per_day);
        require(most <= ledger::Limits::MOST, key, "has numbers that must be 64 or less, or 0 for any")?;
        require(self.gap <= Duration::from_hours(24), key, "has a gap that must be 24h or less")
    }
}

impl From<&Limits> for ledger::Limits {
    fn from(limits: &Limits) -> Self {
        let Limits { guesses_per_day, guesses_per_month, guesses_since_success, sends_per_day, .. } = *limits;
        Self { guesses_per_day, guesses_per_month, guesses_since_success, sends_per_day }
    }
}

impl From<&Limits> for Caps {
    fn from(limits: &Limits) -> Self {
        let Limits { prefix_per_hour, prefix_per_day, app_per_second, app_per_day, .. } = *limits;
        let countries = countries(&limits.countries);
        Self { prefix_per_hour, prefix_per_day, countries, app_per_second, app_per_day }
    }
}

impl From<&Limits> for Spray {
    fn from(limits: &Limits) -> Self {
        Self { alarm: limits.app_guesses_alarm, stop: limits.app_guesses_stop }
    }
}

impl From<&Limits> for Conversion {
    fn from(limits: &Limits) -> Self {
        Self { codes: limits.conversion_codes, alarm: limits.conversion_alarm, stop: limits.conversion_stop }
    }
}

/// Without any, all are open.
fn countries(table: &HashMap<String, u32>) -> Countries {
    if table.is_empty() {
        return Countries::default();
    }
    let listed = table.iter().filter(|(country, _)| *country != OTHERS);
    Countries {
        listed: listed.map(|(country, most)| (country.clone(), *most)).collect(),
        others: table.get(OTHERS).copied(),
    }
}

impl From<Pace> for ledger::Pace {
    fn from(pace: Pace) -> Self {
        let Pace { gap, per_10_minutes, per_hour, per_day } = pace;
        Self { gap, per_10_minutes, per_hour, per_day }
    }
}
