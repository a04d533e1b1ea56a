//! What the operator does: applications, reviews, blocked recipients.

use super::{Error, Service};
use crate::{
    core::{
        access::App,
        callback::{Notice, Operator},
        recipient::Recipient,
        template::{Audit, Draft},
    },
    store::StoreError,
};

/// Longest name of an application or token, in characters.
pub(super) const MAX_NAME: usize = 128;
/// Longest reason of a rejection, in characters.
const MAX_REMARK: usize = 500;

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

    /// Forgives an application's recipient all sends and wrong guesses so far, and what all applications together have sent it, on
    /// every node at once. Codes that live stay as they are.
    pub async fn unlock(&self, app: i64, recipient: &Recipient) -> Result<(), Error> {
        let parts = self.parts();
        let now = parts.clock.now();
        let (key, version) = (self.ledger_key(recipient), parts.ids.next(now)?);
        let known = parts.store.forgive(key, app, version, now).await?;
        tracing::warn!(app, recipient = format_args!("{key:016x}"), known, "a recipient is unlocked");
        Ok(())
    }
}

/// At most so many characters, and none that a terminal would obey or a database refuse.
pub(super) fn is_printable(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.chars().any(char::is_control)
}
