//! What an operator says about a gateway, and the checks of it.

use std::{ops::RangeInclusive, time::Duration};

use reqwest::{
    Certificate, Client, Method, Url,
    header::{HeaderMap, HeaderName, HeaderValue},
    redirect,
};
use serde_json::{Value, json};

use crate::channel::{
    SettingsError,
    fields::{JsonTemplate, TableTemplate},
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
    /// Certificate authorities to trust beside the system's, in PEM.
    pub extra_ca: Option<Vec<u8>>,
    /// Limit for name, connection and TLS; 5 s.
    pub connect_timeout: Duration,
    /// Limit for everything, answer included; 10 s (security section 5).
    pub timeout: Duration,
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
            extra_ca: None,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(10),
        }
    }

    pub(super) fn checked_url(&self) -> Result<Url, SettingsError> {
        let url = Url::parse(&self.url).map_err(|_| SettingsError::new("url", "is no URL; give https://host/path"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(SettingsError::new("url", "holds a user name or password; use the `authorization` header"));
        }
        match url.scheme() {
            "https" => Ok(url),
            "http" if self.dangerous_plain_http || is_loopback(&url) => Ok(url),
            "http" => Err(SettingsError::new(
                "url",
                "would send codes in the clear; use https, or set `dangerous_plain_http = true`",
            )),
            _ => Err(SettingsError::new("url", "must begin with https:// or http://")),
        }
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

    /// A client that keeps connections alive, follows no redirect and reads no proxy from the environment.
    pub(super) fn client(&self, url: &Url) -> Result<Client, SettingsError> {
        let client = Client::builder()
            .default_headers(self.checked_headers()?)
            .user_agent(concat!("verifyd/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(self.connect_timeout)
            .timeout(self.timeout)
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy();
        let pem = self.extra_ca.as_deref().unwrap_or_default();
        let extra = Certificate::from_pem_bundle(pem).unwrap_or_default();
        if extra.is_empty() && self.extra_ca.is_some() {
            return Err(SettingsError::new("ca_file", "holds no certificate in PEM form"));
        }
        // A gateway over plain HTTP never speaks TLS: spare the start the reading of the system's certificates.
        let client = if url.scheme() == "http" { client.tls_certs_only([]) } else { client.tls_certs_merge(extra) };
        client
            .build()
            .map_err(|_| SettingsError::new("ca_file", "no usable certificate authority, here or in the system"))
    }

    fn checked_headers(&self) -> Result<HeaderMap, SettingsError> {
        let headers = self.headers.iter().map(|(name, value)| {
            let bad = || SettingsError::new("headers", "a name or value has characters that HTTP does not allow");
            let mut value = HeaderValue::from_str(value).map_err(|_| bad())?;
            value.set_sensitive(true);
            Ok((HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?, value))
        });
        headers.collect()
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

fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        None => false,
    }
}
