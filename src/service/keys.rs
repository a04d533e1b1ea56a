//! The keys with which applications call: made, changed, rotated and removed by the operator.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ipnet::IpNet;
use zeroize::Zeroizing;

use super::{Error, Service, admin::is_printable};
use crate::{
    core::{
        access::{ApiKey, Permission, Permissions, Pool, Scopes},
        callback::{Notice, Operator},
        clock::Timestamp,
        entropy::bytes,
        hex::hex,
    },
    store::{KeyChange, KeyUpdate},
};

/// Longest description of a key, in characters.
const MAX_DESCRIPTION: usize = 255;
/// Most networks that one key may be used from.
const MAX_NETWORKS: usize = 100;
/// Most names of applications that one key may use.
const MAX_SCOPES: usize = 100;

/// A key to be made.
pub struct NewKey {
    /// Which API it opens.
    pub pool: Pool,
    /// Which names of applications it may use there.
    pub scopes: Scopes,
    /// Free text.
    pub description: String,
    /// What it may do.
    pub permissions: Permissions,
    /// Where from; empty for anywhere.
    pub allowed_ips: Vec<IpNet>,
    /// Refused from then on.
    pub expires_at: Option<Timestamp>,
}

impl NewKey {
    /// One that may do everything there, from anywhere and for ever. It owns no name of an application.
    #[must_use]
    pub fn of(pool: Pool) -> Self {
        Self {
            pool,
            scopes: Scopes::default(),
            description: String::new(),
            permissions: pool.permissions(),
            allowed_ips: vec![],
            expires_at: None,
        }
    }
}

/// Credentials, shown once. No `Debug`.
pub struct NewSecret {
    /// Which API they open.
    pub pool: Pool,
    /// The public half.
    pub dev_key: String,
    /// The secret half: 256 random bits behind a prefix that scanners can find.
    pub dev_secret: Zeroizing<String>,
    /// What signs webhooks for its sends, where the API has such.
    pub webhook_secret: Option<Zeroizing<String>>,
}

impl NewSecret {
    /// The key as clients of `MailPass` and `AirTexts` send it; `None` where they send both halves as they are. What
    /// `MailPass` calls a key is both halves in one.
    #[must_use]
    pub fn api_key(&self) -> Option<Zeroizing<String>> {
        match self.pool {
            Pool::Engagelab => None,
            Pool::Mailpass => Some(Zeroizing::new(format!("{}.{}", self.dev_key, self.dev_secret.as_str()))),
            Pool::Airtexts => Some(Zeroizing::new(self.dev_key.clone())),
        }
    }

    /// The secret that goes with [`Self::api_key`] where it is a text of its own.
    #[must_use]
    pub fn api_secret(&self) -> Option<&Zeroizing<String>> {
        (self.pool == Pool::Airtexts).then_some(&self.dev_secret)
    }
}

/// A key as an operator sees it.
pub type KeySummary = ApiKey;

impl Service {
    /// Makes a key.
    pub async fn create_key(&self, app: i64, new: NewKey) -> Result<NewSecret, Error> {
        check_key(Some(&new.description), Some(&new.allowed_ips))?;
        check_pool(new.pool, Some(new.permissions), Some(&new.scopes))?;
        let parts = self.parts();
        let dev_key = format!("vk{}", hex(&bytes::<10>(&*parts.entropy)?));
        let dev_secret = self.draw_secret()?;
        let key = ApiKey {
            app,
            pool: new.pool,
            scopes: new.scopes,
            description: new.description,
            permissions: new.permissions,
            allowed_ips: new.allowed_ips,
            expires_at: new.expires_at,
            enabled: true,
            secret: self.secret_digest(&dev_key, &dev_secret),
            old_secret: None,
            created_at: parts.clock.now(),
            dev_key: dev_key.clone(),
        };
        self.refresh().await?; // whether anybody wants to hear of it
        let notice = key_notice("create api_key", &dev_key, &key.description);
        parts.store.add_key(&key, self.notice(app, &notice)?).await?;
        self.reload().await?;
        Ok(self.new_secret(new.pool, dev_key, dev_secret))
    }

    /// Gives a key a new secret; the old one works for `overlap`. `None` when there is no such key.
    pub async fn rotate_key(&self, dev_key: &str, overlap: Duration) -> Result<Option<NewSecret>, Error> {
        let dev_secret = self.draw_secret()?;
        let secret = self.secret_digest(dev_key, &dev_secret);
        let old_until = self.parts().clock.now() + overlap;
        let pool = self.change_key(dev_key, KeyChange::Rotate { secret, old_until }).await?;
        Ok(pool.map(|pool| self.new_secret(pool, dev_key.to_owned(), dev_secret)))
    }

    /// Switches a key on or off; false when there is no such key.
    pub async fn enable_key(&self, dev_key: &str, enabled: bool) -> Result<bool, Error> {
        self.update_key(dev_key, KeyUpdate { enabled: Some(enabled), ..KeyUpdate::default() }).await
    }

    /// Changes what an operator says about a key; false when there is no such key.
    pub async fn update_key(&self, dev_key: &str, update: KeyUpdate) -> Result<bool, Error> {
        check_key(update.description.as_deref(), update.allowed_ips.as_deref())?;
        Ok(self.change_key(dev_key, KeyChange::Update(update)).await?.is_some())
    }

    /// Removes a key; false when there is no such key.
    pub async fn delete_key(&self, dev_key: &str) -> Result<bool, Error> {
        Ok(self.change_key(dev_key, KeyChange::Delete).await?.is_some())
    }

    /// Which API the key opens; `None` when there is no such key.
    async fn change_key(&self, dev_key: &str, change: KeyChange) -> Result<Option<Pool>, Error> {
        let action = match change {
            KeyChange::Delete => "delete api_key",
            KeyChange::Update(_) | KeyChange::Rotate { .. } => "update api_key",
        };
        self.refresh().await?; // whose it is, and whether anybody wants to hear of it
        let directory = self.parts().directory.load_full();
        let Some(key) = directory.key(dev_key) else { return Ok(None) };
        if let KeyChange::Update(update) = &change {
            check_pool(key.pool, update.permissions, update.scopes.as_ref())?;
        }
        let notice = self.notice(key.app, &key_notice(action, dev_key, &key.description))?;
        let known = self.parts().store.change_key(dev_key, change, notice).await?;
        self.reload().await?;
        Ok(known.then_some(key.pool))
    }

    fn new_secret(&self, pool: Pool, dev_key: String, dev_secret: Zeroizing<String>) -> NewSecret {
        let webhook_secret = pool.has_webhooks().then(|| self.webhook_secret(&dev_key));
        NewSecret { pool, dev_key, dev_secret, webhook_secret }
    }

    fn draw_secret(&self) -> Result<Zeroizing<String>, Error> {
        let random = Zeroizing::new(bytes::<32>(&*self.parts().entropy)?);
        Ok(Zeroizing::new(format!("vsk_{}", BASE64_URL_SAFE_NO_PAD.encode(*random))))
    }
}

/// The command line has neither key nor address.
fn key_notice(action: &str, dev_key: &str, description: &str) -> Notice {
    Notice::KeyManage {
        operator: Operator::default(),
        action: action.to_owned(),
        api_key: dev_key.to_owned(),
        description: description.to_owned(),
    }
}

fn check_key(description: Option<&str>, networks: Option<&[IpNet]>) -> Result<(), Error> {
    if !description.is_none_or(|text| is_printable(text, MAX_DESCRIPTION)) {
        return Err(Error::Invalid(format!("description has at most {MAX_DESCRIPTION} printable characters")));
    }
    if networks.is_some_and(|networks| networks.len() > MAX_NETWORKS) {
        return Err(Error::Invalid(format!("allowed_ips has at most {MAX_NETWORKS} networks")));
    }
    Ok(())
}

/// What an API knows nothing of is not given to its keys: nobody is to believe that it means something.
fn check_pool(pool: Pool, permissions: Option<Permissions>, scopes: Option<&Scopes>) -> Result<(), Error> {
    if permissions.is_some_and(|permissions| !permissions.is_within(pool.permissions())) {
        let known: Vec<_> = pool.permissions().iter().map(Permission::as_str).collect();
        let (name, known) = (pool.as_str(), known.join(", "));
        return Err(Error::Invalid(format!("permissions of a key of {name} may only be: {known}")));
    }
    let Some(scopes) = scopes else { return Ok(()) };
    if scopes.len() > MAX_SCOPES {
        return Err(Error::Invalid(format!("appids has at most {MAX_SCOPES} names")));
    }
    if pool.has_scopes() == scopes.is_empty() {
        let must = if pool.has_scopes() { "must not be empty; `*` is any" } else { "must be empty" };
        return Err(Error::Invalid(format!("appids of a key of {} {must}", pool.as_str())));
    }
    Ok(())
}
