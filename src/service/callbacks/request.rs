//! One request to a receiver, signed afresh.

use std::time::Duration;

use super::{CallbackError, POST_DEADLINE, PROBE_DEADLINE};
use crate::{
    channel::web::Post,
    core::{
        callback::{Callback, Credentials, Ending, pause},
        clock::Timestamp,
    },
    service::{Cause, Error, Service},
    store::{CallbackRow, DueBatch},
};

impl Service {
    /// Posts a claimed request and writes down how it ended: gone, or to be repeated; and the receiver's health.
    pub async fn call_back(&self, batch: &DueBatch) -> Result<(), Error> {
        let parts = self.parts();
        if parts.directory.load().callback(batch.callback).is_none() {
            self.refresh().await?; // another node may have made it a moment ago
        }
        let Some(row) = parts.directory.load().callback(batch.callback) else { return Ok(()) };
        let Some((credentials, body)) = self.opened(&row, batch) else {
            tracing::error!(callback = batch.callback, "a request to a callback cannot be decrypted and is dropped");
            return Ok(parts.store.drop_batch(batch).await?);
        };
        let begun = tokio::time::Instant::now();
        let ending = self.request(&row.callback, &credentials, (batch.id, &body), POST_DEADLINE).await?;
        parts.metrics.called_back(ending, begun.elapsed());
        let now = parts.clock.now();
        let again = self.again(batch, ending, now);
        let health = parts.store.end_batch(batch, ending, again, now).await?;
        if let Some(reason) = health.and_then(|health| health.verdict(ending, now)) {
            tracing::warn!(callback = batch.callback, reason, "a callback is switched off");
            parts.store.disable_callback(batch.callback, reason).await?;
            self.reload().await?;
        }
        Ok(())
    }

    /// When a request is made again; `None` once it was taken or its retries are used up.
    fn again(&self, batch: &DueBatch, ending: Ending, now: Timestamp) -> Option<Timestamp> {
        if ending.is_success() {
            return None;
        }
        let pause = pause(batch.attempt + 1, ending.retry_after, &*self.parts().entropy);
        if pause.is_none() {
            tracing::warn!(callback = batch.callback, batch = batch.id, "a callback's retries are used up");
        }
        pause.map(|pause| now + pause)
    }

    fn opened(&self, row: &CallbackRow, batch: &DueBatch) -> Option<(Credentials, String)> {
        let body = self.open_lasting("callback-batch", batch.id, &batch.body).ok()?;
        let body = String::from_utf8(body.to_vec()).ok()?;
        Some((self.credentials(row).ok()?, body))
    }

    /// Asks an address whether it is there (spec 5.2).
    pub(super) async fn probe(&self, callback: &Callback, credentials: &Credentials) -> Result<Ending, CallbackError> {
        let parts = self.parts();
        let id = parts.ids.next(parts.clock.now()).map_err(Error::from)?;
        let body = parts.callback_format.probe();
        Ok(self.request(callback, credentials, (id, body), PROBE_DEADLINE).await?)
    }

    /// During the day after a rotation a receiver may know us by either secret: one that does not believe the newer is
    /// asked again with the older.
    async fn request(
        &self,
        callback: &Callback,
        credentials: &Credentials,
        (id, body): (i64, &str),
        deadline: Duration,
    ) -> Result<Ending, Error> {
        let parts = self.parts();
        let (now, format) = (parts.clock.now(), parts.callback_format);
        let sets = credentials.headers(format, &callback.username, (id, body), now, &*parts.entropy);
        let mut ending = Ending::default();
        for headers in sets.map_err(|err| Cause::Callback(err.to_string()))? {
            let post = Post { url: &callback.url, headers: &headers, body: body.to_owned(), deadline };
            ending = parts.web.post(post).await;
            if !ending.is_disbelief() {
                break;
            }
        }
        Ok(ending)
    }

    pub(super) fn credentials(&self, row: &CallbackRow) -> Result<Credentials, Error> {
        let plain = self.open_lasting("callback", row.callback.id, &row.credentials);
        let plain = plain.map_err(|err| Cause::Callback(err.to_string()))?;
        Ok(serde_json::from_slice(&plain).map_err(Cause::from)?)
    }
}
