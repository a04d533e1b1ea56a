//! When the centre says that it is busy, nothing is sent for a while: longer each time, until it takes one again.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    channel::DeliveryError,
    core::entropy::{Entropy, bytes},
};

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

/// Doubling limits with full jitter: many nodes that were sent away together do not come back together.
pub(super) struct Backoff {
    entropy: Arc<dyn Entropy>,
    longest: Duration,
    limit: Duration,
}

impl Backoff {
    pub(super) fn new(entropy: Arc<dyn Entropy>, longest: Duration) -> Self {
        Self { entropy, longest, limit: FIRST.min(longest) }
    }

    /// The next pause: anything up to the limit.
    pub(super) fn pause(&mut self) -> Duration {
        let drawn = bytes(&*self.entropy).map_or(u32::MAX, u32::from_be_bytes);
        let pause = self.limit.mul_f64(f64::from(drawn) / f64::from(u32::MAX));
        self.limit = (self.limit * 2).min(self.longest);
        pause
    }

    /// Begins with the shortest limit again.
    pub(super) fn reset(&mut self) {
        self.limit = FIRST.min(self.longest);
    }
}

/// Held while the centre is busy.
pub(super) struct Brake(Mutex<Held>);

struct Held {
    until: Option<Instant>,
    backoff: Backoff,
}

impl Brake {
    pub(super) fn new(entropy: Arc<dyn Entropy>) -> Self {
        Self(Mutex::new(Held { until: None, backoff: Backoff::new(entropy, LONGEST) }))
    }

    /// Whether messages may be sent.
    pub(super) fn check(&self) -> Result<(), DeliveryError> {
        let left = self.held().left();
        if left.is_zero() { Ok(()) } else { Err(busy(left)) }
    }

    /// The centre said that it is busy. Answers that were under way together count once.
    pub(super) fn pull(&self) -> DeliveryError {
        let mut held = self.held();
        if held.left().is_zero() {
            let pause = held.backoff.pause();
            held.until = Some(Instant::now() + pause);
        }
        busy(held.left())
    }

    /// The centre took a message.
    pub(super) fn release(&self) {
        let mut held = self.held();
        held.backoff.reset();
        held.until = None;
    }

    /// It cannot be left half changed, so a poisoned lock is as good as any.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn left(&self) -> Duration {
        self.until.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()))
    }
}

fn busy(left: Duration) -> DeliveryError {
    let detail = "the message centre is busy".to_owned();
    DeliveryError::Unavailable { retry_after: Some(left), maybe_taken: false, detail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::entropy::NoEntropy;

    /// The longest pause each time.
    struct Ones;

    impl Entropy for Ones {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
            bytes.fill(0xff);
            Ok(())
        }
    }

    fn seconds(error: &DeliveryError) -> u64 {
        let DeliveryError::Unavailable { retry_after: Some(wait), maybe_taken: false, .. } = error else { panic!() };
        wait.as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_double_to_half_a_minute_and_begin_anew_after_a_success() {
        let brake = Brake::new(Arc::new(Ones));
        assert!(brake.check().is_ok());
        for expected in [1, 2, 4, 8, 16, 30, 30] {
            assert_eq!(seconds(&brake.pull()), expected);
            assert_eq!(seconds(&brake.pull()), expected); // one that was under way
            assert_eq!(seconds(&brake.check().unwrap_err()), expected);
            tokio::time::advance(Duration::from_secs(expected)).await;
            assert!(brake.check().is_ok());
        }
        brake.release();
        assert_eq!(seconds(&brake.pull()), 1);
    }
}
