//! A worker that sends deliveries back faster than that can be written: the negative control of the story of a provider that
//! hangs.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::OwnedSemaphorePermit;

use super::Worker;

/// Whether a worker is wrong in this way.
#[derive(Default)]
pub(super) struct Flaw(AtomicBool);

impl Worker {
    /// From now on a delivery that found no place lets the next one in before that is written down.
    pub fn hurry(&self) {
        self.flaw.0.store(true, Ordering::Relaxed);
    }

    pub(super) fn leave_the_line_early(&self, in_line: &mut Option<OwnedSemaphorePermit>) {
        if self.flaw.0.load(Ordering::Relaxed) {
            drop(in_line.take());
        }
    }
}
