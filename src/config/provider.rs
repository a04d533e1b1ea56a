//! `[[provider]]`: who carries messages, one struct per kind.

use std::{collections::BTreeMap, ops::RangeInclusive, path::PathBuf, time::Duration};

use serde::{Deserialize, Deserializer, de::Error};
use toml::Table;

use super::{
    error::{ConfigError, require},
    layer::text,
    secret::Secret,
    value::{duration, optional, optional_path, typed},
};
use crate::core::channel::Channel;

/// One `[[provider]]`.
#[derive(Clone)]
pub struct Provider {
    /// Unique.
    pub name: String,
    /// What it carries; at least one.
    pub channels: Vec<Channel>,
    /// Which kind, with its settings.
    pub kind: ProviderKind,
}

/// The kinds and their settings.
#[derive(Clone)]
pub enum ProviderKind {
    /// A mail server.
    Smtp(Smtp),
    /// A gateway that takes HTTP requests.
    Http(Http),
    /// The development inbox in memory.
    Inbox(Inbox),
}

/// How the connection to a mail server is protected (security C6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// `STARTTLS`, or nothing is sent.
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// Clear text.
    None,
}

/// `kind = "smtp"`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// Host name or address.
    pub host: String,
    port: u16,
    /// How the connection is protected.
    pub tls: SmtpTls,
    /// For authentication; none without it.
    #[serde(deserialize_with = "optional")]
    pub username: Option<String>,
    /// Goes with `username`.
    pub password: Secret,
    /// The sender, such as `Example <otp@example.com>`.
    pub from: String,
    /// More trusted certificates, PEM.
    #[serde(deserialize_with = "optional_path")]
    pub ca_file: Option<PathBuf>,
    /// For connecting, and for each command.
    #[serde(deserialize_with = "duration")]
    pub timeout: Duration,
}

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

/// `kind = "inbox"`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inbox {
    /// Whether it may run beside a listener that other machines can reach.
    pub allow_remote_listener: bool,
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

impl Provider {
    /// From its table, which has every key of its kind.
    pub(super) fn read(mut table: Table) -> Result<Self, ConfigError> {
        let (name, kind) = (text(&table, "name").to_owned(), text(&table, "kind").to_owned());
        let section = format!("provider.{name}");
        let channels = table.remove("channels").map(|channels| Table::from_iter([("channels".to_owned(), channels)]));
        let Channels { channels } = typed(channels.unwrap_or_default(), &section)?;
        table.remove("name");
        table.remove("kind");
        let kind = match kind.as_str() {
            "smtp" => ProviderKind::Smtp(typed(table, &section)?),
            "http" => ProviderKind::Http(typed(table, &section)?),
            _ => ProviderKind::Inbox(typed(table, &section)?),
        };
        Ok(Self { name, channels, kind })
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let section = format!("provider.{}", self.name);
        let some = "is empty: list what it carries, such as [\"sms\"]";
        require(!self.channels.is_empty(), &format!("{section}.channels"), some)?;
        match &self.kind {
            ProviderKind::Smtp(smtp) => smtp.validate(&section, &self.channels),
            ProviderKind::Http(http) => http.validate(&section),
            ProviderKind::Inbox(_) => Ok(()),
        }
    }
}

#[derive(Deserialize)]
struct Channels {
    channels: Vec<Channel>,
}

impl Smtp {
    /// The port given, else the usual one of the protection.
    #[must_use]
    pub const fn port(&self) -> u16 {
        match (self.port, self.tls) {
            (0, SmtpTls::Starttls) => 587,
            (0, SmtpTls::Tls) => 465,
            (0, SmtpTls::None) => 25,
            (given, _) => given,
        }
    }

    fn validate(&self, section: &str, channels: &[Channel]) -> Result<(), ConfigError> {
        let key = |key| format!("{section}.{key}");
        let mail_only = channels.iter().all(|channel| *channel == Channel::Email);
        require(mail_only, &key("channels"), "must be [\"email\"]: a mail server carries nothing else")?;
        require(!self.host.is_empty(), &key("host"), "is missing: name the mail server")?;
        let from = self.from.contains('@') && !self.from.contains(char::is_control);
        require(from, &key("from"), "is missing or no address: write it like \"Example <otp@example.com>\"")?;
        let lone = "is set but `username` is not: set both, or neither for a server without authentication";
        require(self.username.is_some() || self.password.is_empty(), &key("password"), lone)?;
        let lone = "is set but `password` is not: set `password` or `password_file`";
        require(self.username.is_none() || !self.password.is_empty(), &key("username"), lone)?;
        require(!self.timeout.is_zero(), &key("timeout"), "must be longer than 0s")
    }
}

impl Http {
    fn validate(&self, section: &str) -> Result<(), ConfigError> {
        let key = |key| format!("{section}.{key}");
        let url = self.url.expose();
        let web = url.starts_with("https://") || url.starts_with("http://");
        require(web, &key("url"), "is missing or no web address: it begins with \"https://\" (or \"http://\")")?;
        let query = self.method != Method::Get || self.body == Body::Form;
        require(query, &key("body"), "must be \"form\" with `method = \"GET\"`, which has no body")?;
        require(!self.template.is_empty(), &key("template"), "is empty: the request needs at least one field")?;
        let pointers = [("success_pointer", &self.success_pointer), ("message_id_path", &self.message_id_path)];
        for (name, pointer) in pointers {
            let good = pointer.as_ref().is_none_or(|pointer| pointer.starts_with('/'));
            require(good, &key(name), "must be a JSON pointer, which begins with \"/\"")?;
        }
        let lone = "is set but `success_pointer` is not: say where in the answer it stands";
        require(self.success_pointer.is_some() || self.success_value.is_empty(), &key("success_value"), lone)?;
        for (name, time) in [("connect_timeout", self.connect_timeout), ("timeout", self.timeout)] {
            require(!time.is_zero(), &key(name), "must be longer than 0s")?;
        }
        Ok(())
    }
}
