//! Who calls, and what they may do. From memory: no database on this path.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicI64, Ordering},
};

use super::{Cause, Error, Service};
use crate::core::{
    access::{ApiKey, AuthFailure, Permission, Permissions, Scopes},
    callback::Operator,
    clock::Timestamp,
};

/// Lets something happen a few times a second, however often it is asked for.
#[derive(Debug, Default)]
pub struct SecondLooks(AtomicI64);

impl SecondLooks {
    const PAUSE_MILLIS: i64 = 200;

    pub(super) fn allow(&self, now: Timestamp) -> bool {
        let last = self.0.load(Ordering::Relaxed);
        let free = now.millis() - last >= Self::PAUSE_MILLIS;
        free && self.0.compare_exchange(last, now.millis(), Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

/// A caller whose credentials were accepted.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The application that the key belongs to.
    pub app: i64,
    /// `None` for the users of an API without keys.
    dev_key: Option<String>,
    address: Option<IpAddr>,
    permissions: Permissions,
    scopes: Scopes,
}

impl Caller {
    fn with(key: &ApiKey, address: Option<IpAddr>) -> Self {
        let (dev_key, scopes) = (Some(key.dev_key.clone()), key.scopes.clone());
        Self { app: key.app, dev_key, address, permissions: key.permissions, scopes }
    }

    /// Key and address, for those who want to hear of what it does.
    #[must_use]
    pub fn operator(&self) -> Operator {
        let ip_address = self.address.map(|address| address.to_string());
        Operator { api_key: self.dev_key.clone(), ip_address }
    }

    /// The public half of its key; empty for the users of an API without keys.
    #[must_use]
    pub fn dev_key(&self) -> &str {
        self.dev_key.as_deref().unwrap_or_default()
    }

    /// Whether it may use this name of an application of its API (AirTexts spec 2.1).
    #[must_use]
    pub fn owns_scope(&self, name: &str) -> bool {
        self.scopes.owns(name)
    }

    /// Where it calls from, if that is known.
    #[must_use]
    pub const fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// The names that it may use.
    #[must_use]
    pub(super) const fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// Refuses unless the key has this permission.
    pub fn need(&self, permission: Permission) -> Result<(), Error> {
        if self.permissions.contains(permission) { Ok(()) } else { Err(Error::Forbidden) }
    }
}

impl Service {
    /// Accepts or refuses credentials of a dialect that come from `address`. Those of another dialect are unknown.
    ///
    /// A key that does not exist costs the same work as one that does (security B4), but for a few looks a second into
    /// the database: it may have been made a moment ago.
    pub async fn authenticate(
        &self,
        dialect: &str,
        dev_key: &str,
        secret: &str,
        address: Option<IpAddr>,
    ) -> Result<Caller, Error> {
        let digest = self.secret_digest(dev_key, secret);
        self.admitted(dialect, dev_key, address, |key, now| key.admit(&digest, address, now)).await
    }

    /// Accepts or refuses whoever speaks for a key of a dialect without its secret, because somebody whom the dialect believes
    /// has said so.
    pub async fn vouched(&self, dialect: &str, dev_key: &str, address: Option<IpAddr>) -> Result<Caller, Error> {
        self.admitted(dialect, dev_key, address, |key, now| key.admit_known(address, now)).await
    }

    async fn admitted(
        &self,
        dialect: &str,
        dev_key: &str,
        address: Option<IpAddr>,
        admit: impl Fn(&ApiKey, Timestamp) -> Result<(), AuthFailure>,
    ) -> Result<Caller, Error> {
        let parts = self.parts();
        if parts.directory.load().key(dev_key).is_none() && parts.second_looks.allow(parts.clock.now()) {
            Box::pin(self.refresh()).await?; // seldom, and large: every call would be as large
        }
        let directory = parts.directory.load();
        let key = directory.key(dev_key).filter(|key| key.pool.as_str() == dialect);
        let key = key.ok_or(Error::Unauthenticated(AuthFailure::Unknown))?;
        match admit(key, parts.clock.now()) {
            Ok(()) => Ok(Caller::with(key, address)),
            Err(AuthFailure::Address) => Err(Error::Forbidden),
            Err(failure) => Err(Error::Unauthenticated(failure)),
        }
    }

    /// Whoever calls an API without keys from `address`, in the name of the application that the configuration gives it.
    /// `setting` is what names it; [`Cause::NoApplication`] where it is not there, or not yet.
    pub async fn stand_in(
        &self,
        (setting, app): (&'static str, &str),
        address: Option<IpAddr>,
    ) -> Result<Caller, Error> {
        let parts = self.parts();
        let known = || parts.directory.load().apps.iter().find(|known| known.name == app).map(|app| app.id);
        let mut owner = known();
        if owner.is_none() && parts.second_looks.allow(parts.clock.now()) && Box::pin(self.refresh()).await? {
            owner = known();
        }
        let app = owner.ok_or_else(|| Cause::NoApplication { setting, app: app.to_owned() })?;
        let permissions = Permissions::of(Permission::ALL);
        Ok(Caller { app, dev_key: None, address, permissions, scopes: Scopes::any() })
    }

    /// What is kept of an API secret.
    pub(super) fn secret_digest(&self, dev_key: &str, secret: &str) -> crate::core::keyring::Digest {
        self.parts().keys.load().digest("api-secret", &[dev_key.as_bytes(), secret.as_bytes()])
    }
}
