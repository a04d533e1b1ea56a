//! Telling what becomes of a message, again and again until it is taken (AirTexts spec 2.6).

use std::time::Duration;

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Telling, post};
use crate::{
    core::{
        callback::{Ending, pause},
        clock::Timestamp,
        hex::hex,
        hook::{HookNews, Told, proof},
    },
    service::{Caller, Cause, Error, Service, Session},
    store::{DueHook, HookRow},
};

/// A request ends long before that.
const LEASE: Duration = Duration::from_secs(30);
/// What comes later than that after the end of a code is not told.
const AFTER_END: Duration = Duration::from_hours(1);

/// What is kept of a receiver.
#[derive(Serialize, Deserialize)]
struct Receiver {
    url: String,
    dev_key: String,
    public_id: String,
    scope: String,
    recipient: String,
}

impl Service {
    /// The secret that signs what receivers of a key's sends are told. It follows from the key and the server's key ring,
    /// because of the key's own secret only a digest is kept.
    #[must_use]
    pub fn webhook_secret(&self, dev_key: &str) -> Zeroizing<String> {
        let digest = self.parts().keys.load().digest("hook-secret", &[dev_key.as_bytes()]);
        Zeroizing::new(format!("whk_{}", hex(&digest)))
    }

    /// From now on `url` is told what becomes of the message that counts for a session.
    pub async fn keep_telling(&self, caller: &Caller, session: &Session, url: &str) -> Result<(), Error> {
        let store = &self.parts().store;
        let Some(message) = store.message_of_session(session.id).await? else { return Ok(()) };
        let receiver = Receiver {
            url: url.to_owned(),
            dev_key: caller.dev_key().to_owned(),
            public_id: session.public_id.clone(),
            scope: session.scope.clone(),
            recipient: session.recipient.as_ref().map(|recipient| recipient.as_str().to_owned()).unwrap_or_default(),
        };
        let plain = serde_json::to_vec(&receiver).map_err(Cause::from)?;
        let body = self.seal_lasting("hook", message.0, &plain)?;
        Ok(store.add_hook(HookRow { message, body, until: session.expires_at + AFTER_END }).await?)
    }

    /// Tells what is due to be told; how much was tried.
    pub async fn tell_hooks(&self) -> Result<usize, Error> {
        let parts = self.parts();
        let now = parts.clock.now();
        let mut told = vec![];
        for hook in parts.store.due_hooks(now).await? {
            if parts.store.claim_hook(&hook, now, LEASE).await? {
                told.push(self.tell_hook(hook));
            }
        }
        let tried = told.len();
        join_all(told).await.into_iter().collect::<Result<Vec<()>, _>>()?;
        Ok(tried)
    }

    async fn tell_hook(&self, hook: DueHook) -> Result<(), Error> {
        let parts = self.parts();
        let plain = self.open_lasting("hook", hook.message.0, &hook.body).ok();
        let Some(receiver) = plain.and_then(|plain| serde_json::from_slice::<Receiver>(&plain).ok()) else {
            tracing::error!("a receiver of webhooks cannot be decrypted and is not told");
            return Ok(parts.store.end_hook(&hook).await?);
        };
        let ending = self.post_hook(&receiver, hook.told, hook.at).await;
        if ending.is_success() {
            return Ok(parts.store.end_hook(&hook).await?);
        }
        match pause(hook.attempt + 1, ending.retry_after, &*parts.entropy) {
            Some(pause) => Ok(parts.store.repeat_hook(&hook, parts.clock.now() + pause).await?),
            None => Ok(parts.store.end_hook(&hook).await?),
        }
    }

    async fn post_hook(&self, receiver: &Receiver, told: Told, at: Timestamp) -> Ending {
        let Receiver { url, dev_key, public_id, scope, recipient } = receiver;
        let body = self.parts().hook_format.body(&HookNews { told, public_id, scope, recipient, at });
        let headers = [proof(&self.webhook_secret(dev_key), &body)];
        post(self.web_for(Telling::UntilTaken), url, &headers, body).await
    }
}
