//! How the first hand-over of a message went, for a caller who waits to hear it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};

/// Who waits for which delivery of this node; what nobody waits for costs nothing.
#[derive(Clone, Default)]
pub struct FirstOutcomes(Arc<Mutex<HashMap<i64, oneshot::Sender<bool>>>>);

/// A delivery that is waited for.
pub(super) struct Expected {
    outcomes: FirstOutcomes,
    delivery: i64,
    outcome: oneshot::Receiver<bool>,
}

impl FirstOutcomes {
    /// Begins to listen; before the message can be delivered.
    pub(super) fn expect(&self, delivery: i64) -> Expected {
        let (tell, outcome) = oneshot::channel();
        self.lock().insert(delivery, tell);
        Expected { outcomes: self.clone(), delivery, outcome }
    }

    /// Says whether a provider took it, or nobody will.
    pub fn tell(&self, delivery: i64, taken: bool) {
        let waiting = self.lock().remove(&delivery);
        // Whoever waited may have gone.
        let _ = waiting.map(|tell| tell.send(taken));
    }

    /// No code runs under the lock that could leave it half changed.
    fn lock(&self) -> MutexGuard<'_, HashMap<i64, oneshot::Sender<bool>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Expected {
    /// Whether a provider took it; `None` when that is not decided in time.
    pub(super) async fn taken(mut self, patience: Duration) -> Option<bool> {
        timeout(patience, &mut self.outcome).await.ok()?.ok()
    }
}

impl Drop for Expected {
    fn drop(&mut self) {
        self.outcomes.lock().remove(&self.delivery);
    }
}
