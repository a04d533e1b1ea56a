//! What an operator says about a gateway, and the checks of it.

use std::ops::RangeInclusive;

use reqwest::{Client, Method, Url};
use serde_json::{Value, json};

use super::Receipts;
use crate::channel::{
    SettingsError,
    fields::{JsonTemplate, TableTemplate},
    web::client::{ClientSettings, checked_headers, checked_url},
};

/// One gateway. Holds secrets (headers): no `Debug`.
pub struct HttpSettings {
    /// Where requests go: `https`, or `http` to a loopback address; no user name or password in it.
    pub url: String,
    /// Lets `url` be plain `http` to another machine: codes then travel in the clear (security D1, F11).
    pub dangerous_plain_http: bool,
    /// `POST`, `PUT`, `PATCH`, or `GET` with [`Body::Query`].
    pub method: String,
    /// Headers sent with every request, such as the key of the account.
    pub headers: Vec<(String, String)>,
    /// What a request says.
    pub body: Body,
    /// Which answers mean that the message was taken.
    pub success: Success,
    /// JSON pointer (RFC 6901) to the gateway's id of the message in the answer.
    pub reference: Option<String>,
    /// How its reports are read; `None` for a gateway that reports nothing.
    pub receipts: Option<Receipts>,
    /// Whom to trust and how long to wait.
    pub connection: ClientSettings,
}

/// The request as templates over `{{to}}`, `{{text}}`, `{{channel}}`, `{{message_id}}`, `{{sender}}`, `{{language}}`,
/// and for an email `{{subject}}`, `{{html}}`, `{{from_name}}`, `{{from_mail}}`.
///
/// A value the message does not have (a sender nobody asked for, the subject of an SMS) is the empty string, so that
/// a field has one type for the gateway.
pub enum Body {
    /// `application/json`; strings at any depth are templates.
    Json(Value),
    /// `application/x-www-form-urlencoded`, name and template.
    Form(Vec<(String, String)>),
    /// No body: name and template are added to the query string. The gateway's logs then hold codes.
    Query(Vec<(String, String)>),
}

/// When an answer means "taken". Both parts must hold.
#[derive(Default)]
pub struct Success {
    /// The statuses that do; none listed means any 2xx.
    pub statuses: Vec<RangeInclusive<u16>>,
    /// JSON pointer into the answer and what must be there: a string, a number or a boolean, compared as text.
    pub field: Option<(String, String)>,
}

impl HttpSettings {
    /// The defaults for a gateway at `url`: a JSON `POST` of `to`, `text`, `channel`, `message_id` and `sender`, any 2xx
    /// as success.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            dangerous_plain_http: false,
            method: "POST".to_owned(),
            headers: Vec::new(),
            body: Body::Json(json!({
                "to": "{{to}}",
                "text": "{{text}}",
                "channel": "{{channel}}",
                "message_id": "{{message_id}}",
                "sender": "{{sender}}",
            })),
            success: Success::default(),
            reference: None,
            receipts: None,
            connection: ClientSettings::default(),
        }
    }

    pub(super) fn checked_url(&self) -> Result<Url, SettingsError> {
        checked_url("url", &self.url, self.dangerous_plain_http)
    }

    pub(super) fn checked_method(&self) -> Result<Method, SettingsError> {
        match (self.method.as_str(), &self.body) {
            ("POST", _) => Ok(Method::POST),
            ("PUT", _) => Ok(Method::PUT),
            ("PATCH", _) => Ok(Method::PATCH),
            ("GET", Body::Query(_)) => Ok(Method::GET),
            ("GET", _) => Err(SettingsError::new("method", "GET has no body; use `query` fields, or POST")),
            _ => Err(SettingsError::new("method", "must be POST, PUT, PATCH or GET")),
        }
    }

    pub(super) fn checked_body(&self) -> Result<BodyTemplate, SettingsError> {
        let template = match &self.body {
            Body::Json(value) => JsonTemplate::parse(value).map(BodyTemplate::Json),
            Body::Form(fields) => TableTemplate::parse(fields).map(BodyTemplate::Form),
            Body::Query(fields) => TableTemplate::parse(fields).map(BodyTemplate::Query),
        };
        template.map_err(|problem| SettingsError::new("body", problem))
    }

    pub(super) fn client(&self, url: &Url) -> Result<Client, SettingsError> {
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        self.connection.client(url, checked_headers("headers", headers)?)
    }
}

impl Success {
    pub(super) fn checked(self) -> Result<Self, SettingsError> {
        if let Some((pointer, _)) = &self.field {
            checked_pointer("success.field", pointer)?;
        }
        Ok(self)
    }
}

pub(super) fn checked_pointer(key: &'static str, pointer: &str) -> Result<(), SettingsError> {
    let good = pointer.is_empty() || pointer.starts_with('/');
    good.then_some(()).ok_or_else(|| SettingsError::new(key, "a JSON pointer begins with `/`, as in `/data/id`"))
}

/// [`Body`] with its placeholders known to be good.
pub(super) enum BodyTemplate {
    Json(JsonTemplate),
    Form(TableTemplate),
    Query(TableTemplate),
}
