//! What an operator says about a mail server.

use std::time::Duration;

use lettre::transport::smtp::client::{Certificate, TlsParameters};

use super::{BounceSettings, DkimSettings};
use crate::channel::SettingsError;

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tls {
    /// In the clear until `STARTTLS`; a server that does not offer it gets nothing (security C6). Port 587.
    #[default]
    Starttls,
    /// TLS from the first byte. Port 465.
    Implicit,
    /// Never. For a relay on this machine.
    None,
}

/// User name and password for `AUTH`. No `Debug`.
pub struct Login {
    /// User name.
    pub username: String,
    /// Password.
    pub password: String,
}

/// One mail server. Holds a password: no `Debug`.
pub struct SmtpSettings {
    /// Host name or address; the certificate must be for it.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Protection of the connection.
    pub tls: Tls,
    /// What to log in with, if anything.
    pub login: Option<Login>,
    /// The sender when the message brings none: `otp@example.com` or `Example <otp@example.com>`.
    pub from: String,
    /// Signs every mail, if set.
    pub dkim: Option<DkimSettings>,
    /// Where bounces go; without it to the sender, whoever reads that.
    pub bounces: Option<BounceSettings>,
    /// Certificate authorities to trust beside the system's, in PEM.
    pub extra_ca: Option<Vec<u8>>,
    /// Most connections at a time; 8.
    pub connections: usize,
    /// Limit for connection, greeting and `EHLO`; 10 s.
    pub connect_timeout: Duration,
    /// Limit for each command; 30 s.
    pub command_timeout: Duration,
    /// Limit for the text and the answer to its final dot; 60 s (security section 5).
    pub data_timeout: Duration,
}

impl SmtpSettings {
    /// The defaults for the submission port of `host`: port 587, `STARTTLS`, no login.
    #[must_use]
    pub fn new(host: &str, from: &str) -> Self {
        Self {
            host: host.to_owned(),
            port: 587,
            tls: Tls::Starttls,
            login: None,
            from: from.to_owned(),
            dkim: None,
            bounces: None,
            extra_ca: None,
            connections: 8,
            connect_timeout: Duration::from_secs(10),
            command_timeout: Duration::from_secs(30),
            data_timeout: Duration::from_mins(1),
        }
    }

    /// What a TLS handshake with the server checks; `None` without TLS.
    pub(super) fn tls_parameters(&self) -> Result<Option<TlsParameters>, SettingsError> {
        if self.tls == Tls::None {
            return Ok(None);
        }
        let mut parameters = TlsParameters::builder(self.host.clone());
        if let Some(pem) = &self.extra_ca {
            let bad = || SettingsError::new("ca_file", "holds no usable certificate in PEM form");
            let found = pem.windows(11).any(|bytes| bytes == b"-----BEGIN ");
            let certificate = Certificate::from_pem(pem).ok().filter(|_| found).ok_or_else(bad)?;
            parameters = parameters.add_root_certificate(certificate);
        }
        let built = parameters.build();
        built.map(Some).map_err(|_| SettingsError::new("ca_file", "holds no usable certificate in PEM form"))
    }
}
