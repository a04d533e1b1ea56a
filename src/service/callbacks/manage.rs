//! Adding, changing and removing addresses. None is kept before it has answered a signed probe.

use super::{CallbackChange, CallbackError, CallbackSecrets, NewCallback};
use crate::{
    channel::web::same_origin,
    core::{
        callback::{Callback, Credentials, Ending, Health, Secrets},
        plain_text::is_plain,
    },
    service::{Cause, Error, Service},
    store::{CallbackRow, StoreError},
};

impl Service {
    /// Tries an address out and adds it.
    pub async fn create_callback(&self, app: i64, new: NewCallback) -> Result<CallbackSecrets, CallbackError> {
        let parts = self.parts();
        let now = parts.clock.now();
        let mut secrets = Secrets::draw(&*parts.entropy).map_err(Error::from)?;
        if let Some(secret) = new.secret {
            secrets.callback = secret;
        }
        let credentials = Credentials { authorization: new.authorization, current: secrets.clone(), before: None };
        let callback = Callback {
            id: parts.ids.next(now).map_err(Error::from)?,
            app,
            description: new.description,
            url: new.url,
            username: new.username,
            topics: new.topics,
            enabled: true,
            health: Health::default(),
            created_at: now,
        };
        let row = self.tried_out(callback, &credentials).await?;
        match parts.store.add_callback(&row).await {
            Err(StoreError::Conflict) => return Err(CallbackError::Exists),
            result => result.map_err(Error::from)?,
        }
        self.reload().await?;
        Ok(CallbackSecrets { callback: row.callback, secrets })
    }

    /// Keeps a change. The changed address is tried out first, unless it is only switched on or off; what waits for one
    /// that is off waits on.
    pub async fn change_callback(&self, id: i64, change: CallbackChange) -> Result<(), CallbackError> {
        let mut row = self.callback_row(id).await?;
        if let Some(enabled) = change.enabled {
            row.callback.enabled = enabled;
            row.callback.health.disabled_reason.clear();
        }
        let row = if change.only_switches() { row } else { self.changed(row, change).await? };
        self.keep(&row).await
    }

    /// The row as it is to be, once the receiver has said yes.
    async fn changed(&self, row: CallbackRow, change: CallbackChange) -> Result<CallbackRow, CallbackError> {
        let mut credentials = self.credentials(&row)?;
        let mut callback = row.callback;
        if let Some(url) = change.url {
            let keeps = credentials.authorization.is_none() || change.authorization.is_some();
            if !keeps && !same_origin(&url, &callback.url) {
                return Err(CallbackError::Invalid(
                    "the URL leads to another host: give the Authorization value anew, or \"\" for none",
                ));
            }
            callback.url = url;
        }
        callback.description = change.description.unwrap_or(callback.description);
        callback.username = change.username.unwrap_or(callback.username);
        callback.topics = change.topics.unwrap_or(callback.topics);
        if let Some(value) = change.authorization {
            credentials.authorization = Some(value).filter(|value| !value.is_empty());
        }
        if let Some(secret) = change.secret {
            let webhook = credentials.current.webhook.clone();
            credentials.rotate(Secrets { callback: secret, webhook }, self.parts().clock.now());
        }
        self.tried_out(callback, &credentials).await
    }

    /// Gives an address new secrets; those of today sign as well for another day.
    pub async fn rotate_callback(&self, id: i64) -> Result<CallbackSecrets, CallbackError> {
        let parts = self.parts();
        let row = self.callback_row(id).await?;
        let mut credentials = self.credentials(&row)?;
        let secrets = Secrets::draw(&*parts.entropy).map_err(Error::from)?;
        credentials.rotate(secrets.clone(), parts.clock.now());
        let row = CallbackRow { credentials: self.seal_credentials(id, &credentials)?, ..row };
        self.keep(&row).await?;
        Ok(CallbackSecrets { callback: row.callback, secrets })
    }

    /// Switches an address on or off.
    pub async fn enable_callback(&self, id: i64, enabled: bool) -> Result<(), CallbackError> {
        self.change_callback(id, CallbackChange { enabled: Some(enabled), ..CallbackChange::default() }).await
    }

    /// Removes an address and what waits for it.
    pub async fn delete_callback(&self, id: i64) -> Result<(), CallbackError> {
        let known = self.parts().store.delete_callback(id).await.map_err(Error::from)?;
        self.reload().await?;
        if known { Ok(()) } else { Err(CallbackError::Unknown) }
    }

    /// Tries an address out again and notes how it answered.
    pub async fn refresh_callback(&self, id: i64) -> Result<Ending, CallbackError> {
        let parts = self.parts();
        let row = self.callback_row(id).await?;
        let credentials = self.credentials(&row)?;
        let ending = self.probe(&row.callback, &credentials).await?;
        parts.store.note_ending(id, ending, parts.clock.now()).await.map_err(Error::from)?;
        Ok(ending)
    }

    /// The addresses of an application, the oldest first, with their health of this moment.
    pub async fn callbacks(&self, app: i64) -> Result<Vec<Callback>, Error> {
        let rows = self.parts().store.callbacks().await?;
        Ok(rows.into_iter().map(|row| row.callback).filter(|callback| callback.app == app).collect())
    }

    /// One address, with its health of this moment.
    pub async fn callback(&self, id: i64) -> Result<Callback, CallbackError> {
        Ok(self.callback_row(id).await?.callback)
    }

    pub(super) async fn callback_row(&self, id: i64) -> Result<CallbackRow, CallbackError> {
        let rows = self.parts().store.callbacks().await.map_err(Error::from)?;
        rows.into_iter().find(|row| row.callback.id == id).ok_or(CallbackError::Unknown)
    }

    async fn keep(&self, row: &CallbackRow) -> Result<(), CallbackError> {
        let known = match self.parts().store.change_callback(row).await {
            Err(StoreError::Conflict) => return Err(CallbackError::Exists),
            result => result.map_err(Error::from)?,
        };
        self.reload().await?;
        if known { Ok(()) } else { Err(CallbackError::Unknown) }
    }

    /// The row to keep, once the receiver has said yes.
    async fn tried_out(&self, callback: Callback, credentials: &Credentials) -> Result<CallbackRow, CallbackError> {
        check(&callback, credentials)?;
        self.parts().web.check(&callback.url)?;
        let ending = self.probe(&callback, credentials).await?;
        if !ending.is_success() {
            return Err(CallbackError::Probe(ending));
        }
        let credentials = self.seal_credentials(callback.id, credentials)?;
        Ok(CallbackRow { callback, credentials })
    }

    fn seal_credentials(&self, id: i64, credentials: &Credentials) -> Result<Vec<u8>, Error> {
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(credentials).map_err(Cause::from)?);
        self.seal_lasting("callback", id, &plain)
    }
}

/// Holds texts to what headers can carry; `;` would end the name in the dialect's signature (spec 5.3).
fn check(callback: &Callback, credentials: &Credentials) -> Result<(), CallbackError> {
    let invalid = |reason| Err(CallbackError::Invalid(reason));
    let name = &callback.username;
    if name.len() > 128 || !name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';') {
        return invalid("the user name may have 128 characters: printable ASCII without blanks and `;`");
    }
    if credentials.current.callback.is_empty() {
        return invalid("the secret is empty");
    }
    let printable = |text: &String| text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    if !credentials.authorization.iter().all(|value| value.len() <= 4096 && printable(value)) {
        return invalid("the Authorization value may have 4096 printable ASCII characters");
    }
    if callback.description.chars().count() > 255 || !is_plain(&callback.description) {
        return invalid("the description may have 255 printable characters");
    }
    if callback.url.len() > 2048 {
        return invalid("the URL may have 2048 characters");
    }
    if callback.topics.bits() == 0 {
        return invalid("it is subscribed to nothing");
    }
    Ok(())
}
