//! When a connection last did something, and so when it has to go. No timer runs per request.

use std::{
    sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    time::Duration,
};

use tokio::time::Instant;

use super::ListenerSettings;

/// One connection's life, written by its socket and its requests and read by its watch.
///
/// All parts but HTTP/2 requests run in one task; nothing else is ordered by these values, so `Relaxed` does.
#[derive(Debug)]
pub(super) struct Activity {
    accepted: Instant,
    /// Requests begun and not ended.
    running: AtomicU32,
    /// Whether a request ever began.
    served: AtomicBool,
    /// Whether bytes came since the last request ended.
    stirred: AtomicBool,
    /// When the last request ended, or the first byte after it came; milliseconds after `accepted`.
    mark: AtomicU64,
}

/// Ends its request when dropped.
#[derive(Debug)]
pub(super) struct Running<'a>(&'a Activity);

impl Activity {
    pub(super) fn new() -> Self {
        Self {
            accepted: Instant::now(),
            running: AtomicU32::new(0),
            served: AtomicBool::new(false),
            stirred: AtomicBool::new(false),
            mark: AtomicU64::new(0),
        }
    }

    /// Bytes came in.
    pub(super) fn stir(&self) {
        if self.running.load(Ordering::Relaxed) == 0 && !self.stirred.swap(true, Ordering::Relaxed) {
            self.mark();
        }
    }

    /// The head of a request is complete. Pair with [`Self::end`].
    pub(super) fn begin(&self) {
        self.running.fetch_add(1, Ordering::Relaxed);
        self.served.store(true, Ordering::Relaxed);
    }

    /// Ends the request that [`Self::begin`] began when the guard goes.
    pub(super) const fn guard(&self) -> Running<'_> {
        Running(self)
    }

    fn end(&self) {
        self.stirred.store(false, Ordering::Relaxed);
        self.mark();
        self.running.fetch_sub(1, Ordering::Relaxed);
    }

    fn mark(&self) {
        let millis = self.accepted.elapsed().as_millis();
        self.mark.store(u64::try_from(millis).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// When the connection has to go if nothing more happens; `None` while requests run, which have their own deadline.
    pub(super) fn deadline(&self, settings: &ListenerSettings) -> Option<Instant> {
        if self.running.load(Ordering::Relaxed) > 0 {
            return None;
        }
        if !self.served.load(Ordering::Relaxed) {
            return Some(self.accepted + settings.first_request);
        }
        let patience = if self.stirred.load(Ordering::Relaxed) { settings.head } else { settings.idle };
        Some(self.accepted + Duration::from_millis(self.mark.load(Ordering::Relaxed)) + patience)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_state_has_its_own_deadline() {
        let settings = ListenerSettings::new(([127, 0, 0, 1], 0).into());
        let activity = Activity::new();
        let start = activity.accepted;
        let seconds = |deadline: Option<Instant>| deadline.map(|deadline| (deadline - start).as_secs());
        tokio::time::advance(Duration::from_secs(3)).await;
        activity.stir();
        assert_eq!(seconds(activity.deadline(&settings)), Some(10));
        activity.begin();
        assert_eq!(activity.deadline(&settings), None);
        drop(activity.guard());
        assert_eq!(seconds(activity.deadline(&settings)), Some(63));
        tokio::time::advance(Duration::from_secs(5)).await;
        activity.stir();
        tokio::time::advance(Duration::from_secs(5)).await;
        activity.stir();
        assert_eq!(seconds(activity.deadline(&settings)), Some(18));
    }
}
