//! What counts mean: which sends still fit into their windows.

use std::{collections::HashMap, time::Duration};

use crate::core::{
    rate::Window,
    refusal::{Refusal, Rule},
};

/// One window that a message counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Which rule it belongs to.
    pub rule: Rule,
    /// Keyed digest of what is counted and for whom.
    pub key: i64,
    /// How often it counts: once for each recipient.
    pub times: u32,
    /// How many fit in.
    pub most: u32,
    /// How long a window is that begins with it.
    pub span: Duration,
}

/// Windows as a decision finds them, by key.
#[derive(Debug, Default)]
pub struct Tally(HashMap<i64, Window>);

impl Tally {
    /// Of these windows.
    pub fn new(windows: impl IntoIterator<Item = (i64, Window)>) -> Self {
        Self(windows.into_iter().collect())
    }

    /// Counts a message in all its windows, or, where one of them is full, in none: what is refused must not use up what
    /// others may still send.
    pub fn admit(&mut self, message: &[Counted]) -> Result<(), Refusal> {
        for counted in message {
            let Some(window) = self.0.get(&counted.key) else { continue };
            if window.used.saturating_add(counted.times) > counted.most {
                let Counted { rule, most: limit, .. } = *counted;
                return Err(Refusal { rule, used: window.used, limit, lifts_at: Some(window.until) });
            }
        }
        for counted in message {
            if let Some(window) = self.0.get_mut(&counted.key) {
                window.used = window.used.saturating_add(counted.times);
            }
        }
        Ok(())
    }
}
