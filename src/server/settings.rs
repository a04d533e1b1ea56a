//! What a listener is told; the defaults are those of security F4 and F5.

use std::{net::SocketAddr, sync::Arc, time::Duration};

/// Address, TLS and limits of one listener.
#[derive(Clone, Debug)]
pub struct ListenerSettings {
    /// Where to listen; port 0 takes a free one.
    pub address: SocketAddr,
    /// Speaks TLS when given; see [`super::tls::load`].
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// From accepting a connection to the head of its first request, TLS handshake included.
    pub first_request: Duration,
    /// From the first byte of a later request to the end of its head.
    pub head: Duration,
    /// From a request's head to its answer.
    pub whole_request: Duration,
    /// How long a connection may rest between requests.
    pub idle: Duration,
    /// Connections at once.
    pub max_connections: usize,
    /// Connections at once from one IPv4 address or one IPv6 /64; loopback is exempt.
    pub max_connections_per_ip: usize,
    /// Streams at once on one HTTP/2 connection.
    pub max_streams: u32,
    /// Requests at once; the next one is told that the server is overloaded.
    pub max_in_flight: usize,
    /// Headers of one request.
    pub max_headers: usize,
    /// Bytes of one request's target and headers together.
    pub max_header_bytes: usize,
}

impl ListenerSettings {
    /// The defaults, without TLS.
    #[must_use]
    pub const fn new(address: SocketAddr) -> Self {
        Self {
            address,
            tls: None,
            first_request: Duration::from_secs(10),
            head: Duration::from_secs(10),
            whole_request: Duration::from_secs(15),
            idle: Duration::from_mins(1),
            max_connections: 10_000,
            max_connections_per_ip: 100,
            max_streams: 64,
            max_in_flight: 1024,
            max_headers: 100,
            max_header_bytes: 16 * 1024,
        }
    }
}
