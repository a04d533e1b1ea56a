//! What happened to the processes, and which messages may have come twice because of it.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::sink::{Arrivals, Request};

/// A process was killed, or stood still for a while.
pub(crate) struct Stroke {
    pub(crate) life: usize,
    pub(crate) at: Instant,
    /// When it went on, if it did.
    pub(crate) until: Option<Instant>,
}

/// All of them, in their order.
#[derive(Default)]
pub(crate) struct Strokes(pub(crate) Vec<Stroke>);

impl Strokes {
    /// Double hand-overs in words, and the number of those that a stroke explains.
    pub(crate) fn judge(&self, arrived: &HashMap<i64, Arrivals>, lease: Duration) -> (Vec<String>, usize) {
        let (mut doubles, mut lost) = (vec![], 0);
        for (id, arrivals) in arrived {
            for pair in arrivals.requests.windows(2) {
                if self.0.iter().any(|stroke| stroke.took_the_answer(pair, lease)) {
                    lost += 1;
                } else {
                    doubles.push(self.tell(*id, pair));
                }
            }
        }
        (doubles, lost)
    }

    fn tell(&self, id: i64, pair: &[Request]) -> String {
        let later = pair[1].at - pair[0].at;
        let awake = self.0.iter().filter(|stroke| stroke.life == pair[1].life).filter_map(|stroke| stroke.until);
        let since = awake.filter_map(|until| pair[1].at.checked_duration_since(until)).min();
        format!("{id} by {} and, {later:?} later, by {} ({since:?} after a pause)", pair[0].life, pair[1].life)
    }
}

impl Stroke {
    /// Whether the first request was in hand when its process was struck, so that its answer came to nobody or too late,
    /// and the second came after that.
    fn took_the_answer(&self, pair: &[Request], lease: Duration) -> bool {
        let first = pair[0];
        // What a process wrote just before it stood still is read a little later.
        let in_hand = first.at + lease >= self.at && self.until.is_none_or(|until| first.at < until);
        self.life == first.life && in_hand && pair[1].at > self.at
    }
}
