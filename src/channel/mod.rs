//! Providers: what carries a message to a person. Nothing about texts, limits or fallback lives here.

#[cfg(test)]
mod documented;
mod fields;
mod html_text;
pub mod http;
pub mod inbound;
pub mod inbox;
pub mod inbox_reader;
pub mod otlp;
mod registry;
pub mod smpp;
pub mod smtp;
pub mod tls;
pub mod twilio;
pub mod web;
pub mod whatsapp;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::core::{
    channel::Channel,
    plan::{Content, Outgoing},
};

pub use inbound::{News, NotBelieved, Receipt, Report, Sink, Unkept, Uplink, Webhook, WebhookRequest};
pub use registry::{Carrier, Registry};
pub use tls::install_crypto;

/// What a provider said when it took a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// The provider's own id of the message, if it gave one.
    pub reference: Option<String>,
}

/// Why a provider will never take this message; the 50xx rows of spec 2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// General.
    Other,
    /// Not a number or address of the network.
    BadAddress,
    /// Nothing there to be reached.
    Unreachable,
    /// On a list of those who get nothing.
    Listed,
    /// The text is not acceptable.
    Content,
    /// Held back on its way, as spam or by a network's own rules.
    Intercepted,
    /// The provider's own fault, for good.
    Provider,
    /// The account may not send into that country.
    Region,
    /// The handset is off, faulty or suspended.
    Handset,
    /// The person has unsubscribed.
    Unsubscribed,
    /// Nobody has that number.
    NoSuchNumber,
}

impl Refusal {
    /// The number of spec 2.1.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Other => 5001,
            Self::BadAddress => 5011,
            Self::Unreachable => 5012,
            Self::Listed => 5013,
            Self::Content => 5014,
            Self::Intercepted => 5015,
            Self::Provider => 5016,
            Self::Region => 5017,
            Self::Handset => 5018,
            Self::Unsubscribed => 5019,
            Self::NoSuchNumber => 5020,
        }
    }
}

/// Two kinds of failure: the plan goes on to the next channel, or the same one is tried later.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The provider says no, and will say no again.
    #[error("the provider refused the message: {detail}")]
    Refused {
        /// Which kind of no.
        refusal: Refusal,
        /// The provider's words, free of recipient and code.
        detail: String,
    },
    /// The provider could not be asked, or asks to wait.
    #[error("the provider is unavailable: {detail}")]
    Unavailable {
        /// When it wants to be asked again, if it said so.
        retry_after: Option<Duration>,
        /// Whether it may have taken the message all the same: it was asked, and its answer was lost.
        maybe_taken: bool,
        /// What happened, free of recipient and code.
        detail: String,
    },
}

impl DeliveryError {
    /// A refusal.
    fn refused(refusal: Refusal, detail: impl Into<String>) -> Self {
        Self::Refused { refusal, detail: detail.into() }
    }

    /// A failure to reach the provider, which said nothing about when to come back.
    fn unavailable(detail: impl Into<String>) -> Self {
        Self::Unavailable { retry_after: None, maybe_taken: false, detail: detail.into() }
    }

    /// The message is no longer ours to write.
    fn too_late() -> Self {
        Self::unavailable("it was too late to write the message: somebody else may have it in hand")
    }

    /// The provider was asked and its answer was lost: nobody knows whether it took the message.
    fn unanswered(detail: impl Into<String>) -> Self {
        Self::Unavailable { retry_after: None, maybe_taken: true, detail: detail.into() }
    }
}

/// A provider's settings make no sense. `key` is the name under `[[provider]]`; no value is repeated, it may be secret.
#[derive(Debug, thiserror::Error)]
#[error("`{key}`: {problem}")]
pub struct SettingsError {
    /// The setting.
    pub key: &'static str,
    /// What is wrong with it and what it should be.
    pub problem: String,
}

impl SettingsError {
    fn new(key: &'static str, problem: impl Into<String>) -> Self {
        Self { key, problem: problem.into() }
    }
}

/// Carries messages over one or more channels.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Hands one message over. The answer means "taken", not "arrived".
    async fn deliver(&self, message: &Outgoing<'_>) -> Result<Accepted, DeliveryError>;

    /// Whether it says later what became of a message. Only then can a message be late, and fall back for it.
    fn reports(&self) -> bool {
        false
    }

    /// Whether it says of some messages that they failed, by the reference it gave for them: their hand-over is then kept.
    /// One that `reports` does so of all.
    fn refers(&self) -> bool {
        self.reports()
    }

    /// Reads what the provider posts to us, where it does.
    fn webhook(&self) -> Option<&dyn Webhook> {
        None
    }

    /// Keeps up a connection over which the provider speaks by itself, until `stop`; then it says goodbye and ends. Most
    /// have none.
    async fn listen(&self, _sink: Arc<dyn Sink>, _stop: CancellationToken) {}
}

/// Whether a message may still be written, by [`Outgoing::until`]. To be asked right before it is: a process that stood still in
/// between finds out only here.
fn still_ours(until: Instant) -> bool {
    tokio::time::Instant::now().into_std() < until
}

/// Emails go over the email channel and words over the others; anything else is a mistake of ours that no retry mends.
fn content_fits_channel(message: &Outgoing<'_>) -> Result<(), DeliveryError> {
    match (message.channel, message.content) {
        (Channel::Email, Content::Mail { .. })
        | (Channel::Whatsapp | Channel::Sms | Channel::Voice, Content::Text { .. }) => Ok(()),
        (Channel::Email, Content::Text { .. }) => {
            Err(DeliveryError::refused(Refusal::Content, "the email channel carries emails, not texts"))
        }
        (Channel::Whatsapp | Channel::Sms | Channel::Voice, Content::Mail { .. }) => {
            Err(DeliveryError::refused(Refusal::Content, "only the email channel carries emails"))
        }
    }
}
