//! When a provider is left alone for a while because it keeps failing.

use std::{collections::VecDeque, time::Duration};

use super::clock::Timestamp;

/// So many failures within [`SPAN`] open the circuit.
const FAILURES: usize = 5;
const SPAN: Duration = Duration::from_secs(10);
/// How long it stays open at first; doubles with every probe that fails, up to [`LONGEST`].
const PAUSE: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_mins(1);

/// A circuit breaker. While it is open, one probe is let through after each pause; the first success closes it.
#[derive(Clone, Debug, Default)]
pub struct Breaker {
    failures: VecDeque<Timestamp>,
    open: Option<Open>,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    until: Timestamp,
    pause: Duration,
    /// Whether a probe is on its way. Without one, a failure is that of a try from before, and says nothing new.
    probing: bool,
}

impl Breaker {
    /// Whether the provider may be asked now; if not, when it may be.
    pub fn admit(&mut self, now: Timestamp) -> Result<(), Timestamp> {
        match &mut self.open {
            Some(open) if now < open.until => Err(open.until),
            Some(open) => {
                // Should the probe never come to an end, the next one goes after another pause.
                *open = Open { until: now + open.pause, pause: open.pause, probing: true };
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// The provider answered; also a refusal is an answer.
    pub fn answered(&mut self) {
        *self = Self::default();
    }

    /// The provider could not be asked, or said nothing.
    pub fn failed(&mut self, now: Timestamp) {
        match &mut self.open {
            Some(open) if open.probing => {
                let pause = (open.pause * 2).min(LONGEST);
                *open = Open { until: now + pause, pause, probing: false };
            }
            Some(_) => {}
            None => {
                self.failures.push_back(now);
                self.failures.retain(|at| now.since(*at) < SPAN);
                if self.failures.len() >= FAILURES {
                    self.failures.clear();
                    self.open = Some(Open { until: now + PAUSE, pause: PAUSE, probing: false });
                }
            }
        }
    }

    /// Whether the provider is left alone at present.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn at(seconds: u64) -> Timestamp {
        START + Duration::from_secs(seconds)
    }

    fn opened() -> Breaker {
        let mut breaker = Breaker::default();
        (0..5).for_each(|_| breaker.failed(at(0)));
        breaker
    }

    #[test]
    fn five_failures_within_ten_seconds_open_it_and_slower_ones_do_not() {
        let mut slow = Breaker::default();
        for second in (0..60).step_by(3) {
            slow.failed(at(second));
            assert_eq!(slow.admit(at(second)), Ok(()), "at {second} s");
        }
        let mut fast = Breaker::default();
        for second in 0..4 {
            fast.failed(at(second * 2));
            assert_eq!(fast.admit(at(second * 2)), Ok(()));
        }
        fast.failed(at(8));
        assert_eq!(fast.admit(at(8)), Err(at(13)));
    }

    #[test]
    fn an_answer_in_between_starts_the_count_anew() {
        let mut breaker = Breaker::default();
        for _ in 0..9 {
            (0..4).for_each(|_| breaker.failed(at(0)));
            breaker.answered();
        }
        assert!(!breaker.is_open());
    }

    #[test]
    fn one_probe_goes_after_a_pause_and_closes_it() {
        let mut breaker = opened();
        assert_eq!(breaker.admit(at(4)), Err(at(5)));
        assert_eq!(breaker.admit(at(5)), Ok(()));
        assert_eq!(breaker.admit(at(5)), Err(at(10)), "one probe at a time");
        breaker.answered();
        assert_eq!(breaker.admit(at(5)), Ok(()));
    }

    #[test]
    fn the_pause_doubles_up_to_a_minute_and_late_failures_of_others_do_not_count() {
        let mut breaker = opened();
        let mut now = at(5);
        for pause in [10, 20, 40, 60, 60] {
            assert_eq!(breaker.admit(now), Ok(()));
            (0..32).for_each(|_| breaker.failed(now));
            let next = now + Duration::from_secs(pause);
            assert_eq!(breaker.admit(now), Err(next));
            now = next;
        }
    }

    #[test]
    fn a_probe_that_never_ends_is_followed_by_another() {
        let mut breaker = opened();
        assert_eq!(breaker.admit(at(5)), Ok(()));
        assert_eq!(breaker.admit(at(9)), Err(at(10)));
        assert_eq!(breaker.admit(at(10)), Ok(()));
    }
}
