//! The three steps of stopping: no longer ready, no longer accepting, gone.

use std::{io, time::Duration};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    time::Instant,
};

/// Accepting goes on for this long after the signal, until load balancers have noticed.
pub const LINGER: Duration = Duration::from_secs(5);
/// Everything is over this long after the signal, whatever clients do.
pub const HARD_END: Duration = Duration::from_secs(25);

/// How far stopping has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Serving,
    Leaving,
    Draining { until: Instant },
}

/// Starts the steps.
#[derive(Debug)]
pub struct ShutdownTrigger(watch::Sender<Phase>);

/// Watches the steps; cheap to clone.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Receiver<Phase>);

/// A trigger and what watches it.
#[must_use]
pub fn channel() -> (ShutdownTrigger, Shutdown) {
    let (sender, receiver) = watch::channel(Phase::Serving);
    (ShutdownTrigger(sender), Shutdown(receiver))
}

/// Catches SIGTERM and SIGINT from the call on; what it gives waits for one of them.
pub fn signalled() -> io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

impl ShutdownTrigger {
    /// Goes through the steps: not ready at once, accepting for `linger` more, then draining until `hard_end` after now.
    pub async fn stop(self, linger: Duration, hard_end: Duration) {
        let until = Instant::now() + hard_end;
        self.0.send_replace(Phase::Leaving);
        tokio::time::sleep(linger.min(hard_end)).await;
        self.0.send_replace(Phase::Draining { until });
    }
}

impl Shutdown {
    /// Whether new work should still be sent here; what `/readyz` says.
    #[must_use]
    pub fn is_serving(&self) -> bool {
        *self.0.borrow() == Phase::Serving
    }

    /// Waits until stopping has begun, or its trigger is gone.
    pub async fn leaving(&mut self) {
        // An error means the trigger is gone: nobody could stop us in order any more, so it is time to stop.
        let _ = self.0.wait_for(|phase| *phase != Phase::Serving).await;
    }

    /// Waits until nothing more is to be accepted; gives the moment by which everything must be over.
    pub async fn draining(&mut self) -> Instant {
        match self.0.wait_for(|phase| matches!(phase, Phase::Draining { .. })).await.as_deref() {
            Ok(&Phase::Draining { until }) => until,
            _ => Instant::now(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_steps_come_in_order() {
        let (trigger, mut shutdown) = channel();
        assert!(shutdown.is_serving());
        let start = Instant::now();
        let mut watching = shutdown.clone();
        let watch = async {
            watching.leaving().await;
            assert!(!watching.is_serving());
            assert_eq!(start.elapsed(), Duration::ZERO);
        };
        let ((), (), until) = tokio::join!(watch, trigger.stop(LINGER, HARD_END), shutdown.draining());
        assert_eq!(start.elapsed(), LINGER);
        assert_eq!(until, start + HARD_END);
    }

    #[tokio::test]
    async fn a_lost_trigger_ends_the_wait() {
        let (trigger, mut shutdown) = channel();
        drop(trigger);
        assert!(shutdown.draining().await <= Instant::now());
    }
}
