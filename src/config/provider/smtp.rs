//! `kind = "smtp"`: a mail server.

use std::{path::PathBuf, time::Duration};

use serde::Deserialize;

use crate::config::{
    error::{ConfigError, require},
    secret::Secret,
    value::{duration, optional, optional_path},
};
use crate::core::channel::Channel;

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
    /// The domain that signs mails (DKIM); they are not signed without it.
    #[serde(deserialize_with = "optional")]
    pub dkim_domain: Option<String>,
    /// Names the key below the domain.
    #[serde(deserialize_with = "optional")]
    pub dkim_selector: Option<String>,
    /// The private key, PEM.
    #[serde(deserialize_with = "optional_path")]
    pub dkim_key_file: Option<PathBuf>,
    /// Where bounces go, for the webhook to be told of; not set, to the sender.
    #[serde(deserialize_with = "optional")]
    pub bounces_to: Option<String>,
    /// More trusted certificates, PEM.
    #[serde(deserialize_with = "optional_path")]
    pub ca_file: Option<PathBuf>,
    /// For connecting, and for each command.
    #[serde(deserialize_with = "duration")]
    pub timeout: Duration,
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

    pub(super) fn validate(&self, section: &str, channels: &[Channel]) -> Result<(), ConfigError> {
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
        let dkim = [
            ("dkim_domain", self.dkim_domain.is_some()),
            ("dkim_selector", self.dkim_selector.is_some()),
            ("dkim_key_file", self.dkim_key_file.is_some()),
        ];
        let signs = dkim.iter().any(|(_, set)| *set);
        for (name, set) in dkim {
            require(set || !signs, &key(name), "is missing: DKIM needs domain, selector and key file, all or none")?;
        }
        require(!self.timeout.is_zero(), &key("timeout"), "must be longer than 0s")
    }
}
