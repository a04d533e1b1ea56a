//! Counts that a node has made before the calls came, so that it need not ask the others at each call of a busy caller. What is
//! counted ahead is counted: nodes never let more through together than a window allows. What is not used is lost to the
//! others until the window ends, so that it is kept to a small part of it.

use std::collections::HashMap;

use super::{clock::Timestamp, rate::Window};

/// What a node knows of busy windows, by key.
#[derive(Debug, Default)]
pub struct Ahead(HashMap<i64, Taken>);

/// A window as this node saw it last.
#[derive(Debug)]
struct Taken {
    window: Window,
    /// Of what is counted in it, so many are for calls of this node that are yet to come.
    left: u32,
}

impl Ahead {
    /// A window that was used so often is busy.
    const BUSY: u32 = 16;
    /// At most one of so many that a window still allows; so windows of fewer are never counted ahead.
    const SHARE: u32 = 256;
    const MOST: u32 = 1024;
    /// Busy windows at once; what is beyond is asked for call by call.
    const WINDOWS: usize = 4096;

    /// How many more to count with the next charge of this window: in proportion to how busy it is.
    #[must_use]
    pub fn more(&self, key: i64, limit: u32, now: Timestamp) -> u32 {
        let Some(Taken { window, left: 0 }) = self.get(key, now) else { return 0 };
        let free = limit.saturating_sub(window.used);
        (window.used / 4).min(free / Self::SHARE).min(Self::MOST)
    }

    /// Notes a window as it was found after a charge, with so many counted ahead.
    pub fn note(&mut self, key: i64, window: Window, left: u32, now: Timestamp) {
        if window.used < Self::BUSY || self.get(key, now).is_some_and(|taken| taken.left > 0) {
            return;
        }
        if self.0.len() >= Self::WINDOWS && !self.0.contains_key(&key) {
            self.0.retain(|_, taken| now < taken.window.until);
        }
        if self.0.len() < Self::WINDOWS || self.0.contains_key(&key) {
            self.0.insert(key, Taken { window, left });
        }
    }

    /// Uses what was counted ahead: the window as each call would have found it, had it been counted then. `None` where there
    /// is too little for one of them, and nothing is used.
    pub fn take(&mut self, ticks: impl Iterator<Item = (i64, u32)> + Clone, now: Timestamp) -> Option<Vec<Window>> {
        let enough = |(key, times): (i64, u32)| self.get(key, now).is_some_and(|taken| taken.left >= times);
        if !ticks.clone().all(enough) {
            return None;
        }
        ticks.map(|(key, times)| self.take_one(key, times, now)).collect()
    }

    /// The same for one window.
    pub fn take_one(&mut self, key: i64, times: u32, now: Timestamp) -> Option<Window> {
        let taken = self.0.get_mut(&key).filter(|taken| now < taken.window.until && taken.left >= times)?;
        taken.left -= times;
        Some(Window { used: taken.window.used - taken.left, ..taken.window })
    }

    /// How many of a window's counts are for calls that are yet to come.
    #[must_use]
    pub fn left(&self, key: i64, now: Timestamp) -> u32 {
        self.get(key, now).map_or(0, |taken| taken.left)
    }

    fn get(&self, key: i64, now: Timestamp) -> Option<&Taken> {
        self.0.get(&key).filter(|taken| now < taken.window.until)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);
    const KEY: i64 = 7;

    fn window(used: u32) -> Window {
        Window { used, until: START + Duration::from_mins(1) }
    }

    /// A window that was used so often.
    fn seen(used: u32) -> Ahead {
        let mut ahead = Ahead::default();
        ahead.note(KEY, window(used), 0, START);
        ahead
    }

    fn take(ahead: &mut Ahead, now: Timestamp) -> Option<u32> {
        ahead.take([(KEY, 1)].into_iter(), now).map(|windows| windows[0].used)
    }

    #[test]
    fn a_busy_window_is_counted_ahead_by_a_quarter_of_its_use_and_a_small_part_of_what_is_free() {
        let more = |used, limit| seen(used).more(KEY, limit, START);
        assert_eq!((more(15, 100_000), more(16, 100_000), more(400, 100_000)), (0, 4, 100));
        assert_eq!((more(100_000, 1_000_000_000), more(99_000, 100_000), more(100_000, 100_000)), (1024, 3, 0));
        assert_eq!((more(100, 300), more(100, 60)), (0, 0), "small windows are counted call by call");
        assert_eq!(Ahead::default().more(KEY, 100_000, START), 0);
    }

    #[test]
    fn calls_find_the_window_as_if_each_had_been_counted_when_it_came() {
        let mut ahead = seen(100);
        ahead.note(KEY, window(103), 2, START);
        assert_eq!((ahead.left(KEY, START), ahead.more(KEY, 100_000, START)), (2, 0));
        assert_eq!([(); 3].map(|()| take(&mut ahead, START)), [Some(102), Some(103), None]);
        assert_eq!(ahead.left(KEY, START), 0);
    }

    #[test]
    fn what_is_left_of_a_window_that_has_ended_is_not_used() {
        let mut ahead = Ahead::default();
        ahead.note(KEY, window(100), 2, START);
        assert_eq!(take(&mut ahead, window(0).until), None);
        assert_eq!((ahead.left(KEY, window(0).until), ahead.more(KEY, 100_000, window(0).until)), (0, 0));
    }

    #[test]
    fn a_call_that_counts_twice_uses_both_or_none() {
        let mut ahead = Ahead::default();
        ahead.note(KEY, window(100), 1, START);
        let both = [(KEY, 1), (8, 1)];
        assert_eq!(ahead.take(both.into_iter(), START), None);
        ahead.note(8, window(50), 5, START);
        assert_eq!(ahead.take(both.into_iter(), START), Some(vec![window(100), window(46)]));
    }
}
