//! `[http]`: the listener, its limits and deadlines (security F4 to F6).

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;
use serde::Deserialize;

use super::{
    error::{ConfigError, require},
    value::{address, duration, networks, optional, optional_path},
};

/// `[http]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Where to listen; port 0 takes a free one.
    #[serde(deserialize_with = "address")]
    pub listen: SocketAddr,
    /// The address under which others reach this server, without a slash at its end.
    #[serde(deserialize_with = "optional")]
    pub public_url: Option<String>,
    /// Whose forwarding headers are believed (security F6).
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// Who may read `/metrics`.
    #[serde(deserialize_with = "networks")]
    pub operator_allow: Vec<IpNet>,
    /// From accepting to the first complete request.
    #[serde(deserialize_with = "duration")]
    pub first_request_timeout: Duration,
    /// From the first byte of a request to the end of its headers.
    #[serde(deserialize_with = "duration")]
    pub header_timeout: Duration,
    /// For one whole request.
    #[serde(deserialize_with = "duration")]
    pub request_timeout: Duration,
    /// Between requests.
    #[serde(deserialize_with = "duration")]
    pub idle_timeout: Duration,
    /// Connections at once.
    pub max_connections: usize,
    /// Connections at once from one address; loopback is not counted.
    pub max_connections_per_ip: usize,
    /// Requests at once.
    pub max_in_flight: usize,
    /// How long new connections are still taken during shutdown.
    #[serde(deserialize_with = "duration")]
    pub shutdown_accept: Duration,
    /// When the process ends at the latest, counted from the signal.
    #[serde(deserialize_with = "duration")]
    pub shutdown_total: Duration,
    /// Certificate and key, for a TLS listener.
    pub tls: Tls,
}

/// `[http.tls]`; both or none.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// Certificate chain, PEM.
    #[serde(deserialize_with = "optional_path")]
    pub certificate: Option<PathBuf>,
    /// Private key, PEM.
    #[serde(deserialize_with = "optional_path")]
    pub key: Option<PathBuf>,
}

impl Http {
    /// Whether only this machine can reach the listener.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.listen.ip().to_canonical().is_loopback()
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let times = [
            ("http.first_request_timeout", self.first_request_timeout),
            ("http.header_timeout", self.header_timeout),
            ("http.request_timeout", self.request_timeout),
            ("http.idle_timeout", self.idle_timeout),
        ];
        for (key, time) in times {
            require(!time.is_zero(), key, "must be longer than 0s")?;
        }
        let web = |url: &String| ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme));
        let good = |url: &String| web(url) && !url.ends_with('/') && !url.contains(['?', '#']);
        let shape = "must begin with \"https://\" (or \"http://\") and have no \"/\" at its end, or be \"\"";
        require(self.public_url.as_ref().is_none_or(good), "http.public_url", shape)?;
        let limits = [
            ("http.max_connections", self.max_connections),
            ("http.max_connections_per_ip", self.max_connections_per_ip),
            ("http.max_in_flight", self.max_in_flight),
        ];
        for (key, limit) in limits {
            require(limit > 0, key, "must be at least 1")?;
        }
        let order = "is longer than `shutdown_total`: make it shorter, so that open requests can end";
        require(self.shutdown_accept <= self.shutdown_total, "http.shutdown_accept", order)?;
        self.tls.validate()
    }
}

impl Tls {
    /// Certificate and key, where both are set.
    #[must_use]
    pub fn files(&self) -> Option<(&PathBuf, &PathBuf)> {
        self.certificate.as_ref().zip(self.key.as_ref())
    }

    fn validate(&self) -> Result<(), ConfigError> {
        let (certificate, key) = (self.certificate.is_some(), self.key.is_some());
        let missing = |other| format!("is set but `{other}` is not: TLS needs both, plain HTTP neither");
        require(key || !certificate, "http.tls.certificate", &missing("key"))?;
        require(certificate || !key, "http.tls.key", &missing("certificate"))
    }
}
