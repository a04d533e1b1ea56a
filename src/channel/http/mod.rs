//! A generic gateway for SMS, `WhatsApp`, voice or email over HTTP.

mod answer;
mod receipts;
mod settings;

use async_trait::async_trait;
use reqwest::{Client, Method, RequestBuilder, Url};
use serde_json::Value;

use self::{answer::Judge, settings::BodyTemplate};
use super::{
    Accepted, DeliveryError, Provider, SettingsError, Webhook, content_fits_channel,
    fields::Values,
    web::{answer::read, send},
};
use crate::core::plan::Outgoing;

pub use receipts::Receipts;
pub use settings::{Body, HttpSettings, Success};

/// Hands messages to one gateway, one request each, over connections that stay open.
pub struct HttpProvider {
    client: Client,
    method: Method,
    url: Url,
    body: BodyTemplate,
    judge: Judge,
    receipts: Option<Receipts>,
}

impl HttpProvider {
    /// Checks the settings; opens no connection yet. Installs the process's cryptography if nothing has.
    pub fn new(settings: HttpSettings) -> Result<Self, SettingsError> {
        let url = settings.checked_url()?;
        Ok(Self {
            client: settings.client(&url)?,
            method: settings.checked_method()?,
            body: settings.checked_body()?,
            judge: Judge::new(settings.success.checked()?, settings.reference)?,
            receipts: settings.receipts.map(Receipts::checked).transpose()?,
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
        let mut response = send::in_time(self.request(message), message.until).await?;
        let status = self.judge.status(response.status(), response.headers());
        // Read in any case: a connection is used again only when its answer has been read.
        let answer = read(&mut response).await;
        status?;
        if !self.judge.reads_answer() {
            return Ok(Accepted::default());
        }
        self.judge.answer(&answer.unwrap_or(Value::Null))
    }

    fn reports(&self) -> bool {
        self.receipts.is_some()
    }

    fn webhook(&self) -> Option<&dyn Webhook> {
        self.receipts.as_ref().map(|receipts| receipts as &dyn Webhook)
    }
}
