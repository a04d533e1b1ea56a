//! Which addresses are machines on the public network (IANA's special-purpose registries; security D1).

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::LazyLock,
};

use ipnet::{Ipv4Net, Ipv6Net};

/// Not public: this network, private, carrier-grade, loopback, link-local, protocol assignments, documentation, 6to4
/// relays, benchmarks, multicast, reserved and broadcast.
const V4: [&str; 15] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
];

/// All that is public in IPv6 today.
const V6_GLOBAL: &str = "2000::/3";

/// In it, not public or a way to another network: Teredo and the other protocol assignments, documentation and 6to4.
const V6: [&str; 4] = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

struct Table {
    v4: Vec<Ipv4Net>,
    v6: Vec<Ipv6Net>,
    v6_global: Option<Ipv6Net>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| Table {
    v4: V4.iter().filter_map(|network| network.parse().ok()).collect(),
    v6: V6.iter().filter_map(|network| network.parse().ok()).collect(),
    v6_global: V6_GLOBAL.parse().ok(),
});

/// Whether a machine with this address is one that everybody could ask. An IPv4 address in IPv6 clothes is judged as
/// what it is; addresses that lead through a translator or a tunnel are refused.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !TABLE.v4.iter().any(|network| network.contains(&address))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let global = TABLE.v6_global.is_some_and(|network| network.contains(&address));
    global && !TABLE.v6.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_of_the_tables_can_be_read() {
        assert_eq!((TABLE.v4.len(), TABLE.v6.len(), TABLE.v6_global.is_some()), (V4.len(), V6.len(), true));
    }
}
