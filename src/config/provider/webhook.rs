//! Where a provider reports to us: the keys `webhook_secret` and `webhook_allow` of every kind that has a webhook.

use ipnet::IpNet;
use serde::Deserialize;
use toml::Table;

use crate::config::{
    error::{ConfigError, require},
    secret::Secret,
    value::{networks, typed},
};

/// Fewest base64url characters that hold 128 bits (security C9).
const SHORTEST: usize = 22;

/// The way in for one provider. Without a secret there is none.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhook {
    /// Last part of the path `/providers/NAME/SECRET`.
    #[serde(rename = "webhook_secret")]
    pub secret: Secret,
    /// Whose requests are read; empty means anybody's who knows the secret.
    #[serde(rename = "webhook_allow", deserialize_with = "networks")]
    pub allow: Vec<IpNet>,
}

impl Webhook {
    /// Takes its keys out of a provider's table; most kinds have none.
    pub(super) fn take(provider: &mut Table, section: &str) -> Result<Self, ConfigError> {
        let keys = ["webhook_secret", "webhook_allow"];
        let ours = keys.into_iter().filter_map(|key| Some((key.to_owned(), provider.remove(key)?)));
        typed(ours.collect(), section)
    }

    /// Whether there is a way in.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.secret.is_empty()
    }

    pub(super) fn validate(&self, section: &str) -> Result<(), ConfigError> {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let secret = self.secret.expose();
        let shape =
            "must be 22 or more of the letters A-Z, a-z, 0-9, \"-\" and \"_\": make one with `openssl rand -hex 16`";
        let enough = secret.is_empty() || secret.len() >= SHORTEST;
        require(enough && secret.bytes().all(good), &format!("{section}.webhook_secret"), shape)?;
        let lone = "is set but `webhook_secret` is not: without it the provider has no way in";
        require(self.is_open() || self.allow.is_empty(), &format!("{section}.webhook_allow"), lone)
    }
}
