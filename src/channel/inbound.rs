//! What providers tell us by themselves: what became of a message, and what people write back.

use async_trait::async_trait;
use http::{HeaderMap, Method};

/// What finally became of a message that a provider took. What is not final (queued, on its way) is no report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// It is on the recipient's device.
    Delivered,
    /// It will never be; a number of the 50xx rows of spec 2.1.
    Failed(i16),
}

/// A delivery receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The id that the provider gave when it took the message ([`Accepted::reference`](super::Accepted::reference)).
    pub reference: String,
    /// What became of it.
    pub report: Report,
    /// The provider's reason, free of recipient and text.
    pub detail: Option<String>,
}

/// A message that somebody sent to us. It may hold anything: no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Uplink {
    /// The provider's id of it; the same one is told once.
    pub reference: String,
    /// Our account at the provider, where it names one.
    pub account: String,
    /// Who wrote.
    pub from: String,
    /// To which of our numbers.
    pub to: String,
    /// What.
    pub body: String,
}

/// It could not be written down: the provider should tell it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what the provider told was not kept")]
pub struct Unkept;

/// Where news go. What it answers with `Ok` is on disk.
#[async_trait]
pub trait Sink: Send + Sync {
    /// Keeps receipts of the provider of that name, in any order and as often as they come.
    async fn receipts(&self, provider: &str, receipts: Vec<Receipt>) -> Result<(), Unkept>;

    /// Keeps a message that somebody sent to us.
    async fn uplink(&self, provider: &str, uplink: Uplink) -> Result<(), Unkept>;
}

/// A request that a provider sent to its webhook.
pub struct WebhookRequest<'a> {
    /// Method.
    pub method: &'a Method,
    /// What follows `?`, undecoded; empty for none.
    pub query: &'a str,
    /// Headers.
    pub headers: &'a HeaderMap,
    /// The body as it came, 64 KiB at most.
    pub body: &'a [u8],
}

/// What a webhook's request says, and what to answer once it is kept.
#[derive(Default)]
pub struct News {
    /// Receipts.
    pub receipts: Vec<Receipt>,
    /// Messages from people.
    pub uplinks: Vec<Uplink>,
    /// Body of the answer, `text/plain`.
    pub answer: String,
}

/// Why a request to a webhook is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotBelieved {
    /// Its signature or token is missing or wrong.
    #[error("the request is not signed by the provider")]
    Forged,
    /// It is signed, and not what the provider's documents describe.
    #[error("the request is not of the documented form")]
    Malformed,
}

/// Reads a provider's webhook requests; believes only what is proven to be its own (security C9).
pub trait Webhook: Send + Sync {
    /// What the request says.
    fn read(&self, request: &WebhookRequest<'_>) -> Result<News, NotBelieved>;
}
