//! Posts spans to an OpenTelemetry collector. No channel, but outgoing sockets are opened here only.

use std::time::Duration;

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use reqwest::{Client, redirect};
use tokio::runtime::Handle;

use super::tls::install_crypto;

/// What a collector may say, in bytes; the exporter looks for a few refused spans in it.
const MAX_ANSWER: u64 = 64 * 1024;

/// The way to the collector. The exporter works in a thread of its own, the requests in the server's runtime.
#[derive(Clone, Debug)]
pub struct Collector {
    client: Client,
    runtime: Handle,
}

impl Collector {
    /// Inside the runtime; `None` where the system's certificate authorities cannot be read.
    #[must_use]
    pub fn new() -> Option<Self> {
        install_crypto();
        let client = Client::builder()
            .user_agent(concat!("verifyd/", env!("CARGO_PKG_VERSION")))
            .timeout(Duration::from_secs(10))
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy();
        Some(Self { client: client.build().ok()?, runtime: Handle::current() })
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let answer = async move {
            let answer = client.execute(request.try_into()?).await?;
            let status = answer.status();
            let short = answer.content_length().is_some_and(|length| length <= MAX_ANSWER);
            let body = if short { answer.bytes().await? } else { Bytes::new() };
            let mut response = Response::new(body);
            *response.status_mut() = status;
            Ok(response)
        };
        self.runtime.spawn(answer).await?
    }
}
