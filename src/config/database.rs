//! `[database]`, and which database that means.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{
    error::{ConfigError, require},
    secret::Secret,
};

/// `[database]`; 0 leaves a number to the kind of database.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    url: Secret,
    max_connections: u32,
    lanes: usize,
    /// Sends and verifies that share a commit, at most.
    pub group_max: usize,
    /// Requests that may wait to be written.
    pub queue: usize,
}

/// Which database. No `Debug`: the URL may hold a password.
#[derive(Clone)]
pub enum Kind {
    /// A file.
    Sqlite(PathBuf),
    /// A server; the URL as it was given.
    Postgres(Secret),
}

const IN_MEMORY: &str = "is in memory, where nothing accepted would survive: name a file";
const WRONG: &str =
    "must begin with \"sqlite://\" or \"postgres://\", or be \"\" for verifyd.db in `data_dir`: correct the beginning";

impl Database {
    pub(super) fn kind(&self, data_dir: &Path) -> Result<Kind, ConfigError> {
        let url = self.url.expose();
        if url.is_empty() {
            return Ok(Kind::Sqlite(data_dir.join("verifyd.db")));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Kind::Postgres(self.url.clone()));
        }
        let rest = url.strip_prefix("sqlite:").ok_or_else(|| ConfigError::invalid("database.url", WRONG))?;
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        match rest.split('?').next().unwrap_or_default() {
            "" => Err(ConfigError::invalid("database.url", "has no path: write it like \"sqlite://path/to/file.db\"")),
            ":memory:" => Err(ConfigError::invalid("database.url", IN_MEMORY)),
            path => Ok(Kind::Sqlite(path.into())),
        }
    }

    pub(super) fn url(&self, data_dir: &Path) -> Secret {
        if self.url.is_empty() {
            return Secret::new(format!("sqlite://{}", data_dir.join("verifyd.db").display()));
        }
        self.url.clone()
    }

    /// Connections of this node: those given, else 4 for reading `SQLite` and 32 for `PostgreSQL` (security 5).
    #[must_use]
    pub const fn max_connections(&self, kind: &Kind) -> u32 {
        match (self.max_connections, kind) {
            (0, Kind::Sqlite(_)) => 4,
            (0, Kind::Postgres(_)) => 32,
            (given, _) => given,
        }
    }

    /// Writing tasks: those given, else 1 (performance 9).
    #[must_use]
    pub const fn lanes(&self) -> usize {
        match self.lanes {
            0 => 1,
            given => given,
        }
    }

    pub(super) fn validate(&self, data_dir: &Path) -> Result<(), ConfigError> {
        let kind = self.kind(data_dir)?;
        let one = "must be 1 (or 0) on SQLite, which has one writer: remove it, or use PostgreSQL";
        require(matches!(kind, Kind::Postgres(_)) || self.lanes <= 1, "database.lanes", one)?;
        require(self.group_max > 0, "database.group_max", "must be at least 1")?;
        require(self.queue >= self.group_max, "database.queue", "must be at least `group_max`, or no group gets full")
    }
}
