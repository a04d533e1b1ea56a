//! `kind = "http"`: a gateway that takes HTTP requests.

use std::{collections::BTreeMap, ops::RangeInclusive, path::PathBuf, time::Duration};

use serde::{Deserialize, Deserializer, de::Error};

use super::{Webhook, connection};
use crate::config::{
    error::{ConfigError, require},
    secret::Secret,
    value::{duration, optional, optional_path},
};

/// Method of a gateway request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `GET`: the fields go into the query.
    Get,
}

/// How the fields of a gateway request are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Body {
    /// A JSON object of strings.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

/// `kind = "http"`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Where requests go; it may hold a token.
    pub url: Secret,
    /// Lets `url` be plain `http` to another machine.
    pub dangerous_plain_http: bool,
    /// `POST`, `PUT` or `GET`.
    pub method: Method,
    /// Value of the `Authorization` header; empty for none.
    pub authorization: Secret,
    /// More headers.
    pub headers: BTreeMap<String, Secret>,
    /// How the fields are written.
    pub body: Body,
    /// Field to text with `{{to}}`, `{{text}}`, `{{channel}}`, `{{message_id}}`, `{{sender}}`.
    pub template: BTreeMap<String, Secret>,
    /// Statuses that mean "taken".
    pub success_status: Statuses,
    /// Where in the answer `success_value` must stand (JSON pointer).
    #[serde(deserialize_with = "optional")]
    pub success_pointer: Option<String>,
    /// What must stand there, as text.
    pub success_value: String,
    /// Where in the answer the gateway's own id stands (JSON pointer).
    #[serde(deserialize_with = "optional")]
    pub message_id_path: Option<String>,
    /// Where in a report the gateway's own id stands (JSON pointer).
    #[serde(deserialize_with = "optional")]
    pub receipt_id_path: Option<String>,
    /// Where in a report the status stands (JSON pointer).
    #[serde(deserialize_with = "optional")]
    pub receipt_status_path: Option<String>,
    /// Statuses that mean "arrived".
    pub receipt_delivered: Vec<String>,
    /// Statuses that mean "never arrives".
    pub receipt_failed: Vec<String>,
    /// Where in a report the reason stands (JSON pointer).
    #[serde(deserialize_with = "optional")]
    pub receipt_error_path: Option<String>,
    /// For connecting.
    #[serde(deserialize_with = "duration")]
    pub connect_timeout: Duration,
    /// For the whole request.
    #[serde(deserialize_with = "duration")]
    pub timeout: Duration,
    /// More trusted certificates, PEM.
    #[serde(deserialize_with = "optional_path")]
    pub ca_file: Option<PathBuf>,
}

/// A set of HTTP statuses, written `200,202,300-399`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statuses(Vec<RangeInclusive<u16>>);

impl Statuses {
    /// The statuses, as ranges.
    #[must_use]
    pub fn ranges(&self) -> &[RangeInclusive<u16>] {
        &self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let status = |text: &str| text.trim().parse().ok().filter(|status| (100..=599).contains(status));
        let range = |part: &str| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            Some(status(first)?..=status(last)?).filter(|range| !range.is_empty())
        };
        text.split(',').map(range).collect::<Option<_>>().map(Self)
    }
}

impl<'de> Deserialize<'de> for Statuses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || D::Error::custom(format!("is \"{text}\", but must be statuses such as \"200,202,300-399\""));
        Self::parse(&text).ok_or_else(wrong)
    }
}

impl Http {
    pub(super) fn validate(&self, section: &str, webhook: &Webhook) -> Result<(), ConfigError> {
        let key = |key| format!("{section}.{key}");
        connection::validate(section, ("url", self.url.expose()), self.connect_timeout, self.timeout)?;
        let query = self.method != Method::Get || self.body == Body::Form;
        require(query, &key("body"), "must be \"form\" with `method = \"GET\"`, which has no body")?;
        require(!self.template.is_empty(), &key("template"), "is empty: the request needs at least one field")?;
        let pointers = [
            ("success_pointer", &self.success_pointer),
            ("message_id_path", &self.message_id_path),
            ("receipt_id_path", &self.receipt_id_path),
            ("receipt_status_path", &self.receipt_status_path),
            ("receipt_error_path", &self.receipt_error_path),
        ];
        for (name, pointer) in pointers {
            let good = pointer.as_ref().is_none_or(|pointer| pointer.starts_with('/'));
            require(good, &key(name), "must be a JSON pointer, which begins with \"/\"")?;
        }
        let lone = "is set but `success_pointer` is not: say where in the answer it stands";
        require(self.success_pointer.is_some() || self.success_value.is_empty(), &key("success_value"), lone)?;
        self.validate_receipts(section, webhook)
    }

    /// A gateway that reports needs all of it: a way in, an id to know the message by, and words that end its way.
    fn validate_receipts(&self, section: &str, webhook: &Webhook) -> Result<(), ConfigError> {
        let key = |key| format!("{section}.{key}");
        let needed = "is missing: with `webhook_secret` set, reports must be understood";
        let (id, status) = (self.receipt_id_path.is_some(), self.receipt_status_path.is_some());
        let closed = !webhook.is_open();
        require(closed || self.message_id_path.is_some(), &key("message_id_path"), needed)?;
        require(closed || id, &key("receipt_id_path"), needed)?;
        require(closed || status, &key("receipt_status_path"), needed)?;
        require(closed || !self.receipt_delivered.is_empty(), &key("receipt_delivered"), needed)?;
        let lone = "is set but `webhook_secret` is not: the gateway has no way in";
        require(!closed || !(id || status), &key("receipt_id_path"), lone)
    }
}
