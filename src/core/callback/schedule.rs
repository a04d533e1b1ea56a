//! When a request that was not taken is made again (spec 5.4).

use std::time::Duration;

use crate::core::entropy::{Entropy, bytes};

/// Tries after the first one.
pub const RETRIES: i16 = 24;

const FIRST: [Duration; 6] = [
    Duration::from_mins(1),
    Duration::from_mins(10),
    Duration::from_hours(1),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
];
const LATER: Duration = Duration::from_hours(24);

/// How long to wait after the `failed`th try (from 1) has failed; `None` when that was the last one.
///
/// Each pause is up to a fifth shorter or longer than the schedule says, so that requests that failed together do not come
/// back together. A receiver may ask for more (`Retry-After`), up to a day, and is not asked again before that.
#[must_use]
pub fn pause(failed: i16, asked: Option<Duration>, entropy: &dyn Entropy) -> Option<Duration> {
    if failed > RETRIES {
        return None;
    }
    let place = usize::try_from(failed - 1).unwrap_or(0);
    let pause = jittered(FIRST.get(place).copied().unwrap_or(LATER), entropy);
    Some(pause.max(asked.unwrap_or_default().min(LATER)))
}

/// Four to six fifths of it; as it is where there is no randomness.
fn jittered(pause: Duration, entropy: &dyn Entropy) -> Duration {
    let fifth = pause / 5;
    let spread = u64::try_from((fifth * 2).as_millis()).unwrap_or(u64::MAX).max(1);
    let random = |bytes| Duration::from_millis(u64::from_be_bytes(bytes) % spread);
    bytes(entropy).map_or(pause, |bytes| fifth * 4 + random(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::entropy::{NoEntropy, SeededEntropy};

    const HOUR: Duration = Duration::from_hours(1);

    /// Gives nothing.
    struct Dry;

    impl Entropy for Dry {
        fn fill(&self, _: &mut [u8]) -> Result<(), NoEntropy> {
            Err(NoEntropy)
        }
    }

    #[test]
    fn the_pauses_are_those_of_the_specification() {
        let minutes = |failed| pause(failed, None, &Dry).map(|pause| pause.as_secs() / 60);
        let first: Vec<_> = (1..=8).map(|failed| minutes(failed).unwrap()).collect();
        assert_eq!(first, [1, 10, 60, 120, 300, 600, 1440, 1440]);
        assert_eq!(minutes(24), Some(1440));
        assert_eq!(minutes(25), None, "the first try and 24 more");
    }

    #[test]
    fn each_pause_is_up_to_a_fifth_shorter_or_longer() {
        let entropy = SeededEntropy::new(1);
        for failed in 1..=RETRIES {
            let exact = pause(failed, None, &Dry).unwrap();
            let drawn: Vec<_> = (0..500).map(|_| pause(failed, None, &entropy).unwrap()).collect();
            let (shortest, longest) = (drawn.iter().min().unwrap(), drawn.iter().max().unwrap());
            assert!((exact * 4 / 5..exact * 41 / 50).contains(shortest), "{shortest:?} of {exact:?}");
            assert!((exact * 59 / 50..=exact * 6 / 5).contains(longest), "{longest:?} of {exact:?}");
        }
    }

    #[test]
    fn a_receiver_may_ask_for_a_longer_pause_of_up_to_a_day() {
        let entropy = SeededEntropy::new(1);
        for _ in 0..100 {
            assert_eq!(pause(1, Some(HOUR), &entropy), Some(HOUR));
            assert!(pause(3, Some(HOUR), &entropy).unwrap() >= HOUR, "never before that");
            assert_eq!(pause(1, Some(HOUR * 48), &entropy), Some(HOUR * 24));
        }
        assert_eq!(pause(3, Some(Duration::from_secs(1)), &Dry), Some(HOUR));
    }
}
