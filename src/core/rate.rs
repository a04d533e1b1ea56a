//! How often something may happen. A window is fixed: it begins with the first time, and what comes after its end begins
//! another.

use std::{collections::HashMap, time::Duration};

use super::clock::Timestamp;

/// One more of something.
#[derive(Clone, Copy)]
pub struct Charge<'a> {
    /// What is counted; the same word is the same count in every call.
    pub rule: &'static str,
    /// For whom; kept as a keyed digest only.
    pub subject: &'a [&'a [u8]],
    /// How often it may happen in a window.
    pub limit: u32,
    /// How long a window is.
    pub window: Duration,
}

/// How often it has happened in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// So often, the charge that was answered with it included; what was refused counts too.
    pub used: u32,
    /// How often it may happen.
    pub limit: u32,
    /// When the window ends; a whole window from now where none has begun.
    pub resets_at: Timestamp,
    /// How long it goes on.
    pub resets_in: Duration,
}

impl Count {
    /// Whether it happened too often.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.used > self.limit
    }

    /// How often it may still happen in this window.
    #[must_use]
    pub const fn remaining(&self) -> u32 {
        self.limit.saturating_sub(self.used)
    }
}

/// One window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How often it happened.
    pub used: u32,
    /// The first instant that is not in it.
    pub until: Timestamp,
}

/// The windows of a server that is alone on its database, by key.
#[derive(Debug, Default)]
pub struct Windows {
    kept: HashMap<i64, Window>,
    swept: Timestamp,
}

impl Windows {
    /// So many at once, about 60 MB.
    const MOST: usize = 1_000_000;
    /// Between two looks for room when there is none: each goes through all of them.
    const PAUSE: Duration = Duration::from_secs(1);

    /// Counts so many more; a window that begins with them is `length` long. `None` when there is no room for another.
    pub fn charge(&mut self, key: i64, times: u32, length: Duration, now: Timestamp) -> Option<Window> {
        let window = match self.get(key, now) {
            Some(window) => Window { used: window.used.saturating_add(times), ..window },
            None => Window { used: times, until: now + length },
        };
        self.put(key, window, now).then_some(window)
    }

    /// Takes back what was counted and did not happen, while its window lives.
    pub fn give_back(&mut self, key: i64, times: u32, now: Timestamp) {
        if let Some(window) = self.kept.get_mut(&key).filter(|window| now < window.until) {
            window.used = window.used.saturating_sub(times);
        }
    }

    /// Keeps a window in the place of what was there; false when there is no room for another.
    pub fn put(&mut self, key: i64, window: Window, now: Timestamp) -> bool {
        if self.kept.len() >= Self::MOST && now >= self.swept + Self::PAUSE {
            self.sweep(now);
        }
        let room = self.kept.len() < Self::MOST || self.kept.contains_key(&key);
        if room {
            self.kept.insert(key, window);
        }
        room
    }

    /// The live window of that key.
    #[must_use]
    pub fn get(&self, key: i64, now: Timestamp) -> Option<Window> {
        self.kept.get(&key).filter(|window| now < window.until).copied()
    }

    /// Forgets the windows that have ended; how many.
    pub fn sweep(&mut self, now: Timestamp) -> usize {
        let before = self.kept.len();
        self.kept.retain(|_, window| now < window.until);
        self.swept = now;
        before - self.kept.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);
    const MINUTE: Duration = Duration::from_mins(1);

    fn used(windows: &mut Windows, key: i64, now: Timestamp) -> u32 {
        windows.charge(key, 1, MINUTE, now).unwrap().used
    }

    #[test]
    fn a_window_counts_from_its_first_charge_to_its_end() {
        let mut windows = Windows::default();
        let last = START + Duration::from_millis(59_999);
        assert_eq!([used(&mut windows, 1, START), used(&mut windows, 1, last), used(&mut windows, 2, last)], [1, 2, 1]);
        assert_eq!(windows.get(1, last), Some(Window { used: 2, until: START + MINUTE }));
        assert_eq!(windows.get(1, START + MINUTE), None);
        assert_eq!(used(&mut windows, 1, START + MINUTE), 1);
    }

    #[test]
    fn what_did_not_happen_is_taken_back_from_its_own_window_only() {
        let mut windows = Windows::default();
        windows.charge(1, 3, MINUTE, START).unwrap();
        windows.give_back(1, 2, START);
        windows.give_back(2, 1, START);
        assert_eq!((used(&mut windows, 1, START), used(&mut windows, 2, START)), (2, 1));
        let later = START + MINUTE;
        windows.give_back(1, 2, later);
        assert_eq!(used(&mut windows, 1, later), 1);
    }

    #[test]
    fn a_count_is_over_when_it_is_above_its_limit() {
        let count = |used| Count { used, limit: 2, resets_at: START, resets_in: MINUTE };
        assert_eq!([1, 2, 3].map(|used| count(used).is_over()), [false, false, true]);
        assert_eq!([0, 2, 3].map(|used| count(used).remaining()), [2, 0, 0]);
    }

    #[test]
    fn what_has_ended_makes_room_and_what_lives_is_never_pushed_out() {
        let mut windows = Windows::default();
        for key in 0..i64::try_from(Windows::MOST).unwrap() {
            assert!(windows.put(key, Window { used: 1, until: START + MINUTE }, START));
        }
        let full = START + Duration::from_secs(2);
        assert_eq!(windows.charge(-1, 1, MINUTE, full), None);
        assert_eq!(used(&mut windows, 7, full), 2);
        assert_eq!(used(&mut windows, -1, START + MINUTE), 1);
        assert_eq!(windows.kept.len(), 1);
    }
}
