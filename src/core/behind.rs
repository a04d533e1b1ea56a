//! Counts that a node makes after the calls, so that somebody who comes for the first time in a window waits for none. A node
//! does so once in each window: so many too many as there are nodes may be let through together, and no more.

use std::collections::HashMap;

use super::clock::Timestamp;

/// The windows that this node has counted in, and what of it is not written down yet.
#[derive(Debug, Default)]
pub struct Behind {
    ends: HashMap<i64, Timestamp>,
    waiting: Vec<Later>,
}

/// More in a window, to be written down later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Later {
    /// Keyed digest of what is counted and for whom.
    pub key: i64,
    /// How many.
    pub times: u32,
    /// When they came.
    pub at: Timestamp,
    /// When the window ends that begins with it.
    pub until: Timestamp,
}

impl Behind {
    /// Windows at once, about 2 MB, and counts that wait; what is beyond is asked for call by call.
    const MOST: usize = 65_536;
    /// Counts that are written down together.
    const TOGETHER: usize = 4096;

    /// Whether this is the first time that the node counts in the window: it then will be written down.
    pub fn begin(&mut self, later: Later) -> bool {
        match self.ends.get(&later.key) {
            Some(end) if later.at < *end => return false,
            None if self.ends.len() >= Self::MOST => return false,
            Some(_) | None if self.waiting.len() >= Self::MOST => return false,
            Some(_) | None => {}
        }
        self.ends.insert(later.key, later.until);
        self.waiting.push(later);
        true
    }

    /// What is to be written down next; whoever takes it does so, or gives it back.
    pub fn take(&mut self) -> Vec<Later> {
        self.waiting.drain(..self.waiting.len().min(Self::TOGETHER)).collect()
    }

    /// What could not be written down.
    pub fn give_back(&mut self, mut later: Vec<Later>) {
        self.waiting.append(&mut later);
    }

    /// Whether there is anything to be written down.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Forgets which windows it has counted in: the negative control of the race tests.
    #[cfg(feature = "controls")]
    pub fn forget(&mut self) {
        self.ends.clear();
    }

    /// Forgets windows that have ended.
    pub fn sweep(&mut self, now: Timestamp) {
        self.ends.retain(|_, end| now < *end);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);
    const MINUTE: Duration = Duration::from_mins(1);

    fn one(key: i64, now: Timestamp) -> Later {
        Later { key, times: 1, at: now, until: now + MINUTE }
    }

    #[test]
    fn only_the_first_count_of_a_window_comes_later() {
        let mut behind = Behind::default();
        assert!(behind.begin(one(7, START)));
        assert!(!behind.begin(one(7, START)));
        assert!(behind.begin(one(8, START)), "another window");
        assert_eq!(behind.take(), [one(7, START), one(8, START)]);
        assert!(!behind.is_waiting());
        assert!(!behind.begin(one(7, START)), "what is written down was counted all the same");
        let end = START + MINUTE;
        assert!(behind.begin(one(7, end)), "the next window");
    }

    #[test]
    fn what_could_not_be_written_down_waits_on() {
        let mut behind = Behind::default();
        behind.begin(one(7, START));
        let taken = behind.take();
        behind.begin(one(8, START));
        behind.give_back(taken);
        assert!(behind.is_waiting());
        assert_eq!(behind.take(), [one(8, START), one(7, START)]);
    }

    #[test]
    fn where_there_is_no_room_nothing_is_counted_later_until_windows_have_ended() {
        let mut behind = Behind::default();
        for key in 0..i64::try_from(Behind::MOST).unwrap() {
            assert!(behind.begin(one(key, START)));
        }
        assert!(!behind.begin(one(-1, START)));
        let end = START + MINUTE;
        behind.sweep(end);
        assert!(!behind.begin(one(-1, end)), "nothing of it is written down");
        assert_eq!(behind.take().len(), Behind::TOGETHER);
        assert!(behind.begin(one(-1, end)));
    }
}
