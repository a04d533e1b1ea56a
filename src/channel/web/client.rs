//! The one client with which providers that speak HTTP are asked.

use std::{net::IpAddr, time::Duration};

use reqwest::{
    Certificate, Client, Url,
    header::{HeaderMap, HeaderName, HeaderValue},
    redirect,
};

use crate::channel::{SettingsError, install_crypto};

/// Whom to trust and how long to wait.
pub struct ClientSettings {
    /// Certificate authorities to trust beside the system's, in PEM.
    pub extra_ca: Option<Vec<u8>>,
    /// Limit for name, connection and TLS; 5 s.
    pub connect_timeout: Duration,
    /// Limit for everything, answer included; 10 s (security section 5).
    pub timeout: Duration,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self { extra_ca: None, connect_timeout: Duration::from_secs(5), timeout: Duration::from_secs(10) }
    }
}

impl ClientSettings {
    /// A client that keeps connections alive, follows no redirect and reads no proxy from the environment. `headers` go
    /// with every request. Installs the process's cryptography if nothing has.
    pub(in crate::channel) fn client(&self, url: &Url, headers: HeaderMap) -> Result<Client, SettingsError> {
        install_crypto();
        let client = Client::builder()
            .default_headers(headers)
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
}

/// An address that may be asked: `https`, or `http` to this machine, or anywhere if `plain`. `key` is the setting's name.
pub(in crate::channel) fn checked_url(key: &'static str, text: &str, plain: bool) -> Result<Url, SettingsError> {
    let url = Url::parse(text).map_err(|_| SettingsError::new(key, "is no URL; give https://host/path"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(SettingsError::new(key, "holds a user name or password; use the `authorization` header"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if plain || is_loopback(&url) => Ok(url),
        "http" => Err(SettingsError::new(
            key,
            "would send codes in the clear; use https, or set `dangerous_plain_http = true`",
        )),
        _ => Err(SettingsError::new(key, "must begin with https:// or http://")),
    }
}

/// Headers whose values never show up in a log.
pub(in crate::channel) fn checked_headers<'a>(
    key: &'static str,
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<HeaderMap, SettingsError> {
    let headers = headers.into_iter().map(|(name, value)| {
        let bad = || SettingsError::new(key, "a name or value has characters that HTTP does not allow");
        let mut value = HeaderValue::from_str(value).map_err(|_| bad())?;
        value.set_sensitive(true);
        Ok((HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?, value))
    });
    headers.collect()
}

fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()),
        None => false,
    }
}
