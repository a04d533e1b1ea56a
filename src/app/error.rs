//! Why the program cannot start or go on.

use crate::{
    config::ConfigError, core::entropy::NoEntropy, datadir::DataDirError, keyfile::KeyFileError, server::tls::TlsError,
    service, store::StoreError,
};

/// Why the program cannot start or go on; the text names what to do where there is something to be done.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data directory.
    #[error(transparent)]
    Data(#[from] DataDirError),
    /// The key ring.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    /// The database.
    #[error("database: {0}")]
    Store(#[from] StoreError),
    /// A use case.
    #[error("{0}")]
    Service(#[from] service::Error),
    /// A provider's settings.
    #[error("`provider.{provider}.{key}` {problem}")]
    Provider {
        /// Which provider.
        provider: String,
        /// Which key.
        key: &'static str,
        /// What is wrong with it, and the remedy.
        problem: String,
    },
    /// A file that the configuration names.
    #[error("`{key}`: {path}: {source}")]
    File {
        /// Which key names it.
        key: String,
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Certificate or key of the listener.
    #[error("`http.tls`: {0}")]
    Tls(#[from] TlsError),
    /// The exporter of spans.
    #[error("`trace.otlp_endpoint` cannot be used: write it like \"http://127.0.0.1:4318\"")]
    Trace,
    /// The address is taken, or not ours.
    #[error("`http.listen`: {0}")]
    Listen(#[source] std::io::Error),
    /// The system's signals cannot be caught.
    #[error("no signal can be caught: {0}")]
    Signals(#[source] std::io::Error),
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
}
