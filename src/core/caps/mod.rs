//! How much an application sends to one corner of the world, and in all: what somebody who is paid for messages, and has many
//! sent, runs into (security C1). The windows are those of [`super::rate`]; here is which of them a send counts in, and what
//! their counts mean.

mod tally;

use std::{collections::HashMap, time::Duration};

use super::{recipient::Recipient, refusal::Rule};

pub use tally::{Counted, Tally};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// What is allowed in a second is counted over two, so that twice as much may come at once.
const SECONDS: u32 = 2;

/// How much is sent for an application; 0 is any number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    /// In an hour to numbers that differ in their last four digits only.
    pub prefix_per_hour: u32,
    /// The same in 24 hours.
    pub prefix_per_day: u32,
    /// To each country in 24 hours.
    pub countries: Countries,
    /// In a second; twice as much may come at once.
    pub app_per_second: u32,
    /// In 24 hours.
    pub app_per_day: u32,
}

/// Which countries are open, and for how many messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Countries {
    /// By ISO 3166 code.
    pub listed: HashMap<String, u32>,
    /// For each other, and for numbers that are in none; `None` where those are closed.
    pub others: Option<u32>,
}

impl Default for Countries {
    /// All open, for any number.
    fn default() -> Self {
        Self { listed: HashMap::new(), others: Some(0) }
    }
}

/// Nothing is sent to that country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

/// One window that a send counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap<'a> {
    /// Which rule it belongs to.
    pub rule: Rule,
    /// What of the application it is about; empty for all of it.
    pub subject: &'a str,
    /// How many fit in.
    pub most: u32,
    /// How long it is.
    pub span: Duration,
}

impl Caps {
    /// Whether anything may be sent anywhere.
    #[must_use]
    pub fn allow_all(&self) -> bool {
        *self == Self::default()
    }

    /// The windows that a send to this recipient counts in, the narrowest first. Mail has no prefix and no country.
    pub fn on<'a>(&self, recipient: &'a Recipient) -> Result<Vec<Cap<'a>>, Closed> {
        let cap = |rule, subject, most, span| Cap { rule, subject, most, span };
        let mut caps = Vec::with_capacity(5);
        if let Some(prefix) = recipient.prefix() {
            caps.push(cap(Rule::Prefix, prefix, self.prefix_per_hour, HOUR));
            caps.push(cap(Rule::Prefix, prefix, self.prefix_per_day, DAY));
            if self.countries != Countries::default() {
                let country = recipient.country().unwrap_or_default();
                caps.push(cap(Rule::Country, country, self.countries.most(country).ok_or(Closed)?, DAY));
            }
        }
        let at_once = self.app_per_second.saturating_mul(SECONDS);
        caps.push(cap(Rule::App, "", at_once, Duration::from_secs(SECONDS.into())));
        caps.push(cap(Rule::App, "", self.app_per_day, DAY));
        caps.retain(|cap| cap.most > 0);
        Ok(caps)
    }
}

impl Countries {
    fn most(&self, country: &str) -> Option<u32> {
        self.listed.get(country).copied().or(self.others)
    }
}

#[cfg(test)]
mod tests;
