//! Whose request it is: the socket's address, unless a trusted proxy says better (security F6).

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use poem::{
    Addr, Request,
    http::{HeaderMap, HeaderName, header},
};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Which header the proxies write. A proxy passes the other one on as the client sent it, so only one is ever read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardingHeader {
    /// `X-Forwarded-For`, what nearly all proxies write.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// The networks whose word about the client is believed; empty believes nobody.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    header: ForwardingHeader,
}

impl TrustedProxies {
    /// Believes `header` when it comes from one of `networks`.
    #[must_use]
    pub const fn new(networks: Vec<IpNet>, header: ForwardingHeader) -> Self {
        Self { networks, header }
    }

    fn contain(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// The client of `request`; `None` when it did not come over a network socket.
    #[must_use]
    pub fn client_ip(&self, request: &Request) -> Option<IpAddr> {
        let Addr::SocketAddr(peer) = request.remote_addr().0 else { return None };
        Some(self.client_behind(peer.ip().to_canonical(), request.headers()))
    }

    /// Whether somebody who is not trusted passes on a request of somebody else: then nobody knows whose it is.
    #[must_use]
    pub fn is_from_unnamed_proxy(&self, request: &Request) -> bool {
        let forwarded = [header::FORWARDED, X_FORWARDED_FOR].iter().any(|name| request.headers().contains_key(name));
        let Addr::SocketAddr(peer) = request.remote_addr().0 else { return false };
        forwarded && !self.contain(peer.ip().to_canonical())
    }

    /// Whether the client of `request` is one who `may`. One behind a proxy that is not trusted never is: nobody knows it.
    pub fn admit(&self, request: &Request, may: impl Fn(IpAddr) -> bool) -> bool {
        !self.is_from_unnamed_proxy(request) && self.client_ip(request).is_none_or(may)
    }

    /// Goes from the peer through the hops, right to left, up to the first one that is not trusted.
    fn client_behind(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.contain(peer) {
            return peer;
        }
        let mut client = peer;
        for hop in self.hops(headers).into_iter().rev() {
            let Some(address) = address(hop) else { break };
            client = address;
            if !self.contain(client) {
                break;
            }
        }
        client
    }

    /// The hops the header names, nearest last; several lines are one list.
    fn hops<'a>(&self, headers: &'a HeaderMap) -> Vec<&'a str> {
        let listed = |name: &str| {
            let lines = headers.get_all(name).iter().map(|line| line.to_str().unwrap_or(""));
            lines.flat_map(|line| line.split(','))
        };
        match self.header {
            ForwardingHeader::XForwardedFor => listed("x-forwarded-for").collect(),
            ForwardingHeader::Forwarded => listed("forwarded").map(|hop| forwarded_for(hop).unwrap_or("")).collect(),
        }
    }
}

/// The `for` of one `Forwarded` element (RFC 7239).
fn forwarded_for(element: &str) -> Option<&str> {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for")).map(|(_, value)| value.trim().trim_matches('"'))
}

/// Reads `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` and `[2001:db8::1]:80`.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let address =
        hop.parse().ok().or_else(|| hop.parse().ok().map(|socket: SocketAddr| socket.ip())).or_else(bracketed);
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client_by(header: ForwardingHeader, peer: &str, headers: &[(&'static str, &str)]) -> String {
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()], header);
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        proxies.client_behind(peer.parse().unwrap(), &map).to_string()
    }

    fn client(peer: &str, headers: &[(&'static str, &str)]) -> String {
        client_by(ForwardingHeader::XForwardedFor, peer, headers)
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(client("192.0.2.7", &[("x-forwarded-for", "9.9.9.9")]), "192.0.2.7");
        assert_eq!(client("192.0.2.7", &[("forwarded", "for=9.9.9.9")]), "192.0.2.7");
    }

    #[test]
    fn the_right_most_untrusted_hop_is_the_client() {
        let cases = [
            ("9.9.9.9", "9.9.9.9"),
            ("9.9.9.9, 198.51.100.4", "198.51.100.4"),
            ("9.9.9.9, 198.51.100.4, 10.1.1.1", "198.51.100.4"),
            ("10.2.2.2, 10.1.1.1", "10.2.2.2"),
            ("198.51.100.4, nonsense", "10.0.0.1"),
            ("198.51.100.4, nonsense, 10.3.3.3", "10.3.3.3"),
            ("198.51.100.4:4711", "198.51.100.4"),
            ("[2001:db8::1]:80, fd00::2", "2001:db8::1"),
            ("::ffff:198.51.100.4", "198.51.100.4"),
            ("", "10.0.0.1"),
        ];
        for (header, expected) in cases {
            assert_eq!(client("10.0.0.1", &[("x-forwarded-for", header)]), expected, "{header}");
        }
    }

    #[test]
    fn several_lines_are_one_list() {
        let lines = [("x-forwarded-for", "9.9.9.9"), ("x-forwarded-for", "198.51.100.4, 10.1.1.1")];
        assert_eq!(client("10.0.0.1", &lines), "198.51.100.4");
    }

    #[test]
    fn only_the_header_the_proxies_write_is_read() {
        let both =
            [("x-forwarded-for", "9.9.9.9"), ("forwarded", "for=\"[2001:db8::9]:80\";proto=https, For=10.1.1.1")];
        assert_eq!(client("10.0.0.1", &both), "9.9.9.9");
        assert_eq!(client_by(ForwardingHeader::Forwarded, "10.0.0.1", &both), "2001:db8::9");
        assert_eq!(client("10.0.0.1", &both[1..]), "10.0.0.1");
        assert_eq!(client_by(ForwardingHeader::Forwarded, "10.0.0.1", &[("forwarded", "for=unknown")]), "10.0.0.1");
    }

    #[test]
    fn nobody_is_believed_by_default() {
        let request = Request::builder().header("x-forwarded-for", "9.9.9.9").finish();
        assert_eq!(TrustedProxies::default().client_ip(&request), None);
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "9.9.9.9".parse().unwrap());
        let peer = "10.0.0.1".parse().unwrap();
        assert_eq!(TrustedProxies::default().client_behind(peer, &headers), peer);
    }
}
