//! `[delivery]`: the outbox worker, and what messages may carry.

use std::time::Duration;

use serde::Deserialize;

use super::{
    error::{ConfigError, require},
    value::{duration, optional},
};

/// `[delivery]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Messages this node hands over at once.
    pub concurrency: usize,
    /// How long a taken message stays this node's; no hand-over takes longer.
    #[serde(deserialize_with = "duration")]
    pub lease: Duration,
    /// Least life a code must have left to be sent.
    #[serde(deserialize_with = "duration")]
    pub min_life_left: Duration,
    /// Pause before the second try.
    #[serde(deserialize_with = "duration")]
    pub retry_first: Duration,
    /// Tries in all.
    pub max_tries: u8,
    /// Values allowed in `params.from_id`.
    pub sender_ids: Vec<String>,
    /// Base address for messages that carry a link.
    #[serde(deserialize_with = "optional")]
    pub pwa_base_url: Option<String>,
}

impl Delivery {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        require(self.concurrency > 0, "delivery.concurrency", "must be at least 1")?;
        require(self.max_tries > 0, "delivery.max_tries", "must be at least 1")?;
        require(!self.retry_first.is_zero(), "delivery.retry_first", "must be longer than 0s")?;
        require(!self.lease.is_zero(), "delivery.lease", "must be longer than 0s")?;
        let web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        let shape = "must begin with \"https://\" (or \"http://\"), or be \"\"";
        require(self.pwa_base_url.as_ref().is_none_or(web), "delivery.pwa_base_url", shape)
    }
}
