//! `[engagelab]`.

use serde::Deserialize;

use super::{
    error::{ConfigError, require},
    limits::Pace,
    value::optional,
};

/// `[engagelab]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Engagelab {
    /// Whether `/v1` is served.
    pub enabled: bool,
    /// The host name whose paths are all its own.
    #[serde(deserialize_with = "optional")]
    pub host: Option<String>,
    /// Wrong guesses that end a code, 1 to 5 (security 5).
    pub max_guesses: u8,
    /// Requests of one key in a minute; 0 is any number (spec 10, row 25).
    pub rate_per_minute: u32,
    /// How often one recipient is sent to.
    pub pace: Pace,
}

impl Engagelab {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        self.pace.validate("engagelab.pace")?;
        require((1..=5).contains(&self.max_guesses), "engagelab.max_guesses", "must be 1 to 5")
    }
}
