//! When a request that was not taken is made again (spec 5.4).

use std::time::Duration;

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
/// A receiver may ask for more (`Retry-After`), up to a day.
#[must_use]
pub fn pause(failed: i16, asked: Option<Duration>) -> Option<Duration> {
    if failed > RETRIES {
        return None;
    }
    let place = usize::try_from(failed - 1).unwrap_or(0);
    let pause = FIRST.get(place).copied().unwrap_or(LATER);
    Some(pause.max(asked.unwrap_or_default().min(LATER)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn the_pauses_are_those_of_the_specification() {
        let minutes = |failed| pause(failed, None).map(|pause| pause.as_secs() / 60);
        let first: Vec<_> = (1..=8).map(|failed| minutes(failed).unwrap()).collect();
        assert_eq!(first, [1, 10, 60, 120, 300, 600, 1440, 1440]);
        assert_eq!(minutes(24), Some(1440));
        assert_eq!(minutes(25), None, "the first try and 24 more");
    }

    #[test]
    fn a_receiver_may_ask_for_a_longer_pause_of_up_to_a_day() {
        assert_eq!(pause(1, Some(HOUR)), Some(HOUR));
        assert_eq!(pause(3, Some(Duration::from_secs(1))), Some(HOUR));
        assert_eq!(pause(1, Some(HOUR * 48)), Some(HOUR * 24));
    }
}
