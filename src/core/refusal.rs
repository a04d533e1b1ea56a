//! The record of a decision against a send: which rule it was, how much was used of how much, and when it lifts.

use super::clock::Timestamp;

/// Which rule refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Too soon after the last send to this recipient.
    Gap,
    /// Too many sends to this recipient.
    Sends,
    /// Too many wrong guesses at this recipient's codes in a time.
    Guesses,
    /// Too many wrong guesses at them since the last right one.
    Locked,
    /// Too many sends to numbers that differ from this one in their last digits only.
    Prefix,
    /// Too many sends to this country, or it is closed.
    Country,
    /// Too many sends of the application.
    App,
    /// Too many wrong guesses at the application's codes.
    AppGuesses,
    /// Too few of the application's codes come back from this country.
    Conversion,
}

impl Rule {
    /// The word in metrics and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::Sends => "sends",
            Self::Guesses => "guesses",
            Self::Locked => "locked",
            Self::Prefix => "prefix",
            Self::Country => "country",
            Self::App => "app",
            Self::AppGuesses => "app_guesses",
            Self::Conversion => "conversion",
        }
    }
}

/// The record of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// By which rule.
    pub rule: Rule,
    /// How much was used.
    pub used: u32,
    /// Of how much.
    pub limit: u32,
    /// When it lifts by itself; `None` when it does not.
    pub lifts_at: Option<Timestamp>,
}
