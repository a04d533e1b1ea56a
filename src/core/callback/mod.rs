//! Callbacks: what an application wants told to which address, and how (spec 5). Each dialect words them.

mod credentials;
mod health;
mod news;
mod schedule;
mod topic;

use super::clock::Timestamp;

pub use credentials::{Credentials, Secrets, SigningError};
pub use health::{Ending, Health};
pub use news::{News, Notice, Operator, Status, What};
pub use schedule::{RETRIES, pause};
pub use topic::{Family, Topic, Topics};

/// Rows in one request.
pub const MAX_ROWS: usize = 100;

/// One address of one application, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// Snowflake.
    pub id: i64,
    /// Owner.
    pub app: i64,
    /// Free text.
    pub description: String,
    /// Where requests go; unique in the application.
    pub url: String,
    /// Name in `X-CALLBACK-ID`; empty for none, then that header is not sent.
    pub username: String,
    /// What it is told.
    pub topics: Topics,
    /// Off when false.
    pub enabled: bool,
    /// How it has been doing.
    pub health: Health,
    /// Made at.
    pub created_at: Timestamp,
}

impl Callback {
    /// Whether it is to be told of this.
    #[must_use]
    pub const fn wants(&self, topic: Topic) -> bool {
        self.enabled && self.topics.contains(topic)
    }
}

/// How a dialect words callbacks.
pub trait Format: Send + Sync {
    /// The body of one request.
    fn body(&self, news: &[News]) -> String;

    /// The body of the request that tries out an address.
    fn probe(&self) -> &'static str;

    /// The header, name and value, by which a receiver knows us; `nonce` is random and made of letters and digits.
    fn proof(&self, username: &str, secret: &str, nonce: &str, now: Timestamp) -> (&'static str, String);
}
