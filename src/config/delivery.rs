//! `[delivery]`: the outbox worker, and what messages may carry.

use std::time::Duration;

use serde::Deserialize;

use super::{
    error::{ConfigError, require},
    value::{duration, optional},
};
use crate::core::{plan::LateAfter, routing};

/// `[delivery]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Messages this node hands to one provider at once.
    pub concurrency: usize,
    /// How long a taken message stays this node's; no hand-over takes longer.
    #[serde(deserialize_with = "duration")]
    pub lease: Duration,
    /// How long a caller waits for the first delivery.
    #[serde(deserialize_with = "duration")]
    pub first_delivery: Duration,
    /// Least life a code must have left to be sent.
    #[serde(deserialize_with = "duration")]
    pub min_life_left: Duration,
    /// Pause before the second try.
    #[serde(deserialize_with = "duration")]
    pub retry_first: Duration,
    /// Tries in all.
    pub max_tries: u8,
    /// "ordered" or "weighted".
    pub routing: Routing,
    /// How long a channel may take before the next one is used.
    pub late: Late,
    /// Values allowed in `params.from_id`.
    pub sender_ids: Vec<String>,
    /// Base address for messages that carry a link.
    #[serde(deserialize_with = "optional")]
    pub pwa_base_url: Option<String>,
}

/// `delivery.routing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Routing {
    /// The first provider of a channel that works.
    Ordered,
    /// By `weight`.
    Weighted,
}

/// `[delivery.late]`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Late {
    /// After a `WhatsApp` message.
    #[serde(deserialize_with = "duration")]
    pub whatsapp: Duration,
    /// After a short message.
    #[serde(deserialize_with = "duration")]
    pub sms: Duration,
    /// After a voice call.
    #[serde(deserialize_with = "duration")]
    pub voice: Duration,
    /// After an email.
    #[serde(deserialize_with = "duration")]
    pub email: Duration,
}

impl From<Late> for LateAfter {
    fn from(late: Late) -> Self {
        Self { whatsapp: late.whatsapp, sms: late.sms, email: late.email, voice: late.voice }
    }
}

impl Delivery {
    /// How providers share the messages of a channel.
    #[must_use]
    pub const fn routing(&self) -> routing::Routing {
        match self.routing {
            Routing::Ordered => routing::Routing::Ordered,
            Routing::Weighted => routing::Routing::Weighted,
        }
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        require(self.concurrency > 0, "delivery.concurrency", "must be at least 1")?;
        require(self.max_tries > 0, "delivery.max_tries", "must be at least 1")?;
        require(!self.retry_first.is_zero(), "delivery.retry_first", "must be longer than 0s")?;
        require(!self.lease.is_zero(), "delivery.lease", "must be longer than 0s")?;
        let late = [
            ("delivery.late.whatsapp", self.late.whatsapp),
            ("delivery.late.sms", self.late.sms),
            ("delivery.late.voice", self.late.voice),
            ("delivery.late.email", self.late.email),
        ];
        for (key, time) in late {
            require(!time.is_zero(), key, "must be longer than 0s")?;
        }
        let web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        let shape = "must begin with \"https://\" (or \"http://\"), or be \"\"";
        require(self.pwa_base_url.as_ref().is_none_or(web), "delivery.pwa_base_url", shape)
    }
}
