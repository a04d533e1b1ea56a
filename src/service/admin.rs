//! What the operator does: applications, keys, reviews, blocked recipients.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ipnet::IpNet;
use zeroize::Zeroizing;

use super::{Error, Service};
use crate::{
    core::{
        access::{ApiKey, App, Permissions},
        callback::{Notice, Operator},
        clock::Timestamp,
        entropy::bytes,
        hex::hex,
        recipient::Recipient,
        template::{Audit, Draft},
    },
    store::{KeyChange, KeyUpdate, StoreError},
};

/// Longest name of an application or token, in characters.
pub(super) const MAX_NAME: usize = 128;
/// Longest description of a key, in characters.
const MAX_DESCRIPTION: usize = 255;
/// Longest reason of a rejection, in characters.
const MAX_REMARK: usize = 500;
/// Most networks that one key may be used from.
const MAX_NETWORKS: usize = 100;

/// A key to be made.
pub struct NewKey {
    /// Free text.
    pub description: String,
    /// What it may do.
    pub permissions: Permissions,
    /// Where from; empty for anywhere.
    pub allowed_ips: Vec<IpNet>,
    /// Refused from then on.
    pub expires_at: Option<Timestamp>,
}

/// Credentials, shown once. No `Debug`.
pub struct NewSecret {
    /// The public half.
    pub dev_key: String,
    /// The secret half: 256 random bits behind a prefix that scanners can find.
    pub dev_secret: Zeroizing<String>,
}

/// A key as an operator sees it.
pub type KeySummary = ApiKey;

impl Service {
    /// Adds an application; `None` when the name is taken.
    pub async fn create_app(&self, name: &str) -> Result<Option<App>, Error> {
        if name.is_empty() || !is_printable(name, MAX_NAME) {
            return Err(Error::Invalid("an application's name has 1 to 128 printable characters".into()));
        }
        let parts = self.parts();
        let now = parts.clock.now();
        let app = App {
            id: parts.ids.next(now)?,
            name: name.to_owned(),
            created_at: now,
            spend_limit: None,
            balance_alert: None,
            verification_rate_alert: None,
        };
        match parts.store.add_app(&app).await {
            Err(StoreError::Conflict) => return Ok(None),
            result => result?,
        }
        self.reload().await?;
        Ok(Some(app))
    }

    /// The application of that name.
    pub async fn app(&self, name: &str) -> Result<Option<App>, Error> {
        self.refresh().await?;
        Ok(self.parts().directory.load().apps.iter().find(|app| app.name == name).cloned())
    }

    /// Makes a key.
    pub async fn create_key(&self, app: i64, new: NewKey) -> Result<NewSecret, Error> {
        check_key(Some(&new.description), Some(&new.allowed_ips))?;
        let parts = self.parts();
        let dev_key = format!("vk{}", hex(&bytes::<10>(&*parts.entropy)?));
        let dev_secret = self.draw_secret()?;
        let key = ApiKey {
            app,
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
        Ok(NewSecret { dev_key, dev_secret })
    }

    /// Gives a key a new secret; the old one works for `overlap`. `None` when there is no such key.
    pub async fn rotate_key(&self, dev_key: &str, overlap: Duration) -> Result<Option<NewSecret>, Error> {
        let dev_secret = self.draw_secret()?;
        let secret = self.secret_digest(dev_key, &dev_secret);
        let old_until = self.parts().clock.now() + overlap;
        let known = self.change_key(dev_key, KeyChange::Rotate { secret, old_until }).await?;
        Ok(known.then(|| NewSecret { dev_key: dev_key.to_owned(), dev_secret }))
    }

    /// Switches a key on or off; false when there is no such key.
    pub async fn enable_key(&self, dev_key: &str, enabled: bool) -> Result<bool, Error> {
        self.update_key(dev_key, KeyUpdate { enabled: Some(enabled), ..KeyUpdate::default() }).await
    }

    /// Changes what an operator says about a key; false when there is no such key.
    pub async fn update_key(&self, dev_key: &str, update: KeyUpdate) -> Result<bool, Error> {
        check_key(update.description.as_deref(), update.allowed_ips.as_deref())?;
        self.change_key(dev_key, KeyChange::Update(update)).await
    }

    /// Removes a key; false when there is no such key.
    pub async fn delete_key(&self, dev_key: &str) -> Result<bool, Error> {
        self.change_key(dev_key, KeyChange::Delete).await
    }

    async fn change_key(&self, dev_key: &str, change: KeyChange) -> Result<bool, Error> {
        let action = match change {
            KeyChange::Delete => "delete api_key",
            KeyChange::Update(_) | KeyChange::Rotate { .. } => "update api_key",
        };
        self.refresh().await?; // whose it is, and whether anybody wants to hear of it
        let directory = self.parts().directory.load_full();
        let key = directory.key(dev_key);
        let notice = key.map(|key| self.notice(key.app, &key_notice(action, dev_key, &key.description))).transpose()?;
        let known = self.parts().store.change_key(dev_key, change, notice.flatten()).await?;
        self.reload().await?;
        Ok(known)
    }

    /// Approves or rejects a template; false when there is none.
    pub async fn audit_template(&self, app: i64, template: &str, status: Audit, remark: &str) -> Result<bool, Error> {
        if !is_printable(remark, MAX_REMARK) {
            return Err(Error::Invalid(format!("a remark has at most {MAX_REMARK} printable characters")));
        }
        self.refresh().await?; // whether anybody wants to hear of it
        let notice = self.notice(app, &Notice::audit(template, status, remark))?;
        let status = status.number().into();
        let known = self.parts().store.audit_template(app, template, status, remark, notice).await?;
        self.reload().await?;
        Ok(known)
    }

    /// Adds a template for the operator.
    pub async fn install_template(&self, app: i64, draft: Draft) -> Result<(), Error> {
        self.add_template(app, draft, &Operator::default()).await
    }

    /// From now on this recipient gets nothing (5013); doing it twice is fine.
    pub async fn block(&self, recipient: &Recipient) -> Result<(), Error> {
        let parts = self.parts();
        parts.store.block(self.target(recipient), &recipient.masked(), parts.clock.now()).await?;
        self.reload().await
    }

    /// Lifts a block; false when there was none.
    pub async fn unblock(&self, recipient: &Recipient) -> Result<bool, Error> {
        let known = self.parts().store.unblock(self.target(recipient)).await?;
        self.reload().await?;
        Ok(known)
    }

    /// Forgives an application's recipient all sends and wrong guesses so far, on every node at once. Codes that live stay
    /// as they are.
    pub async fn unlock(&self, app: i64, recipient: &Recipient) -> Result<(), Error> {
        let parts = self.parts();
        let (key, version) = (self.ledger_key(app, recipient), parts.ids.next(parts.clock.now())?);
        let known = parts.store.clear_ledger(key, version).await?;
        tracing::warn!(app, recipient = format_args!("{key:016x}"), known, "a recipient is unlocked");
        Ok(())
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

/// At most so many characters, and none that a terminal would obey or a database refuse.
pub(super) fn is_printable(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.chars().any(char::is_control)
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
