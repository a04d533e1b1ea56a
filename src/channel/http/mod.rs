//! A generic gateway for SMS, `WhatsApp`, voice or email over HTTP.

mod answer;
mod settings;

use std::error::Error;

use async_trait::async_trait;
use reqwest::{Client, Method, RequestBuilder, Response, Url};
use serde_json::Value;

use self::{answer::Judge, settings::BodyTemplate};
use super::{Accepted, DeliveryError, Provider, SettingsError, content_fits_channel, fields::Values, install_crypto};
use crate::core::plan::Outgoing;

pub use settings::{Body, HttpSettings, Success};

/// How much of an answer is read, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// Hands messages to one gateway, one request each, over connections that stay open.
pub struct HttpProvider {
    client: Client,
    method: Method,
    url: Url,
    body: BodyTemplate,
    judge: Judge,
}

impl HttpProvider {
    /// Checks the settings; opens no connection yet. Installs the process's cryptography if nothing has.
    pub fn new(settings: HttpSettings) -> Result<Self, SettingsError> {
        install_crypto();
        let url = settings.checked_url()?;
        Ok(Self {
            client: settings.client(&url)?,
            method: settings.checked_method()?,
            body: settings.checked_body()?,
            judge: Judge::new(settings.success.checked()?, settings.reference)?,
            url,
        })
    }

    fn request(&self, message: &Outgoing<'_>) -> RequestBuilder {
        let values = Values::of(message);
        let request = self.client.request(self.method.clone(), self.url.clone());
        match &self.body {
            BodyTemplate::Json(template) => request.json(&template.fill(&values)),
            BodyTemplate::Form(template) => request.form(&template.fill(&values)),
            BodyTemplate::Query(template) => {
                let mut url = self.url.clone();
                url.query_pairs_mut().extend_pairs(template.fill(&values));
                self.client.request(self.method.clone(), url)
            }
        }
    }
}

#[async_trait]
impl Provider for HttpProvider {
    async fn deliver(&self, message: &Outgoing<'_>) -> Result<Accepted, DeliveryError> {
        content_fits_channel(message)?;
        let mut response = self.request(message).send().await.map_err(|error| broken(&error))?;
        let status = self.judge.status(response.status(), response.headers());
        // Read in any case: a connection is used again only when its answer has been read.
        let answer = read(&mut response).await;
        status?;
        if !self.judge.reads_answer() {
            return Ok(Accepted::default());
        }
        self.judge.answer(&answer.unwrap_or(Value::Null))
    }
}

/// The answer as JSON; `None` when it is longer than [`MAX_ANSWER`], cut off, late or not JSON.
async fn read(response: &mut Response) -> Option<Value> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if bytes.len() + chunk.len() > MAX_ANSWER {
            return None;
        }
        bytes.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&bytes).ok()
}

/// Words of our own: the client's may repeat the URL, and with it a recipient and a code.
fn broken(error: &reqwest::Error) -> DeliveryError {
    if !error.is_connect() {
        let late = error.is_timeout();
        let lost = if late { "the gateway did not answer in time" } else { "the connection to the gateway broke" };
        return DeliveryError::unanswered(lost);
    }
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    DeliveryError::unavailable(format!("no connection to the gateway: {cause}"))
}
