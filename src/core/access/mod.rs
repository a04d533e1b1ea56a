//! Applications and their API keys.

mod permission;
mod pool;

use std::net::IpAddr;

use ipnet::IpNet;
use subtle::ConstantTimeEq;

use super::{clock::Timestamp, keyring::Digest, money::Usd};

pub use permission::{Permission, Permissions};
pub use pool::{BadScope, Pool, Scopes};

/// One application: the owner of keys, templates and messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Snowflake.
    pub id: i64,
    /// Unique name.
    pub name: String,
    /// Made at.
    pub created_at: Timestamp,
    /// What it may spend in all; `None` for any amount.
    pub spend_limit: Option<Usd>,
    /// Tell when less than this is left of the limit.
    pub balance_alert: Option<Usd>,
    /// Tell when fewer codes than this, in percent, come back.
    pub verification_rate_alert: Option<u8>,
}

/// Why credentials were not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthFailure {
    /// None were given.
    #[error("credentials are missing")]
    Missing,
    /// No such key, or not its secret.
    #[error("credentials are wrong")]
    Unknown,
    /// The key is switched off or too old.
    #[error("the key is expired or disabled")]
    Disabled,
    /// The key may not be used from this address.
    #[error("the key may not be used from this address")]
    Address,
}

/// A secret that a rotation replaced and that works a little longer.
#[derive(Clone)]
pub struct OldSecret {
    /// Keyed digest.
    pub digest: Digest,
    /// Refused from then on.
    pub until: Timestamp,
}

/// One API key. Secrets are kept as keyed digests; no `Debug`.
#[derive(Clone)]
pub struct ApiKey {
    /// The public half.
    pub dev_key: String,
    /// Owner.
    pub app: i64,
    /// Which API it opens.
    pub pool: Pool,
    /// Which names of applications it may use there.
    pub scopes: Scopes,
    /// Free text.
    pub description: String,
    /// What it may do.
    pub permissions: Permissions,
    /// Where it may be used from; empty for anywhere.
    pub allowed_ips: Vec<IpNet>,
    /// Refused from then on.
    pub expires_at: Option<Timestamp>,
    /// Off when false.
    pub enabled: bool,
    /// Keyed digest of the secret.
    pub secret: Digest,
    /// The one before, during its overlap.
    pub old_secret: Option<OldSecret>,
    /// Made at.
    pub created_at: Timestamp,
}

impl ApiKey {
    /// Accepts or refuses whoever shows a secret with this digest, from this address, now.
    ///
    /// The secret comes first: nobody without it learns anything about the key.
    pub fn admit(&self, secret: &Digest, address: Option<IpAddr>, now: Timestamp) -> Result<(), AuthFailure> {
        if self.knows(secret, now) { self.admit_known(address, now) } else { Err(AuthFailure::Unknown) }
    }

    /// The same for whoever is known to speak for the key without its secret.
    pub fn admit_known(&self, address: Option<IpAddr>, now: Timestamp) -> Result<(), AuthFailure> {
        if !self.enabled || self.expires_at.is_some_and(|end| now >= end) {
            return Err(AuthFailure::Disabled);
        }
        let allowed = |address: IpAddr| self.allowed_ips.iter().any(|net| net.contains(&address.to_canonical()));
        if self.allowed_ips.is_empty() || address.is_some_and(allowed) { Ok(()) } else { Err(AuthFailure::Address) }
    }

    fn knows(&self, secret: &Digest, now: Timestamp) -> bool {
        let old = self.old_secret.as_ref().filter(|old| now < old.until);
        let by_new = self.secret.ct_eq(secret);
        let by_old = old.map_or(0.into(), |old| old.digest.ct_eq(secret));
        (by_new | by_old).into()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn key() -> ApiKey {
        ApiKey {
            dev_key: "key".into(),
            app: 1,
            pool: Pool::Engagelab,
            scopes: Scopes::default(),
            description: String::new(),
            permissions: Permissions::of([Permission::Send]),
            allowed_ips: vec![],
            expires_at: None,
            enabled: true,
            secret: [1; 32],
            old_secret: None,
            created_at: START,
        }
    }

    #[test]
    fn only_the_secret_opens_a_key_and_it_is_looked_at_first() {
        let off = ApiKey { enabled: false, ..key() };
        assert_eq!(key().admit(&[1; 32], None, START), Ok(()));
        assert_eq!(key().admit(&[2; 32], None, START), Err(AuthFailure::Unknown));
        assert_eq!(off.admit(&[2; 32], None, START), Err(AuthFailure::Unknown));
        assert_eq!(off.admit(&[1; 32], None, START), Err(AuthFailure::Disabled));
    }

    #[test]
    fn a_key_ends_at_its_expiry() {
        let key = ApiKey { expires_at: Some(START + Duration::from_millis(1)), ..key() };
        assert_eq!(key.admit(&[1; 32], None, START), Ok(()));
        assert_eq!(key.admit(&[1; 32], None, START + Duration::from_millis(1)), Err(AuthFailure::Disabled));
    }

    #[test]
    fn an_allow_list_admits_its_networks_only_also_through_mapped_addresses() {
        let key = ApiKey { allowed_ips: vec!["10.1.0.0/16".parse().unwrap()], ..key() };
        let from = |address: &str| key.admit(&[1; 32], Some(address.parse().unwrap()), START);
        assert_eq!(from("10.1.2.3"), Ok(()));
        assert_eq!(from("::ffff:10.1.2.3"), Ok(()));
        assert_eq!(from("10.2.0.1"), Err(AuthFailure::Address));
        assert_eq!(key.admit(&[1; 32], None, START), Err(AuthFailure::Address));
    }

    #[test]
    fn two_secrets_live_until_the_overlap_ends() {
        let old = OldSecret { digest: [3; 32], until: START + Duration::from_secs(1) };
        let key = ApiKey { old_secret: Some(old), ..key() };
        assert_eq!(key.admit(&[3; 32], None, START), Ok(()));
        assert_eq!(key.admit(&[1; 32], None, START), Ok(()));
        assert_eq!(key.admit(&[3; 32], None, START + Duration::from_secs(1)), Err(AuthFailure::Unknown));
    }
}
