//! `[mailpass]`.

use std::time::Duration;

use serde::Deserialize;

use super::{
    error::{ConfigError, require},
    limits::Pace,
    value::{duration, optional},
};

/// What a code may be told to live (MailPass spec 1.1).
const LIVES: std::ops::RangeInclusive<Duration> = Duration::from_mins(1)..=Duration::from_hours(1);

/// `[mailpass]` (MailPass spec 1.6).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mailpass {
    /// Whether `/api/v1` is served.
    pub enabled: bool,
    /// The host name whose paths are all its own.
    #[serde(deserialize_with = "optional")]
    pub host: Option<String>,
    /// How long a code lives where the request does not say.
    #[serde(deserialize_with = "duration")]
    pub default_ttl: Duration,
    /// Wrong guesses that end a code, 1 to 5.
    pub max_attempts: u8,
    /// Requests of one key in a minute; 0 is any number.
    pub rate_per_minute: u32,
    /// How often one recipient is sent to.
    pub pace: Pace,
    /// What mails are written in.
    pub language: MailLanguage,
    /// Whether failures are answered with status 200.
    pub errors_as_200: bool,
}

/// A language of the service's own pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailLanguage {
    /// Korean.
    Ko,
    /// English.
    En,
    /// German.
    De,
    /// Japanese.
    Ja,
    /// Chinese, simplified.
    Zh,
    /// French.
    Fr,
}

impl Mailpass {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        require(LIVES.contains(&self.default_ttl), "mailpass.default_ttl", "must be \"60s\" to \"1h\"")?;
        let whole = self.default_ttl.subsec_nanos() == 0;
        require(whole, "mailpass.default_ttl", "must be whole seconds")?;
        self.pace.validate("mailpass.pace")?;
        require((1..=5).contains(&self.max_attempts), "mailpass.max_attempts", "must be 1 to 5")
    }
}
