//! Messages that came to the gateway twice, and how late their first process was with its note of the answer.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::sink::Arrivals;

/// What came twice over all lives.
#[derive(Default)]
pub(crate) struct Twice {
    /// How long the answer had been on its way when the process died that was to note it; sorted.
    lost: Vec<Duration>,
    /// Requests of dying processes that the gateway could not answer any more.
    unanswered: usize,
    /// By the process that died.
    by_life: HashMap<usize, usize>,
}

impl Twice {
    /// Looks at every message that came again. `killed` says when each process died.
    pub(crate) fn of(arrived: &HashMap<i64, Arrivals>, killed: &[Instant]) -> Self {
        let mut twice = Self::default();
        for pair in arrived.values().flat_map(|arrivals| arrivals.requests.windows(2)) {
            let first = pair[0];
            *twice.by_life.entry(first.life).or_default() += 1;
            match first.answered {
                Some(at) => twice.lost.push(killed[first.life].saturating_duration_since(at)),
                None => twice.unanswered += 1,
            }
        }
        twice.lost.sort_unstable();
        twice
    }

    /// All of them.
    pub(crate) fn count(&self) -> usize {
        self.lost.len() + self.unanswered
    }

    /// The most that one death caused.
    pub(crate) fn worst(&self) -> usize {
        self.by_life.values().copied().max().unwrap_or(0)
    }

    /// In words.
    pub(crate) fn told(&self) -> String {
        let at = |percent: usize| match self.lost.len() {
            0 => 0.0,
            count => self.lost[(count * percent / 100).min(count - 1)].as_secs_f64() * 1000.0,
        };
        format!(
            "{} answered before their process died ({:.1} ms before, the middle one; p90 {:.1}, the first {:.1}), {} not; \
             at most {} by one death",
            self.lost.len(),
            at(50),
            at(90),
            at(100),
            self.unanswered,
            self.worst(),
        )
    }
}
