//! Callbacks, as the operator manages them (spec 5.1, 5.2).

mod logins;
mod manage;
mod news;
mod notices;
mod request;

use std::time::Duration;

pub use news::NEWS_PAGE;

use super::Error;
use crate::{
    channel::web::Forbidden,
    core::callback::{Callback, Ending, Secrets, Topics},
};

pub(super) use logins::Login;
pub use logins::ToldLogins;

/// A receiver that is tried out answers within that (spec 5.2).
const PROBE_DEADLINE: Duration = Duration::from_secs(3);
/// A receiver that is told something answers within that (spec 10, row 30).
const POST_DEADLINE: Duration = Duration::from_secs(5);

/// An address to be added.
pub struct NewCallback {
    /// Free text.
    pub description: String,
    /// Where requests go.
    pub url: String,
    /// Name in the dialect's own signature; empty for none.
    pub username: String,
    /// The secret that goes with it; `None` draws one.
    pub secret: Option<String>,
    /// Value of the `Authorization` header.
    pub authorization: Option<String>,
    /// What it is told.
    pub topics: Topics,
}

/// What is to be different about an address; `None` leaves a thing as it is.
#[derive(Default)]
pub struct CallbackChange {
    /// Free text.
    pub description: Option<String>,
    /// Where requests go. To another host the stored `Authorization` is not sent: it has to be given anew.
    pub url: Option<String>,
    /// Name in the dialect's own signature; empty for none.
    pub username: Option<String>,
    /// The secret that goes with it.
    pub secret: Option<String>,
    /// Value of the `Authorization` header; empty for none.
    pub authorization: Option<String>,
    /// What it is told.
    pub topics: Option<Topics>,
    /// On or off.
    pub enabled: Option<bool>,
}

impl CallbackChange {
    /// Whether it is switched on or off, and nothing else: then the receiver is not asked.
    const fn only_switches(&self) -> bool {
        let Self {
            description: None, url: None, username: None, secret: None, authorization: None, topics: None, ..
        } = self
        else {
            return false;
        };
        self.enabled.is_some()
    }
}

/// An address with the secrets that sign for it, shown once. No `Debug`.
pub struct CallbackSecrets {
    /// The address.
    pub callback: Callback,
    /// The secrets.
    pub secrets: Secrets,
}

/// Why an address was not kept.
#[derive(Debug, thiserror::Error)]
pub enum CallbackError {
    /// There is none of that id.
    #[error("there is no such callback")]
    Unknown,
    /// The application has one with this URL.
    #[error("the application has a callback with this URL already")]
    Exists,
    /// The URL may not be asked.
    #[error("the URL cannot be used: {0}")]
    Url(#[from] Forbidden),
    /// Another value cannot be used; the text says which and why.
    #[error("{0}")]
    Invalid(&'static str),
    /// The receiver did not answer the probe with a 2xx.
    #[error("the receiver {}; nothing was changed", said(*.0))]
    Probe(Ending),
    /// Something else.
    #[error(transparent)]
    Service(#[from] Error),
}

fn said(ending: Ending) -> String {
    ending.status.map_or_else(
        || format!("could not be reached, or did not answer within {} seconds", PROBE_DEADLINE.as_secs()),
        |status| format!("answered the probe with {status}, not with a 2xx"),
    )
}
