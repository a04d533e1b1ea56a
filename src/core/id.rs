//! Twitter-epoch snowflake ids (spec section 7): 41 bits of milliseconds, 10 of worker, 12 of sequence.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use super::clock::Timestamp;

/// 2010-11-04T01:42:54.657Z in Unix milliseconds.
pub const EPOCH_MILLIS: i64 = 1_288_834_974_657;
/// Largest worker id.
pub const MAX_WORKER: u16 = 1023;

const MAX_SEQUENCE: i64 = 4095;
const MAX_TIME: i64 = (1 << 41) - 1;
/// How far the clock may step back before ids are refused (security G1).
const TOLERANCE: Duration = Duration::from_secs(1);

/// Names one message, for ever. On the wire it is a decimal string, because it does not fit a JavaScript number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub i64);

impl MessageId {
    /// Reads the canonical decimal form; anything else (sign, blank, leading zero, overflow) is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let canonical = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        canonical.then(|| text.parse().ok().map(Self)).flatten()
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why no id can be given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The clock stands more than a second before the last id.
    #[error("the clock went back by more than a second")]
    ClockWentBack,
    /// The 41 bits are used up (2080), or the clock is before the epoch.
    #[error("the clock is outside the range of ids")]
    OutOfRange,
}

/// Gives out strictly increasing ids for one worker.
#[derive(Debug)]
pub struct Snowflake {
    worker: u16,
    /// Milliseconds since [`EPOCH_MILLIS`] of the last id.
    last: i64,
    sequence: i64,
}

impl Snowflake {
    /// For worker `worker` (0 to 1023), which gave out no id after `high_water`.
    #[must_use]
    pub fn new(worker: u16, high_water: Timestamp) -> Self {
        let last = (high_water.millis() - EPOCH_MILLIS).max(-1);
        Self { worker: worker & MAX_WORKER, last, sequence: MAX_SEQUENCE }
    }

    /// The next id. A clock up to a second behind keeps the last time going; a full millisecond borrows the next one.
    pub fn next(&mut self, now: Timestamp) -> Result<i64, IdError> {
        let now = now.millis() - EPOCH_MILLIS;
        if now < 0 {
            return Err(IdError::OutOfRange);
        }
        if now > self.last {
            (self.last, self.sequence) = (now, 0);
        } else if i128::from(self.last) - i128::from(now) > TOLERANCE.as_millis().cast_signed() {
            return Err(IdError::ClockWentBack);
        } else if self.sequence < MAX_SEQUENCE {
            self.sequence += 1;
        } else {
            (self.last, self.sequence) = (self.last + 1, 0);
        }
        if self.last > MAX_TIME {
            return Err(IdError::OutOfRange);
        }
        Ok(self.last << 22 | i64::from(self.worker) << 12 | self.sequence)
    }

    /// The time of the last id: no restart may give out ids at or before it.
    #[must_use]
    pub const fn high_water(&self) -> Timestamp {
        Timestamp::from_millis(self.last + EPOCH_MILLIS)
    }
}

/// When the id was made.
#[must_use]
pub const fn made_at(id: i64) -> Timestamp {
    Timestamp::from_millis((id >> 22) + EPOCH_MILLIS)
}

/// The smallest id of that time or later.
#[must_use]
pub const fn first_at(time: Timestamp) -> i64 {
    let since_epoch = time.millis() - EPOCH_MILLIS;
    if since_epoch < 0 { 0 } else { since_epoch << 22 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const START: Timestamp = Timestamp::from_millis(1_700_204_167_203);

    #[test]
    fn the_published_id_is_worker_18_at_its_time() {
        let mut ids = Snowflake::new(18, Timestamp::default());
        assert_eq!(ids.next(START), Ok(1_725_407_449_772_531_712));
        assert_eq!(made_at(1_725_407_449_772_531_712), START);
    }

    #[test]
    fn the_sequence_starts_at_zero_every_millisecond() {
        let mut ids = Snowflake::new(1, Timestamp::default());
        let first = ids.next(START).unwrap();
        assert_eq!(ids.next(START).unwrap(), first + 1);
        let later = ids.next(START + Duration::from_millis(1)).unwrap();
        assert_eq!(later & 0xfff, 0);
    }

    #[test]
    fn a_full_millisecond_borrows_the_next() {
        let mut ids = Snowflake::new(0, Timestamp::default());
        let made: Vec<i64> = (0..10_000).map(|_| ids.next(START).unwrap()).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn a_clock_a_second_behind_goes_on_and_one_further_behind_is_refused() {
        let mut ids = Snowflake::new(0, START + Duration::from_secs(1));
        assert!(ids.next(START).is_ok());
        let mut ids = Snowflake::new(0, START + Duration::from_millis(1002));
        assert_eq!(ids.next(START), Err(IdError::ClockWentBack));
    }

    #[test]
    fn ids_end_with_the_41_bits_and_do_not_turn_negative() {
        let last = Timestamp::from_millis(EPOCH_MILLIS + MAX_TIME);
        let mut ids = Snowflake::new(MAX_WORKER, Timestamp::default());
        assert!(ids.next(last).unwrap() > 0);
        assert_eq!(ids.next(last + Duration::from_millis(1)), Err(IdError::OutOfRange));
        assert_eq!(ids.next(Timestamp::default()), Err(IdError::OutOfRange));
    }

    #[test]
    fn only_the_canonical_spelling_is_an_id() {
        assert_eq!(MessageId::parse("1725407449772531712"), Some(MessageId(1_725_407_449_772_531_712)));
        for text in ["", "0", "+1", "-1", " 1", "1 ", "01", "1.0", "9223372036854775808", "\u{661}"] {
            assert_eq!(MessageId::parse(text), None, "{text:?}");
        }
    }

    proptest! {
        /// Clock steps from an hour back to a year on, and restarts that honour the high-water mark.
        #[test]
        fn ids_only_grow(steps in prop::collection::vec((-3_600_000i64..31_536_000_000, any::<bool>()), 1..200)) {
            let mut now = START.millis();
            let mut ids = Snowflake::new(7, Timestamp::default());
            let mut last = 0;
            for (step, restart) in steps {
                now = (now + step).clamp(EPOCH_MILLIS, EPOCH_MILLIS + MAX_TIME);
                if restart {
                    ids = Snowflake::new(7, ids.high_water());
                }
                if let Ok(id) = ids.next(Timestamp::from_millis(now)) {
                    prop_assert!(id > last);
                    last = id;
                }
            }
        }
    }
}
