//! What happens after the answer: deliveries and clean-up, one step at a time so that tests can drive it.

mod callbacks;
mod claim;
#[cfg(feature = "controls")]
mod control;
mod delivery;
mod ending;
mod pick;
mod places;

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Interval, MissedTickBehavior},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::places::Places;
use crate::{
    core::{clock::Timestamp, plan::LateAfter, routing::Routing},
    service::{Error, Order, Orders, Service},
};

pub use callbacks::{CallbackSettings, CallbackWorker};

/// How the worker goes about it.
#[derive(Clone, Copy, Debug)]
pub struct WorkerSettings {
    /// Hand-overs to one provider that run side by side.
    pub concurrency: usize,
    /// How long a claimed delivery stays with its node; its hand-over ends before that.
    pub lease: Duration,
    /// With less life left nothing is handed over (security C10).
    pub min_life_left: Duration,
    /// Longest wait before the second try; doubles after each.
    pub first_retry: Duration,
    /// Tries of one hop.
    pub max_tries: i16,
    /// Which of a channel's providers is asked first.
    pub routing: Routing,
    /// How long a hop may take before the next one is used as well.
    pub late: LateAfter,
}

/// Between two looks for deliveries that nobody handed over through memory.
const PATROL: Duration = Duration::from_millis(250);
/// Between two sweeps.
const SWEEP: Duration = Duration::from_secs(5);

/// Delivers what was accepted.
pub struct Worker {
    service: Service,
    settings: WorkerSettings,
    orders: Orders,
    places: Places,
    #[cfg(feature = "controls")]
    flaw: control::Flaw,
}

impl Worker {
    /// Takes the receiving end of the service's hand-off.
    #[must_use]
    pub fn new(service: Service, orders: Orders, settings: WorkerSettings) -> Self {
        Self {
            service,
            settings,
            orders,
            places: Places::new(settings.concurrency),
            #[cfg(feature = "controls")]
            flaw: control::Flaw::default(),
        }
    }

    /// Delivers one batch: what came through memory, else what is due in the database, early receipts first. The number
    /// of deliveries tried.
    pub async fn step(&self) -> Result<usize, Error> {
        self.service.retry_early_receipts().await?;
        let mut orders = vec![];
        while orders.len() < self.settings.concurrency
            && let Some(order) = self.orders.try_recv()
        {
            orders.push(order);
        }
        if orders.is_empty() {
            orders = self.claim(self.settings.concurrency).await?;
        }
        let tried = orders.len();
        join_all(orders.into_iter().map(|order| self.deliver(order, None))).await;
        Ok(tried)
    }

    /// Until told to stop; what is in hand is finished first.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let in_hand = TaskTracker::new();
        let free = Arc::new(Semaphore::new(self.settings.concurrency));
        let loops = async { tokio::join!(self.take_orders(&free, &in_hand), self.patrol(), self.sweep()) };
        stop.run_until_cancelled(loops).await;
        in_hand.close();
        in_hand.wait().await;
        self.give_back().await;
    }

    /// Orders that nobody got to: another node, or the next process, finds them at once.
    async fn give_back(&self) {
        self.orders.close();
        let mut left = vec![];
        while let Some(order) = self.orders.try_recv() {
            left.push(order);
        }
        join_all(left.into_iter().map(|order| self.postpone(order))).await;
    }

    /// The short way: through memory.
    async fn take_orders(self: &Arc<Self>, free: &Arc<Semaphore>, in_hand: &TaskTracker) {
        while let Ok(place) = free.clone().acquire_owned().await {
            let order = self.orders.recv().await;
            self.take_on(order, place, in_hand);
        }
    }

    /// The long way: what is due in the database, because it is tried again, its node is gone, or nobody had room for it.
    async fn patrol(&self) {
        let mut rounds = interval(PATROL);
        loop {
            rounds.tick().await;
            while match self.catch_up().await {
                Ok(more) => more,
                Err(err) => {
                    tracing::warn!(%err, "the outbox could not be read; trying again");
                    false
                }
            } {}
        }
    }

    /// Claims what is due into the queue of orders, as much as there is room for beside what comes the short way; whether
    /// there may be more.
    async fn catch_up(&self) -> Result<bool, Error> {
        self.service.retry_early_receipts().await?;
        let room = self.orders.room().await;
        let claimed = self.claim(room).await?;
        let more = claimed.len() == room;
        for order in claimed {
            self.orders.add(order);
        }
        Ok(more)
    }

    /// Forgets what is due to be forgotten, a chunk at a time.
    async fn sweep(&self) {
        let mut rounds = interval(SWEEP);
        loop {
            rounds.tick().await;
            let parts = self.service.parts();
            while match parts.store.sweep(parts.clock.now()).await {
                Ok(touched) => touched > 0,
                Err(err) => {
                    tracing::warn!(%err, "the sweep failed; trying again");
                    false
                }
            } {}
        }
    }

    fn now(&self) -> Timestamp {
        self.service.parts().clock.now()
    }

    fn take_on(self: &Arc<Self>, order: Order, place: OwnedSemaphorePermit, in_hand: &TaskTracker) {
        let worker = self.clone();
        in_hand.spawn(async move {
            worker.deliver(order, Some(place)).await;
        });
    }
}

fn interval(time: Duration) -> Interval {
    let mut interval = tokio::time::interval(time);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
