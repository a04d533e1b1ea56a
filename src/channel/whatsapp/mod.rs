//! `WhatsApp` by Meta's Cloud API: authentication templates with the code in the text and in the button.

mod errors;
mod settings;
mod webhook;

use async_trait::async_trait;
use reqwest::{Client, Url};
use serde_json::{Value, json};

use self::{
    errors::{LATER, refusal},
    webhook::SignedWebhook,
};
use super::{
    Accepted, DeliveryError, Provider, Refusal, SettingsError, Webhook,
    web::{
        answer::{as_reference, failure, read, retry_after},
        send,
    },
};
use crate::core::{channel::Channel, plan::Outgoing};

pub use settings::WhatsappSettings;

/// Longest code that Meta puts into an authentication template, in characters.
const LONGEST_CODE: usize = 15;

/// One number.
pub struct WhatsappProvider {
    settings: WhatsappSettings,
    client: Client,
    url: Url,
    webhook: Option<SignedWebhook>,
}

impl WhatsappProvider {
    /// Checks the settings; opens no connection yet.
    pub fn new(settings: WhatsappSettings) -> Result<Self, SettingsError> {
        let url = settings.checked_url()?;
        let webhook = SignedWebhook::new(&settings.app_secret, &settings.verify_token, &settings.phone_number_id);
        let webhook = webhook.filter(|_| settings.reports);
        Ok(Self { client: settings.client(&url)?, url, webhook, settings })
    }

    /// The documented body: the code twice, once for the eyes and once for the button that copies it.
    fn body(&self, message: &Outgoing<'_>, code: &str) -> Value {
        let (name, language) = self.settings.template_for(message.language);
        let parameters = json!([{"type": "text", "text": code}]);
        json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": message.recipient.as_str(),
            "type": "template",
            "template": {
                "name": name,
                "language": {"code": language},
                "components": [
                    {"type": "body", "parameters": parameters},
                    {"type": "button", "sub_type": "url", "index": "0", "parameters": parameters},
                ],
            },
            "biz_opaque_callback_data": message.message_id.to_string(),
        })
    }
}

#[async_trait]
impl Provider for WhatsappProvider {
    async fn deliver(&self, message: &Outgoing<'_>) -> Result<Accepted, DeliveryError> {
        if message.channel != Channel::Whatsapp {
            return Err(DeliveryError::refused(Refusal::Content, "only the whatsapp channel goes over WhatsApp"));
        }
        let code = message.code.filter(|code| code.chars().count() <= LONGEST_CODE);
        let Some(code) = code else {
            let detail = "an authentication template needs a code of 15 characters at most";
            return Err(DeliveryError::refused(Refusal::Content, detail));
        };
        let request = self.client.post(self.url.clone()).json(&self.body(message, code));
        let mut response = send::in_time(request, message.until).await?;
        let (status, wait) = (response.status(), retry_after(response.headers()));
        let general = failure(status, response.headers());
        let answer = read(&mut response).await.unwrap_or(Value::Null);
        if status.is_success() {
            return Ok(Accepted { reference: answer.pointer("/messages/0/id").and_then(as_reference) });
        }
        Err(match answer.pointer("/error/code").and_then(Value::as_u64) {
            Some(code) if LATER.contains(&code) => DeliveryError::Unavailable {
                retry_after: wait,
                maybe_taken: false,
                detail: format!("Meta says error {code}"),
            },
            Some(code) if !status.is_server_error() => {
                DeliveryError::refused(refusal(code), format!("Meta says error {code}"))
            }
            _ => general,
        })
    }

    fn reports(&self) -> bool {
        self.webhook.is_some()
    }

    fn webhook(&self) -> Option<&dyn Webhook> {
        self.webhook.as_ref().map(|webhook| webhook as &dyn Webhook)
    }
}
