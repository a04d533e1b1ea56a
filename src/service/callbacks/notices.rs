//! Notices: what is told beside the steps of messages.

use crate::{
    channel::Uplink,
    core::callback::{Notice, Topic},
    service::{Caller, Cause, Error, Service, directory::first_eight},
    store::{NewNotice, NoticeRow},
};

impl Service {
    /// A notice to be written with the change that it tells of; `None` when nobody wants to hear of it.
    pub(in crate::service) fn notice(&self, app: i64, notice: &Notice) -> Result<Option<NewNotice>, Error> {
        if !self.parts().directory.load().wants(app, notice.topic()) {
            return Ok(None);
        }
        self.sealed(app, notice, None).map(Some)
    }

    /// A notice, of which one is kept for each `once`.
    pub(in crate::service) fn sealed(&self, app: i64, notice: &Notice, once: Option<i64>) -> Result<NewNotice, Error> {
        let at = self.parts().clock.now();
        let id = self.parts().ids.next(at)?;
        let body = self.seal_lasting("notice", id, &serde_json::to_vec(notice).map_err(Cause::from)?)?;
        Ok(NewNotice { row: NoticeRow { id, app, body, at }, once })
    }

    /// Keeps a message that somebody sent to us, for every application that wants to hear of such; once, however often the
    /// provider tells it.
    pub async fn keep_uplink(&self, provider: &str, uplink: Uplink) -> Result<(), Error> {
        let parts = self.parts();
        self.refresh().await?;
        let reference = uplink.reference.clone();
        let Uplink { reference: message_sid, account: account_sid, from, to, body } = uplink;
        let notice = Notice::Uplink { message_sid, account_sid, from, to, body };
        for app in parts.directory.load().apps_that_want(Topic::UplinkMessage) {
            let known_by = [provider.as_bytes(), reference.as_bytes(), &app.to_be_bytes()];
            let once = first_eight(&parts.keys.load().digest("uplink", &known_by));
            parts.store.add_notice(self.sealed(app, &notice, Some(once))?).await?;
        }
        Ok(())
    }

    /// Tells of a call to the API, where the application wants to hear of every one.
    pub async fn note_call(&self, caller: &Caller, method: &str, path: &str) -> Result<(), Error> {
        if !self.parts().directory.load().wants(caller.app, Topic::ApiCall) {
            return Ok(());
        }
        let api_path = path.chars().take(256).collect();
        let notice = Notice::ApiCall { operator: caller.operator(), api_path, method: method.to_owned() };
        Ok(self.parts().store.add_notice(self.sealed(caller.app, &notice, None)?).await?)
    }
}
