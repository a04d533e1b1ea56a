//! What Meta posts to us: statuses of messages, what people write back, and its first visit.

use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use serde::Deserialize;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::errors::refusal;
use crate::channel::{News, NotBelieved, Receipt, Report, Uplink, Webhook, WebhookRequest};

/// Longest challenge that is given back, in characters.
const MAX_CHALLENGE: usize = 256;

/// Believes what is signed with the app's secret, and speaks for one number.
pub(super) struct SignedWebhook {
    key: Hmac<Sha256>,
    verify_token: String,
    phone_number_id: String,
}

impl SignedWebhook {
    pub(super) fn new(app_secret: &str, verify_token: &str, phone_number_id: &str) -> Option<Self> {
        let key = Hmac::new_from_slice(app_secret.as_bytes()).ok()?;
        Some(Self { key, verify_token: verify_token.to_owned(), phone_number_id: phone_number_id.to_owned() })
    }

    /// Meta looks once whether the address is ours: whoever shows the token gets the challenge back.
    fn greet(&self, query: &str) -> Result<News, NotBelieved> {
        let field = |name: &str| form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
        let value = |name| field(name).map(|(_, value)| value.into_owned()).unwrap_or_default();
        let known: bool = value("hub.verify_token").as_bytes().ct_eq(self.verify_token.as_bytes()).into();
        if !known || value("hub.mode") != "subscribe" {
            return Err(NotBelieved::Forged);
        }
        let answer = value("hub.challenge");
        let harmless = answer.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        let sane = harmless && (1..=MAX_CHALLENGE).contains(&answer.len());
        if sane { Ok(News { answer, ..News::default() }) } else { Err(NotBelieved::Malformed) }
    }

    /// HMAC-SHA256 over the body as it came, in hexadecimal after `sha256=`.
    fn is_signed(&self, request: &WebhookRequest<'_>) -> bool {
        let given = request.headers.get("x-hub-signature-256").and_then(|value| value.to_str().ok());
        let Some(given) = given.and_then(|value| value.strip_prefix("sha256=")).and_then(bytes) else { return false };
        self.key.clone().chain_update(request.body).verify_slice(&given).is_ok()
    }

    /// Everything in a notification that is about our number.
    fn news(&self, notification: Notification) -> News {
        let mut news = News::default();
        let values = notification.entry.into_iter().flat_map(|entry| entry.changes).filter_map(|change| change.value);
        for value in values.filter(|value| value.metadata.phone_number_id == self.phone_number_id) {
            news.receipts.extend(value.statuses.into_iter().filter_map(Status::receipt));
            let metadata = &value.metadata;
            news.uplinks.extend(value.messages.into_iter().filter_map(|message| message.uplink(metadata)));
        }
        news
    }
}

impl Webhook for SignedWebhook {
    fn read(&self, request: &WebhookRequest<'_>) -> Result<News, NotBelieved> {
        if *request.method == Method::GET {
            return self.greet(request.query);
        }
        if !self.is_signed(request) {
            return Err(NotBelieved::Forged);
        }
        let notification = serde_json::from_slice(request.body).map_err(|_| NotBelieved::Malformed)?;
        Ok(self.news(notification))
    }
}

/// Hexadecimal digits as bytes.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = hex.as_bytes().chunks(2);
    pairs.map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?)).collect()
}

#[derive(Deserialize)]
struct Notification {
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    changes: Vec<Change>,
}

/// Other fields than `messages` are news of templates and accounts, with values of other shapes.
#[derive(Deserialize)]
struct Change {
    #[serde(default, deserialize_with = "if_messages")]
    value: Option<Value>,
}

#[derive(Deserialize)]
struct Value {
    metadata: Metadata,
    #[serde(default)]
    statuses: Vec<Status>,
    #[serde(default)]
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Metadata {
    display_phone_number: String,
    phone_number_id: String,
}

#[derive(Deserialize)]
struct Status {
    id: String,
    status: String,
    #[serde(default)]
    errors: Vec<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    code: u64,
}

#[derive(Deserialize)]
struct Message {
    id: String,
    from: String,
    text: Option<Text>,
}

#[derive(Deserialize)]
struct Text {
    body: String,
}

fn if_messages<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    if value.get("messaging_product").is_none() {
        return Ok(None);
    }
    serde_json::from_value(value).map(Some).map_err(serde::de::Error::custom)
}

impl Status {
    /// `read` is said instead of `delivered` when the person was just looking.
    fn receipt(self) -> Option<Receipt> {
        let code = self.errors.first().map(|fault| fault.code);
        let (report, detail) = match self.status.as_str() {
            "delivered" | "read" => (Report::Delivered, None),
            "failed" => {
                let report = Report::Failed(refusal(code.unwrap_or(u64::MAX)).code());
                (report, code.map(|code| format!("error {code}")))
            }
            _ => return None,
        };
        Some(Receipt { reference: self.id, report, detail })
    }
}

impl Message {
    /// What is no text (a picture, a reaction) is left alone.
    fn uplink(self, ours: &Metadata) -> Option<Uplink> {
        Some(Uplink {
            reference: self.id,
            account: ours.phone_number_id.clone(),
            from: format!("+{}", self.from),
            to: ours.display_phone_number.clone(),
            body: self.text?.body,
        })
    }
}
