//! Counts connections, in all and per address. Touched when a connection comes and goes, never per request.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The places for connections.
#[derive(Debug)]
pub(super) struct Slots {
    max: usize,
    max_per_ip: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_ip: HashMap<IpAddr, usize>,
}

/// One taken place; given back when dropped.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Arc<Slots>,
    owner: IpAddr,
}

impl Slots {
    pub(super) fn new(max: usize, max_per_ip: usize) -> Arc<Self> {
        Arc::new(Self { max, max_per_ip, taken: Mutex::default() })
    }

    /// Takes a place for `address`; `None` when there is none left in all or for it.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Slot> {
        let owner = owner(address);
        let mut taken = self.lock();
        let of_owner = taken.by_ip.get(&owner).copied().unwrap_or(0);
        if taken.all >= self.max || (of_owner >= self.max_per_ip && !owner.is_loopback()) {
            return None;
        }
        taken.all += 1;
        taken.by_ip.insert(owner, of_owner + 1);
        Some(Slot { slots: self.clone(), owner })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who counts as one: an IPv4 address, or an IPv6 /64 (one household or machine has all of it).
fn owner(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
        address => address,
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.slots.lock();
        taken.all -= 1;
        if let Some(count) = taken.by_ip.get_mut(&self.owner) {
            *count -= 1;
            if *count == 0 {
                taken.by_ip.remove(&self.owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_limited_in_all_and_per_owner_and_come_back() {
        let slots = Slots::new(3, 1);
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let first = slots.take(address("192.0.2.1")).unwrap();
        assert!(slots.take(address("192.0.2.1")).is_none());
        assert!(slots.take(address("::ffff:192.0.2.1")).is_none());
        let second = slots.take(address("2001:db8::1")).unwrap();
        assert!(slots.take(address("2001:db8::2")).is_none());
        let third = slots.take(address("2001:db8:0:1::1")).unwrap();
        assert!(slots.take(address("192.0.2.9")).is_none());
        drop((first, second, third));
        assert!(slots.lock().by_ip.is_empty());
        let local: Vec<_> = (0..3).map(|_| slots.take(address("127.0.0.1")).unwrap()).collect();
        assert!(slots.take(address("127.0.0.1")).is_none());
        assert_eq!(local.len(), 3);
    }
}
