//! Who may use the management API.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::{
    Error, Service,
    admin::{MAX_NAME, is_printable},
    callbacks::Login,
};
use crate::{
    core::{admin_token::AdminToken, clock::Timestamp, entropy::bytes, keyring::Digest},
    store::StoreError,
};

/// A token to be made.
pub struct NewAdminToken {
    /// What the operator calls it; unique.
    pub name: String,
    /// Refused from then on.
    pub expires_at: Option<Timestamp>,
}

/// Why a token is not accepted.
#[derive(Debug)]
pub enum AdminRefusal {
    /// No such token, or it has expired.
    Unknown,
    /// Too many wrong tokens came from this address; it is heard again after this time.
    Throttled(Duration),
    /// The server could not look.
    Failed(Error),
}

/// Wrong tokens of the last minute, by address (security F2). A right token is never refused for the wrong ones: it has
/// 256 random bits, so what is saved is work, not the secret.
#[derive(Debug, Default)]
pub struct FailedTries(Mutex<HashMap<IpAddr, Tries>>);

#[derive(Clone, Copy, Debug)]
struct Tries {
    since: Timestamp,
    count: u32,
}

impl FailedTries {
    const ALLOWED: u32 = 10;
    const WINDOW: Duration = Duration::from_mins(1);
    /// Addresses remembered at once.
    const KEPT: usize = 4096;

    /// Counts one wrong token; the time to wait where there were too many.
    fn count(&self, address: IpAddr, now: Timestamp) -> Option<Duration> {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() >= Self::KEPT {
            tries.retain(|_, tries| now < tries.since + Self::WINDOW);
        }
        if tries.len() >= Self::KEPT {
            return Some(Self::WINDOW); // a flood from everywhere
        }
        let of_address = tries.entry(subscriber(address)).or_insert(Tries { since: now, count: 0 });
        if now >= of_address.since + Self::WINDOW {
            *of_address = Tries { since: now, count: 0 };
        }
        of_address.count = of_address.count.saturating_add(1);
        (of_address.count > Self::ALLOWED).then(|| (of_address.since + Self::WINDOW).since(now))
    }
}

/// What an address is counted as: whoever has one IPv6 address has the /64 around it.
#[must_use]
pub fn subscriber(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

impl Service {
    /// Makes a token, which is shown once: `vda_` and 256 random bits. `None` when the name is taken.
    pub async fn create_admin_token(&self, new: NewAdminToken) -> Result<Option<Zeroizing<String>>, Error> {
        if new.name.is_empty() || !is_printable(&new.name, MAX_NAME) {
            return Err(Error::Invalid("a token's name has 1 to 128 printable characters".into()));
        }
        let parts = self.parts();
        let now = parts.clock.now();
        let random = Zeroizing::new(bytes::<32>(&*parts.entropy)?);
        let token = Zeroizing::new(format!("vda_{}", BASE64_URL_SAFE_NO_PAD.encode(*random)));
        let digest = self.admin_digest(&token);
        let (name, expires_at) = (new.name, new.expires_at);
        let kept = AdminToken { id: parts.ids.next(now)?, name, digest, expires_at, created_at: now };
        match parts.store.add_admin_token(&kept).await {
            Err(StoreError::Conflict) => return Ok(None),
            result => result?,
        }
        self.reload().await?;
        Ok(Some(token))
    }

    /// All tokens, the oldest first.
    pub async fn admin_tokens(&self) -> Result<Vec<AdminToken>, Error> {
        self.refresh().await?;
        Ok(self.parts().directory.load().admin_tokens.clone())
    }

    /// Removes a token; false when there is none of that name.
    pub async fn delete_admin_token(&self, name: &str) -> Result<bool, Error> {
        let known = self.parts().store.delete_admin_token(name).await?;
        self.reload().await?;
        Ok(known)
    }

    /// Accepts or refuses a token that comes from `address`. From memory, but for a few looks a second into the database
    /// for one that nobody knows: it may have been made a moment ago.
    pub async fn admit_admin(&self, token: &str, address: Option<IpAddr>) -> Result<(), AdminRefusal> {
        let parts = self.parts();
        let (digest, now) = (self.admin_digest(token), parts.clock.now());
        let mut known = self.known_admin(&digest, now);
        if known.is_none() && parts.second_looks.allow(now) && self.refresh().await.map_err(AdminRefusal::Failed)? {
            known = self.known_admin(&digest, now);
        }
        if let Some(token) = known {
            self.tell_login(Login::With(token), address, now).await;
            return Ok(());
        }
        if let Some(wait) = address.and_then(|address| parts.failed_tries.count(address, now)) {
            return Err(AdminRefusal::Throttled(wait));
        }
        self.tell_login(Login::Failed, address, now).await;
        Err(AdminRefusal::Unknown)
    }

    /// The id of the token with this digest. Looks at every token, so that the time says nothing about which one it was.
    fn known_admin(&self, digest: &Digest, now: Timestamp) -> Option<i64> {
        let directory = self.parts().directory.load();
        let look = |known, token: &AdminToken| if token.admits(digest, now) { Some(token.id) } else { known };
        directory.admin_tokens.iter().fold(None, look)
    }

    /// Whoever cannot be told is no reason to refuse anybody.
    async fn tell_login(&self, login: Login, address: Option<IpAddr>, now: Timestamp) {
        let origin = address.map(subscriber);
        if let Err(err) = self.note_login(login, address, origin, now).await {
            tracing::warn!(%err, "callbacks are not told of a login");
        }
    }

    fn admin_digest(&self, token: &str) -> Digest {
        self.parts().keys.load().digest("admin-token", &[token.as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_wrong_token_of_a_minute_waits_for_its_end_and_others_do_not() {
        let (tries, start) = (FailedTries::default(), Timestamp::from_millis(1_700_000_000_000));
        let (one, other): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        for _ in 0..10 {
            assert_eq!(tries.count(one, start), None);
        }
        assert_eq!(tries.count(one, start + Duration::from_secs(20)), Some(Duration::from_secs(40)));
        assert_eq!(tries.count(other, start), None);
        assert_eq!(tries.count(one, start + Duration::from_mins(1)), None);
    }

    #[test]
    fn neighbours_of_one_ipv6_network_are_one() {
        let (tries, start) = (FailedTries::default(), Timestamp::default());
        let counted = |last: u16| tries.count(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, last).into(), start);
        assert!((0..10).all(|last| counted(last).is_none()));
        assert!(counted(10).is_some());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (tries, start) = (FailedTries::default(), Timestamp::default());
        let from = |number: u32, at| tries.count(IpAddr::V4(number.into()), at);
        for number in 0..5000 {
            from(number, start);
        }
        assert_eq!(tries.0.lock().unwrap().len(), FailedTries::KEPT);
        assert_eq!(from(5000, start), Some(FailedTries::WINDOW));
        assert_eq!(from(5000, start + FailedTries::WINDOW), None);
    }
}
