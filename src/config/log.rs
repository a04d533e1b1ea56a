//! `[log]`.

use serde::Deserialize;

use super::error::{ConfigError, require};

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// `[log]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// How log lines look.
    pub format: LogFormat,
    /// A level, or levels per module, as `tracing_subscriber::EnvFilter` reads them.
    pub level: String,
}

impl Log {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        require(!self.level.is_empty(), "log.level", "is empty: set a level such as \"info\"")
    }
}
