//! What Twilio posts to us: statuses of messages and calls, and what people write back.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use reqwest::Url;
use sha1::Sha1;

use super::errors::{of_call, refusal};
use crate::channel::{News, NotBelieved, Receipt, Refusal, Report, Uplink, Webhook, WebhookRequest};

/// Believes what is signed with the account's token, for the address that we gave Twilio.
pub(super) struct SignedWebhook {
    /// As written in the configuration, then with and without its port: Twilio signs the one or the other.
    urls: Vec<String>,
    key: Hmac<Sha1>,
}

impl SignedWebhook {
    pub(super) fn new(url: &str, auth_token: &str) -> Option<Self> {
        let key = Hmac::new_from_slice(auth_token.as_bytes()).ok()?;
        Some(Self { urls: spellings(url), key })
    }

    /// HMAC-SHA1 over the address and the sorted fields, in base64 (twilio.com/docs/usage/security).
    fn is_signed(&self, request: &WebhookRequest<'_>, fields: &Fields) -> bool {
        let given = request.headers.get("x-twilio-signature").map(|value| BASE64_STANDARD.decode(value.as_bytes()));
        let Some(Ok(given)) = given else { return false };
        let signed = |url: &String| {
            let mut mac = self.key.clone();
            mac.update(url.as_bytes());
            if !request.query.is_empty() {
                mac.update(b"?");
                mac.update(request.query.as_bytes());
            }
            for (name, value) in &fields.0 {
                mac.update(name.as_bytes());
                mac.update(value.as_bytes());
            }
            mac.verify_slice(&given).is_ok()
        };
        self.urls.iter().any(signed)
    }
}

impl Webhook for SignedWebhook {
    fn read(&self, request: &WebhookRequest<'_>) -> Result<News, NotBelieved> {
        let fields = Fields::of(request.body);
        if *request.method != Method::POST || !self.is_signed(request, &fields) {
            return Err(NotBelieved::Forged);
        }
        fields.news().ok_or(NotBelieved::Malformed)
    }
}

/// The address as given, and the same with the scheme's own port or without any.
fn spellings(url: &str) -> Vec<String> {
    let mut spellings = vec![url.to_owned()];
    let Ok(parsed) = Url::parse(url) else { return spellings };
    let (Some(host), Some(port)) = (parsed.host_str(), parsed.port_or_known_default()) else { return spellings };
    let (scheme, path) = (parsed.scheme(), parsed.path());
    spellings.push(format!("{scheme}://{host}:{port}{path}"));
    spellings.push(format!("{scheme}://{host}{path}"));
    spellings
}

/// A form's fields in the order in which they are signed, each pair once.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn of(body: &[u8]) -> Self {
        let mut fields: Vec<_> = form_urlencoded::parse(body).into_owned().collect();
        fields.sort_unstable();
        fields.dedup();
        Self(fields)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// `None` for a form that is neither a status nor a message.
    fn news(&self) -> Option<News> {
        if let (Some(sid), Some(status)) = (self.get("CallSid"), self.get("CallStatus")) {
            return Some(match (status, of_call(status)) {
                ("completed", _) => receipt(sid, Report::Delivered, None),
                (_, Some(refusal)) => receipt(sid, Report::Failed(refusal.code()), Some(format!("call {status}"))),
                (_, None) => News::default(),
            });
        }
        let sid = self.get("MessageSid").or_else(|| self.get("SmsSid"))?;
        match self.get("MessageStatus").or_else(|| self.get("SmsStatus"))? {
            "received" => Some(News { uplinks: vec![self.uplink(sid)?], ..News::default() }),
            "delivered" | "read" => Some(receipt(sid, Report::Delivered, None)),
            "undelivered" | "failed" => {
                let code = self.get("ErrorCode").and_then(|code| code.parse().ok());
                let report = Report::Failed(code.map_or(Refusal::Other, refusal).code());
                Some(receipt(sid, report, code.map(|code| format!("error {code}"))))
            }
            "canceled" => Some(receipt(sid, Report::Failed(Refusal::Provider.code()), Some("canceled".to_owned()))),
            _ => Some(News::default()),
        }
    }

    fn uplink(&self, sid: &str) -> Option<Uplink> {
        let field = |name| self.get(name).map(str::to_owned);
        Some(Uplink {
            reference: sid.to_owned(),
            account: field("AccountSid").unwrap_or_default(),
            from: field("From")?,
            to: field("To")?,
            body: field("Body").unwrap_or_default(),
        })
    }
}

fn receipt(reference: &str, report: Report, detail: Option<String>) -> News {
    let receipt = Receipt { reference: reference.to_owned(), report, detail };
    News { receipts: vec![receipt], ..News::default() }
}
