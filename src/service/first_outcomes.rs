//! How the first hand-over of a message went, for a caller who waits to hear it.
//!
//! The reply to its send waits here from when the message is written until a provider has taken it, or nobody will: the caller is
//! woken once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, timeout_at};

use crate::store::{
    StoreError,
    batch::{Answer, PATIENCE, Reply, SendOutcome},
};

/// Who waits for which delivery of this node; what nobody waits for costs nothing.
#[derive(Clone, Default)]
pub struct FirstOutcomes(Arc<Mutex<HashMap<i64, Awaited>>>);

/// A delivery of a message that is written.
enum Awaited {
    /// It is under way.
    Open(Reply<SendOutcome>),
    /// Nobody takes it, which the caller is to find here.
    Refused,
}

/// A delivery that is waited for, as long as this is there.
pub(super) struct Expected {
    outcomes: FirstOutcomes,
    delivery: i64,
}

impl FirstOutcomes {
    /// Begins to listen.
    pub(super) fn expect(&self, delivery: i64) -> Expected {
        Expected { outcomes: self.clone(), delivery }
    }

    /// Says whether a provider took it, or nobody will.
    pub fn tell(&self, delivery: i64, taken: bool) {
        let mut outcomes = self.lock();
        let Some(Awaited::Open(reply)) = outcomes.remove(&delivery) else { return };
        if !taken {
            outcomes.insert(delivery, Awaited::Refused);
        }
        drop(outcomes);
        let _ = reply.send(Ok(SendOutcome::Accepted)); // who does not wait any more is not told
    }

    /// Whoever has gone has taken away what there was, and would not come for this.
    fn hold(&self, delivery: i64, reply: Reply<SendOutcome>) {
        let mut outcomes = self.lock();
        if !reply.is_closed() {
            outcomes.insert(delivery, Awaited::Open(reply));
        }
    }

    /// No code runs under the lock that could leave it half changed.
    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Awaited>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Expected {
    /// What is to have the reply when the message is written, before it can be delivered.
    pub(super) fn on_written(&self) -> impl FnOnce(Reply<SendOutcome>) + Send + use<> {
        let (outcomes, delivery) = (self.outcomes.clone(), self.delivery);
        move |reply| outcomes.hold(delivery, reply)
    }

    /// The answer; that the message is written when nothing is known of its delivery after `patience`, and an error when
    /// it is not written within the writer's own.
    pub(super) async fn hear(
        &self,
        mut answer: Answer<SendOutcome>,
        patience: Duration,
    ) -> Result<SendOutcome, StoreError> {
        let begun = Instant::now();
        for waited in [patience.min(PATIENCE), patience.max(PATIENCE)] {
            if let Ok(answer) = timeout_at(begun + waited, &mut answer).await {
                return answer.unwrap_or(Err(StoreError::Unavailable));
            }
            let is_written = self.outcomes.lock().contains_key(&self.delivery);
            if is_written && waited >= patience {
                return Ok(SendOutcome::Accepted);
            }
            if !is_written && waited >= PATIENCE {
                break;
            }
        }
        Err(StoreError::Unavailable)
    }

    /// Whether nobody takes it.
    pub(super) fn was_refused(&self) -> bool {
        matches!(self.outcomes.lock().get(&self.delivery), Some(Awaited::Refused))
    }
}

impl Drop for Expected {
    fn drop(&mut self) {
        self.outcomes.lock().remove(&self.delivery);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::sync::oneshot;

    use super::*;

    const DELIVERY: i64 = 7;
    const SHORT: Duration = Duration::from_secs(1);
    const LONG: Duration = Duration::from_secs(10);

    /// Somebody who waits, the reply to him, and where it waits.
    fn waiting() -> (Expected, Answer<SendOutcome>, Reply<SendOutcome>, FirstOutcomes) {
        let outcomes = FirstOutcomes::default();
        let (reply, answer) = oneshot::channel();
        (outcomes.expect(DELIVERY), answer, reply, outcomes)
    }

    #[tokio::test]
    async fn who_waits_hears_of_the_first_delivery_and_not_before() {
        for taken in [true, false] {
            let (expected, answer, reply, outcomes) = waiting();
            let mut heard = Box::pin(expected.hear(answer, LONG));
            expected.on_written()(reply);
            assert_eq!((&mut heard).now_or_never().transpose().unwrap(), None);
            outcomes.tell(DELIVERY, taken);
            assert_eq!(heard.await.unwrap(), SendOutcome::Accepted);
            assert_eq!(expected.was_refused(), !taken);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_written_is_accepted_when_nothing_is_known_in_time() {
        for (patience, waited) in [(SHORT, SHORT), (LONG, LONG)] {
            let (expected, answer, reply, _outcomes) = waiting();
            expected.on_written()(reply);
            let begun = Instant::now();
            assert_eq!(expected.hear(answer, patience).await.unwrap(), SendOutcome::Accepted);
            assert!(begun.elapsed() >= waited && begun.elapsed() < waited + SHORT / 10 && !expected.was_refused());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_written_in_time_is_an_error_however_long_deliveries_are_waited_for() {
        for patience in [SHORT, LONG] {
            let (expected, answer, _reply, _outcomes) = waiting();
            let begun = Instant::now();
            assert!(expected.hear(answer, patience).await.is_err());
            assert!(begun.elapsed() >= PATIENCE && begun.elapsed() < PATIENCE + SHORT / 10);
        }
    }

    #[test]
    fn nothing_stays_behind_when_the_caller_has_gone() {
        for written_first in [true, false] {
            let (expected, answer, reply, outcomes) = waiting();
            let on_written = expected.on_written();
            if written_first {
                on_written(reply);
                drop((answer, expected));
            } else {
                drop((answer, expected));
                on_written(reply);
            }
            outcomes.tell(DELIVERY, false);
            assert!(outcomes.lock().is_empty(), "written first: {written_first}");
        }
    }
}
