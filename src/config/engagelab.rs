//! `[engagelab]`.

use serde::Deserialize;

use super::error::{ConfigError, require};

/// `[engagelab]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Engagelab {
    /// Whether `/v1` is served.
    pub enabled: bool,
    /// Wrong guesses that end a code, 1 to 5 (security 5).
    pub max_guesses: u8,
}

impl Engagelab {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        require((1..=5).contains(&self.max_guesses), "engagelab.max_guesses", "must be 1 to 5")
    }
}
