//! What an operator can choose (architecture 2.9): the commented defaults, then a file, then the environment.
//!
//! `config.example.toml` is the set of defaults, so the two cannot differ. Every key has its place there.

use std::path::{Path, PathBuf};

use serde::Deserialize;
mod admin;
mod airtexts;
mod billing;
mod callbacks;
mod check;
pub mod database;
mod delivery;
mod dialects;
mod effective;
mod engagelab;
mod environment;
mod error;
mod http;
mod layer;
mod limits;
mod log;
mod mailpass;
mod optora;
pub mod provider;
mod published;
mod secret;
mod templates;
mod trace;
mod value;

pub use admin::Admin;
pub use airtexts::{Airtexts, AirtextsUser};
pub use billing::Billing;
pub use callbacks::Callbacks;
pub use delivery::Delivery;
pub use dialects::Placing;
pub use engagelab::Engagelab;
pub use error::ConfigError;
pub use http::{Http, Tls};
pub use limits::{Limits, Pace};
pub use log::{Log, LogFormat};
pub use mailpass::{MailLanguage, Mailpass};
pub use optora::{LinkMode, Messages, Optora};
pub use provider::{Provider, ProviderKind};
pub use secret::Secret;
pub use templates::Templates;
pub use trace::Trace;

use database::{Database, Kind};
use layer::Layers;

/// The commented defaults, as `verifyd` prints them for a new installation.
pub const EXAMPLE: &str = include_str!("../../config.example.toml");
/// The file that is read when none is named and it exists.
pub const DEFAULT_FILE: &str = "verifyd.toml";

/// The whole configuration, checked. No `Debug`: it holds secrets; [`Config::effective`] is for showing.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the key ring and the `SQLite` database live.
    pub data_dir: PathBuf,
    /// Logging.
    pub log: Log,
    /// The listener and its limits.
    pub http: Http,
    /// The store.
    pub database: Database,
    /// What holds for a recipient whichever dialect sends.
    pub limits: Limits,
    /// The management API.
    pub admin: Admin,
    /// The `EngageLab` dialect.
    pub engagelab: Engagelab,
    /// The `MailPass` dialect.
    pub mailpass: Mailpass,
    /// The `AirTexts` dialect.
    pub airtexts: Airtexts,
    /// The Optora dialect.
    pub optora: Optora,
    /// The outbox worker and what messages may carry.
    pub delivery: Delivery,
    /// What it costs to hand messages over.
    pub billing: Billing,
    /// How receivers of callbacks are told.
    pub callbacks: Callbacks,
    /// Template approval.
    pub templates: Templates,
    /// Spans for a collector.
    pub trace: Trace,
    /// In the order of the file; without any in the file, one inbox for every channel.
    #[serde(skip)]
    pub providers: Vec<Provider>,
    /// What is to be said at start.
    #[serde(skip)]
    pub notes: Vec<&'static str>,
    #[serde(skip)]
    effective: String,
}

impl Config {
    /// From the defaults, the file (`./verifyd.toml`, where there is one, if none is named) and `env`, of which only
    /// `VERIFYD__…` and what the Optora dialect publishes is looked at.
    pub fn load(path: Option<&Path>, env: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let default_file = Path::new(DEFAULT_FILE);
        let file = path.or_else(|| default_file.exists().then_some(default_file));
        let mut layers = Layers::defaults()?;
        if let Some(file) = file {
            let text = std::fs::read_to_string(file)
                .map_err(|source| ConfigError::Unreadable { what: file.display().to_string(), source })?;
            layers.add_file(&file.display().to_string(), &text)?;
        }
        layers.add_environment(env)?;
        Self::from_layers(layers)
    }

    /// From the defaults and the text of a file.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        let mut layers = Layers::defaults()?;
        layers.add_file("the configuration", text)?;
        Self::from_layers(layers)
    }

    fn from_layers(mut layers: Layers) -> Result<Self, ConfigError> {
        layers.read_secret_files()?;
        let mut config: Self = value::typed(layers.sections.clone(), "")?;
        config.providers = layers.providers.iter().cloned().map(Provider::read).collect::<Result<_, _>>()?;
        config.validate(!layers.implicit_inbox)?;
        config.notes.clone_from(&layers.notes);
        let uncapped = config.uncapped();
        config.notes.extend(uncapped);
        config.effective = effective::show(layers);
        Ok(config)
    }

    /// The database of this installation: `database.url`, or `verifyd.db` in `data_dir`.
    pub fn database_kind(&self) -> Result<Kind, ConfigError> {
        self.database.kind(&self.data_dir)
    }

    /// The same as a connection URL.
    #[must_use]
    pub fn database_url(&self) -> Secret {
        self.database.url(&self.data_dir)
    }

    /// Every key with the value in use, as TOML; secrets are `***`.
    #[must_use]
    pub fn effective(&self) -> &str {
        &self.effective
    }
}

#[cfg(test)]
mod tests;
