//! What can be wrong with a configuration.

use std::io;

/// Names the full key and the remedy. It never holds the value of a key that may be secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file named by the operator cannot be read; `what` is its path or the key that names it.
    #[error("{what} cannot be read: {source}")]
    Unreadable {
        /// Path, or key and path.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// Not TOML. The line itself is not shown, because it may hold a secret.
    #[error("{file}, line {line}: {problem}")]
    Syntax {
        /// Path of the file.
        file: String,
        /// Counted from 1.
        line: usize,
        /// The parser's words.
        problem: String,
    },
    /// A key that means nothing.
    #[error("`{key}` is not a known key{}", hint(.known.as_deref()))]
    UnknownKey {
        /// With its sections.
        key: String,
        /// The known key that looks most like it.
        known: Option<String>,
    },
    /// Right key, wrong type.
    #[error("`{key}` is {found}, but must be {expected}")]
    WrongType {
        /// With its sections.
        key: String,
        /// TOML type, with article.
        found: &'static str,
        /// TOML type, with article.
        expected: &'static str,
    },
    /// A value that cannot be used, or does not go with another.
    #[error("`{key}` {problem}")]
    Invalid {
        /// With its sections.
        key: String,
        /// Goes on after the key; says what to do.
        problem: String,
    },
}

impl ConfigError {
    pub(super) fn invalid(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Invalid { key: key.into(), problem: problem.into() }
    }
}

/// `Ok` if `good`, else what to tell the operator about `key`.
pub(super) fn require(good: bool, key: &str, problem: &str) -> Result<(), ConfigError> {
    if good { Ok(()) } else { Err(ConfigError::invalid(key, problem)) }
}

fn hint(known: Option<&str>) -> String {
    known.map_or_else(|| "; config.example.toml lists them all".to_owned(), |key| format!("; did you mean `{key}`?"))
}
