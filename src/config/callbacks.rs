//! `[callbacks]`: how receivers are told.

use ipnet::IpNet;
use serde::Deserialize;

use super::{
    error::{ConfigError, require},
    value::networks,
};

/// `[callbacks]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Callbacks {
    /// Requests this node makes at once.
    pub concurrency: usize,
    /// Requests to one receiver at once, over all nodes.
    pub per_receiver: usize,
    /// Whether failures are told that are not the last word on a message.
    pub intermediate_failures: bool,
    /// Networks that may be reached although they are not public.
    #[serde(deserialize_with = "networks")]
    pub dangerous_allow_networks: Vec<IpNet>,
    /// Lets receivers be plain `http`.
    pub dangerous_plain_http: bool,
}

impl Callbacks {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        require(self.concurrency > 0, "callbacks.concurrency", "must be at least 1")?;
        require(self.per_receiver > 0, "callbacks.per_receiver", "must be at least 1")
    }
}
