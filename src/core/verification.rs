//! The life of one code. This is the specification that the store's conditional statement is tested against.

use super::clock::Timestamp;

/// Where a verification stands; expiry is computed, never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody sent the right code yet.
    Pending {
        /// Wrong codes so far.
        wrong_guesses: u8,
    },
    /// The right code came, once.
    Verified {
        /// When.
        at: Timestamp,
    },
}

/// What one guess led to. A wrong guess is an outcome, not an error: `EngageLab` answers it with 200 (spec 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// Right, and the first to be.
    Accepted,
    /// Compared, and wrong.
    Wrong {
        /// Guesses that will still be compared.
        left: u8,
    },
    /// Not compared: an earlier guess was right.
    AlreadyVerified,
    /// Not compared: too many wrong guesses.
    Exhausted,
    /// Not compared: too late.
    Expired,
}

/// One code's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verification {
    /// First instant at which the code is dead.
    pub expires_at: Timestamp,
    /// Wrong guesses that end the code.
    pub max_guesses: u8,
    /// Where it stands.
    pub state: State,
}

impl Verification {
    /// Judges one guess, in the order of spec 3.5: used, worn out, too late, then right or wrong.
    pub fn guess(&mut self, matches: bool, now: Timestamp) -> Guess {
        if let Some(refusal) = self.refusal(now) {
            return refusal;
        }
        if matches {
            self.state = State::Verified { at: now };
            return Guess::Accepted;
        }
        let wrong_guesses = self.wrong_guesses() + 1;
        self.state = State::Pending { wrong_guesses };
        Guess::Wrong { left: self.max_guesses - wrong_guesses }
    }

    /// Why a guess would not even be compared, if so.
    #[must_use]
    pub fn refusal(&self, now: Timestamp) -> Option<Guess> {
        match self.state {
            State::Verified { .. } => Some(Guess::AlreadyVerified),
            State::Pending { wrong_guesses } if wrong_guesses >= self.max_guesses => Some(Guess::Exhausted),
            State::Pending { .. } if now >= self.expires_at => Some(Guess::Expired),
            State::Pending { .. } => None,
        }
    }

    const fn wrong_guesses(&self) -> u8 {
        match self.state {
            State::Pending { wrong_guesses } => wrong_guesses,
            State::Verified { .. } => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);
    const LIFE: Duration = Duration::from_mins(5);

    fn fresh(max_guesses: u8) -> Verification {
        Verification { expires_at: START + LIFE, max_guesses, state: State::Pending { wrong_guesses: 0 } }
    }

    #[test]
    fn a_right_code_is_accepted_once() {
        let mut code = fresh(5);
        assert_eq!(code.guess(true, START), Guess::Accepted);
        for matches in [true, false] {
            assert_eq!(code.guess(matches, START), Guess::AlreadyVerified);
        }
        assert_eq!(code.guess(true, START + LIFE), Guess::AlreadyVerified, "used comes before expired");
    }

    #[test]
    fn a_code_is_dead_from_the_instant_of_expiry() {
        let mut code = fresh(5);
        let last = START + LIFE.checked_sub(Duration::from_millis(1)).unwrap();
        assert_eq!(code.clone().guess(true, last), Guess::Accepted);
        assert_eq!(code.guess(true, START + LIFE), Guess::Expired);
    }

    /// Every order of right and wrong guesses up to eight long, for every limit.
    #[test]
    fn no_more_than_the_limit_is_ever_compared_and_only_one_is_accepted() {
        for max_guesses in 1..=5u8 {
            for order in 0u32..(1 << 8) {
                let mut code = fresh(max_guesses);
                let guesses: Vec<_> = (0..8).map(|bit| code.guess(order >> bit & 1 == 1, START)).collect();
                let wrong = guesses.iter().filter(|guess| matches!(guess, Guess::Wrong { .. })).count();
                let accepted = guesses.iter().filter(|guess| **guess == Guess::Accepted).count();
                let first_right = usize::try_from(order.trailing_zeros()).unwrap();
                assert_eq!(wrong, first_right.min(max_guesses.into()));
                assert_eq!(accepted, usize::from(first_right < max_guesses.into()));
            }
        }
    }

    #[test]
    fn wrong_guesses_count_down_to_exhausted() {
        let mut code = fresh(3);
        let guesses: Vec<_> = (0..4).map(|_| code.guess(false, START)).collect();
        let wrong = |left| Guess::Wrong { left };
        assert_eq!(guesses, [wrong(2), wrong(1), wrong(0), Guess::Exhausted]);
        assert_eq!(code.guess(true, START), Guess::Exhausted);
    }
}
