//! The client for addresses that come from applications: it reaches no machine that an outsider could not reach
//! (security D1), follows no redirect, uses no proxy and reads no more of an answer than it must.

mod addresses;
mod guard;

use std::{sync::OnceLock, time::Duration};

use ipnet::IpNet;
use reqwest::{Client, Url, redirect};

use super::answer::retry_after;
use crate::{channel::install_crypto, core::callback::Ending};
use guard::{Guarded, Names, SystemNames};

pub use guard::{Forbidden, same_origin};

/// How much of an answer is read, in bytes, so that its connection can be used again.
const MAX_ANSWER: usize = 64 * 1024;

/// What an operator lets the client do beyond the rules.
#[derive(Clone, Debug, Default)]
pub struct WebSettings {
    /// Lets addresses be plain `http`.
    pub dangerous_plain_http: bool,
    /// Networks that may be reached although they are not public.
    pub dangerous_allow_networks: Vec<IpNet>,
}

/// See the module. Opens no connection before the first request.
pub struct Web {
    settings: WebSettings,
    names: std::sync::Arc<dyn Names>,
    client: OnceLock<Option<Client>>,
}

/// One request.
pub struct Post<'a> {
    /// Where to.
    pub url: &'a str,
    /// Headers beside `content-type: application/json`.
    pub headers: &'a [(&'static str, String)],
    /// The body.
    pub body: String,
    /// Limit for everything, answer included.
    pub deadline: Duration,
}

impl Web {
    /// With the system's names.
    #[must_use]
    pub fn new(settings: WebSettings) -> Self {
        Self::with_names(settings, std::sync::Arc::new(SystemNames))
    }

    fn with_names(settings: WebSettings, names: std::sync::Arc<dyn Names>) -> Self {
        install_crypto();
        Self { settings, names, client: OnceLock::new() }
    }

    /// Whether an address may be asked at all. Names are looked at when a connection is made.
    pub fn check(&self, url: &str) -> Result<(), Forbidden> {
        guard::check(url, &self.settings).map(drop)
    }

    /// Posts; how it ended. No answer, for whatever reason, is an ending without a status.
    pub async fn post(&self, post: Post<'_>) -> Ending {
        let Ok(url) = guard::check(post.url, &self.settings) else { return Ending::default() };
        let Some(client) = self.client() else { return Ending::default() };
        let deadline = post.deadline;
        tokio::time::timeout(deadline, send(client, url, post)).await.ok().flatten().unwrap_or_default()
    }

    /// Made when it is first needed: it reads the system's certificates.
    fn client(&self) -> Option<&Client> {
        let build = || {
            let names = Guarded::new(self.names.clone(), self.settings.clone());
            Client::builder()
                .user_agent(concat!("verifyd/", env!("CARGO_PKG_VERSION")))
                .dns_resolver(std::sync::Arc::new(names))
                .redirect(redirect::Policy::none())
                .referer(false)
                .no_proxy()
                .build()
                .inspect_err(|err| tracing::error!(%err, "no client for callbacks"))
                .ok()
        };
        self.client.get_or_init(build).as_ref()
    }
}

async fn send(client: &Client, url: Url, post: Post<'_>) -> Option<Ending> {
    let mut request = client.post(url).header("content-type", "application/json").body(post.body);
    for (name, value) in post.headers {
        request = request.header(*name, value);
    }
    let mut response = request.send().await.ok()?;
    let ending = Ending { status: Some(response.status().as_u16()), retry_after: retry_after(response.headers()) };
    let mut read = 0;
    while read <= MAX_ANSWER
        && let Ok(Some(chunk)) = response.chunk().await
    {
        read += chunk.len();
    }
    Some(ending)
}

#[cfg(test)]
mod tests;
