//! Telling receivers: what happened becomes requests, and requests are made. One step at a time, so that tests can drive it.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::interval;
use crate::{
    service::{Error, NEWS_PAGE, Service},
    store::{ClaimRules, DueBatch},
};

/// How much goes on at once.
#[derive(Clone, Copy, Debug)]
pub struct CallbackSettings {
    /// Requests of this node.
    pub concurrency: usize,
    /// Requests to one receiver, over all nodes; never more than a quarter of the former (security D4).
    pub per_receiver: usize,
}

/// What happens within that time shares a request: nothing is told more than a second late.
const GATHER: Duration = Duration::from_millis(500);
/// Between two looks for requests that are due.
const PATROL: Duration = Duration::from_millis(250);
/// The same while there are some: forty rounds a second at most, so that what waited for a receiver that was down soon goes
/// out and others still come to the database.
const HURRY: Duration = Duration::from_millis(25);
/// A request, asked twice during a rotation, ends long before that.
const LEASE: Duration = Duration::from_secs(30);

/// See the module.
pub struct CallbackWorker {
    service: Service,
    rules: ClaimRules,
    free: Arc<Semaphore>,
}

/// A claimed request and its place among those of this node.
type Claimed = (DueBatch, OwnedSemaphorePermit);

impl CallbackWorker {
    /// Makes requests for `service`.
    #[must_use]
    pub fn new(service: Service, settings: CallbackSettings) -> Self {
        let per_receiver = settings.per_receiver.min(settings.concurrency / 4).max(1);
        let rules = ClaimRules { limit: settings.concurrency, per_receiver, lease: LEASE };
        Self { service, rules, free: Arc::new(Semaphore::new(settings.concurrency)) }
    }

    /// Turns what happened into requests; the number of pieces of news.
    pub async fn gather(&self) -> Result<usize, Error> {
        self.service.publish_news().await
    }

    /// Makes the requests that are due and for which there is room; how many.
    pub async fn step(&self) -> Result<usize, Error> {
        let claimed = self.claim().await?;
        let made = claimed.len();
        join_all(claimed.into_iter().map(|claimed| self.call_back(claimed))).await;
        Ok(made)
    }

    /// Until told to stop; what is in hand is finished first.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let in_hand = TaskTracker::new();
        stop.run_until_cancelled(async { tokio::join!(self.gather_all(), self.patrol(&in_hand)) }).await;
        in_hand.close();
        in_hand.wait().await;
    }

    async fn gather_all(&self) {
        let mut rounds = interval(GATHER);
        loop {
            rounds.tick().await;
            while match self.gather().await {
                Ok(news) => news >= NEWS_PAGE, // what came in the meantime shares a request with what comes next
                Err(err) => {
                    tracing::warn!(%err, "what callbacks are to be told could not be read; trying again");
                    false
                }
            } {}
        }
    }

    async fn patrol(self: &Arc<Self>, in_hand: &TaskTracker) {
        loop {
            let claimed = self.claim().await.unwrap_or_else(|err| {
                tracing::warn!(%err, "waiting callbacks could not be read; trying again");
                vec![]
            });
            let pause = if claimed.is_empty() { PATROL } else { HURRY };
            for claimed in claimed {
                let worker = self.clone();
                in_hand.spawn(async move { worker.call_back(claimed).await });
            }
            sleep(pause).await;
        }
    }

    /// As many as there is room for.
    async fn claim(&self) -> Result<Vec<Claimed>, Error> {
        let parts = self.service.parts();
        let now = parts.clock.now();
        let limit = self.free.available_permits().min(self.rules.limit);
        if limit == 0 || !parts.store.batches_are_due(now).await? {
            return Ok(vec![]);
        }
        let wanted = u32::try_from(limit).unwrap_or(u32::MAX);
        let Ok(mut places) = self.free.clone().try_acquire_many_owned(wanted) else { return Ok(vec![]) };
        let rules = ClaimRules { limit, ..self.rules };
        let due = parts.store.claim_batches(parts.ids.next(now)?, rules, now).await?;
        Ok(due.into_iter().filter_map(|batch| Some((batch, places.split(1)?))).collect())
    }

    async fn call_back(&self, (batch, place): Claimed) {
        if let Err(err) = self.service.call_back(&batch).await {
            tracing::error!(%err, callback = batch.callback, "a callback's outcome was not written; it is repeated later");
        }
        drop(place);
    }
}
