//! Places at the providers: each has its own, so that one that does not answer holds up nobody's messages but its own.

use std::{
    collections::HashMap,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};

/// With all places taken and none taken or given back for so long, a provider is stuck.
const STUCK_AFTER: Duration = Duration::from_millis(500);

/// The places of all providers, by name.
pub(super) struct Places {
    /// Of each provider.
    size: usize,
    desks: Mutex<HashMap<String, Arc<Desk>>>,
}

struct Desk {
    free: Arc<Semaphore>,
    last_change: Mutex<Instant>,
}

/// A hand-over that may run; given back when dropped.
pub(super) struct Place {
    desk: Arc<Desk>,
    _permit: OwnedSemaphorePermit,
}

impl Places {
    pub(super) fn new(size: usize) -> Self {
        Self { size, desks: Mutex::default() }
    }

    /// Waits for a place as long as others get theirs; `None` when the provider is stuck.
    pub(super) async fn take(&self, provider: &str) -> Option<Place> {
        let desk = self.desk(provider);
        let mut turn = pin!(desk.free.clone().acquire_owned());
        loop {
            let stuck_at = *lock(&desk.last_change) + STUCK_AFTER;
            match timeout_at(stuck_at, turn.as_mut()).await {
                Ok(permit) => {
                    *lock(&desk.last_change) = Instant::now();
                    return Some(Place { _permit: permit.ok()?, desk: desk.clone() });
                }
                Err(_) if *lock(&desk.last_change) + STUCK_AFTER <= Instant::now() => return None,
                Err(_) => {} // others were served in the meantime
            }
        }
    }

    fn desk(&self, provider: &str) -> Arc<Desk> {
        let mut desks = lock(&self.desks);
        if let Some(desk) = desks.get(provider) {
            return desk.clone();
        }
        let desk = Desk { free: Arc::new(Semaphore::new(self.size)), last_change: Mutex::new(Instant::now()) };
        desks.entry(provider.to_owned()).or_insert(Arc::new(desk)).clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *lock(&self.desk.last_change) = Instant::now();
    }
}

/// No code runs under these locks that could leave anything half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_provider_that_is_stuck_takes_no_more_and_leaves_the_others_alone() {
        let places = Places::new(2);
        let held = [places.take("stuck").await.unwrap(), places.take("stuck").await.unwrap()];
        let begun = Instant::now();
        assert!(places.take("stuck").await.is_none());
        assert_eq!(begun.elapsed().as_millis(), STUCK_AFTER.as_millis(), "once it waits, to see whether any is freed");
        assert!(places.take("stuck").now_or_never().unwrap().is_none(), "after that nobody waits");
        assert!(places.take("other").now_or_never().unwrap().is_some());
        drop(held);
        assert!(places.take("stuck").now_or_never().unwrap().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_keeps_waiting_while_others_are_served() {
        let places = Places::new(1);
        let held = places.take("slow").await.unwrap();
        let (mut first, mut second) = (pin!(places.take("slow")), pin!(places.take("slow")));
        assert!(first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none());
        advance(STUCK_AFTER * 9 / 10).await;
        drop(held);
        let next = first.await.unwrap();
        advance(STUCK_AFTER * 9 / 10).await;
        assert!(second.as_mut().now_or_never().is_none(), "one was served in the meantime");
        drop(next);
        assert!(second.await.is_some());
    }
}
