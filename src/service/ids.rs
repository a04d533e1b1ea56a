//! Gives out ids while this node holds its worker number.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::Cause;
use crate::core::{
    clock::Timestamp,
    id::{IdError, Snowflake},
};

/// The generator and the end of its lease on this machine's monotonic clock, which goes on while the process is paused.
pub struct Ids(Mutex<State>);

struct State {
    snowflake: Snowflake,
    lease_ends: Option<Instant>,
}

impl Ids {
    /// For worker `worker`, which gave out no id after `high_water`; `lease` is how long it holds the number from now.
    #[must_use]
    pub fn new(worker: u16, high_water: Timestamp, lease: Option<Duration>) -> Self {
        let lease_ends = lease.map(|lease| Instant::now() + lease);
        Self(Mutex::new(State { snowflake: Snowflake::new(worker, high_water), lease_ends }))
    }

    /// The next id.
    pub fn next(&self, now: Timestamp) -> Result<i64, Cause> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.lease_ends.is_some_and(|end| Instant::now() >= end) {
            return Err(Cause::Id("this node's lease on its worker number has ended".into()));
        }
        state.snowflake.next(now).map_err(|err: IdError| Cause::Id(err.to_string()))
    }

    /// The time of the last id.
    #[must_use]
    pub fn high_water(&self) -> Timestamp {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).snowflake.high_water()
    }

    /// The number is held until `end`; `None` for ever, which is what a node alone on its database does.
    pub fn renewed(&self, end: Option<Instant>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).lease_ends = end;
    }
}
