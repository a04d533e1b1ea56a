//! Twilio: SMS and `WhatsApp` by its Messages resource, calls that speak the code by its Calls resource.

mod errors;
mod settings;
mod speech;
mod webhook;

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::{Client, StatusCode, Url};
use serde_json::{Value, json};

use self::{
    errors::{LATER, refusal},
    webhook::SignedWebhook,
};
use super::{
    Accepted, DeliveryError, Provider, Refusal, SettingsError, Webhook, content_fits_channel,
    web::{
        answer::{as_reference, failure, read, retry_after},
        send,
    },
};
use crate::core::{
    channel::Channel,
    clock::Clock,
    plan::{Content, Outgoing},
};

pub use settings::TwilioSettings;

/// Longest life that Twilio lets a message wait, in seconds.
const LONGEST_VALIDITY: u64 = 36_000;

/// One account.
pub struct TwilioProvider {
    settings: TwilioSettings,
    client: Client,
    messages: Url,
    calls: Url,
    webhook: Option<SignedWebhook>,
    clock: Arc<dyn Clock>,
}

/// Fields of a form.
type Form = Vec<(&'static str, String)>;

impl TwilioProvider {
    /// Checks the settings; opens no connection yet. The clock tells how much of a code's life is left.
    pub fn new(settings: TwilioSettings, clock: Arc<dyn Clock>) -> Result<Self, SettingsError> {
        let messages = settings.checked_url("Messages")?;
        let webhook = settings.webhook_url.as_ref().and_then(|url| SignedWebhook::new(url, &settings.auth_token));
        Ok(Self {
            client: settings.client(&messages)?,
            calls: settings.checked_url("Calls")?,
            messages,
            webhook,
            settings,
            clock,
        })
    }

    /// Where the request goes and what it says.
    fn request(&self, message: &Outgoing<'_>) -> Result<(&Url, Form), DeliveryError> {
        let Content::Text { text } = message.content else {
            return Err(DeliveryError::refused(Refusal::Content, "Twilio carries no emails here"));
        };
        let to = message.recipient.as_str();
        let (url, mut form) = match message.channel {
            Channel::Voice => (&self.calls, self.call(to, text, message)),
            Channel::Whatsapp => (&self.messages, self.whatsapp(to, text, message)),
            Channel::Sms | Channel::Email => (&self.messages, self.sms(to, text, message)),
        };
        form.extend(self.settings.webhook_url.clone().map(|url| ("StatusCallback", url)));
        Ok((url, form))
    }

    fn sms(&self, to: &str, text: &str, message: &Outgoing<'_>) -> Form {
        let mut form = vec![("To", to.to_owned()), ("Body", text.to_owned()), self.validity(message)];
        let service = &self.settings.messaging_service_sid;
        let from = message.sender.unwrap_or(&self.settings.from);
        form.extend((!service.is_empty()).then(|| ("MessagingServiceSid", service.clone())));
        form.extend((!from.is_empty()).then(|| ("From", from.to_owned())));
        form
    }

    /// With a template of `WhatsApp`'s its first variable is the code: outside of a conversation nothing else is allowed.
    fn whatsapp(&self, to: &str, text: &str, message: &Outgoing<'_>) -> Form {
        let from = format!("whatsapp:{}", self.settings.whatsapp_from);
        let mut form = vec![("To", format!("whatsapp:{to}")), ("From", from), self.validity(message)];
        match (message.code, self.settings.whatsapp_content_sid.as_str()) {
            (Some(code), sid) if !sid.is_empty() => {
                form.push(("ContentSid", sid.to_owned()));
                form.push(("ContentVariables", json!({"1": code}).to_string()));
            }
            _ => form.push(("Body", text.to_owned())),
        }
        form
    }

    fn call(&self, to: &str, text: &str, message: &Outgoing<'_>) -> Form {
        let twiml = speech::twiml(text, message.code, message.language, &self.settings.voices);
        vec![("To", to.to_owned()), ("From", self.settings.from.clone()), ("Twiml", twiml)]
    }

    fn validity(&self, message: &Outgoing<'_>) -> (&'static str, String) {
        let left = message.expires_at.since(self.clock.now()).as_secs();
        ("ValidityPeriod", left.clamp(1, LONGEST_VALIDITY).to_string())
    }
}

#[async_trait]
impl Provider for TwilioProvider {
    async fn deliver(&self, message: &Outgoing<'_>) -> Result<Accepted, DeliveryError> {
        content_fits_channel(message)?;
        let (url, form) = self.request(message)?;
        let mut response = send::in_time(self.client.post(url.clone()).form(&form), message.until).await?;
        let (status, wait) = (response.status(), retry_after(response.headers()));
        let general = failure(status, response.headers());
        let answer = read(&mut response).await.unwrap_or(Value::Null);
        if status.is_success() {
            return Ok(Accepted { reference: answer.get("sid").and_then(as_reference) });
        }
        let code = answer.get("code").and_then(Value::as_u64).and_then(|code| u32::try_from(code).ok());
        Err(match code {
            Some(code) if LATER.contains(&code) => DeliveryError::Unavailable {
                retry_after: wait,
                maybe_taken: false,
                detail: format!("Twilio says error {code}"),
            },
            Some(code) if !is_later(status) => {
                DeliveryError::refused(refusal(code), format!("Twilio says error {code}"))
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

fn is_later(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}
