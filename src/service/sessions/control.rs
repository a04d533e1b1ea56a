//! A node that believes what it remembers: the negative control of the stories of two nodes. Those that find nothing wrong with
//! it would prove nothing about the node that looks.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{Judged, Recall, Session, recall::Remembered};
use crate::{
    core::{session::SessionState, verification::Guess},
    store::batch::Answered,
};

/// Whether a node is wrong in this way.
#[derive(Default)]
pub(super) struct Flaw(AtomicBool);

impl Recall {
    /// From now on a session is what it was when this node sent it: nobody else sends, guesses or verifies. A code that the
    /// database did not call wrong is right then.
    pub fn believe(&self) {
        self.flaw.0.store(true, Ordering::Relaxed);
    }

    /// What a guess comes to, for a node that believes.
    pub(super) fn believed(&self, remembered: &Remembered, answered: Answered) -> Option<Judged> {
        if !self.flaw.0.load(Ordering::Relaxed) {
            return None;
        }
        let session = &remembered.session;
        let attempts = session.attempts + 1;
        let (guess, state) = if matches!(answered.guess, Guess::Wrong { .. }) {
            (Guess::Wrong { left: session.max_attempts.saturating_sub(attempts) }, SessionState::Pending)
        } else {
            (Guess::Accepted, SessionState::Verified { at: session.sent_at })
        };
        Some(Judged { guess, session: Session { state, attempts, ..Session::clone(session) } })
    }
}
