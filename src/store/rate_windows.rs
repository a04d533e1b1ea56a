//! How often something happened: in memory on SQLite, whose server is alone, and in a table on PostgreSQL, where nodes count
//! together.

mod shared;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sea_orm::{DatabaseConnection, DbBackend};
use tokio_util::task::TaskTracker;

use self::shared::Shared;
use super::{Store, StoreError};
use crate::core::{
    clock::Timestamp,
    rate::{Window, Windows},
};

/// More in a window.
#[derive(Clone, Copy, Debug)]
pub struct Tick {
    /// Keyed digest of what is counted and for whom.
    pub key: i64,
    /// How many.
    pub times: u32,
    /// How long a window is that begins with it.
    pub window: Duration,
    /// How many a window allows, where a node may count ahead of its calls.
    pub limit: Option<u32>,
}

/// Where the counts are.
#[derive(Clone)]
pub(super) enum RateWindows {
    /// Of a server that is alone on its database.
    Alone(Arc<Mutex<Windows>>),
    /// Of many.
    Shared(Shared),
}

impl RateWindows {
    pub(super) fn start(backend: DbBackend, db: &DatabaseConnection, tasks: &TaskTracker) -> Self {
        if backend == DbBackend::Postgres {
            Self::Shared(Shared::start(db, tasks))
        } else {
            Self::Alone(Arc::default())
        }
    }

    /// Counts so many more of each, and says how often that makes; `None` where there is no room for another window. No key
    /// may be there twice.
    pub(super) async fn charge(&self, ticks: &[Tick], now: Timestamp) -> Result<Vec<Option<Window>>, StoreError> {
        match self {
            Self::Shared(shared) => Ok(shared.charge(ticks, now).await?.into_iter().map(Some).collect()),
            Self::Alone(windows) => Ok(charge(windows, ticks, now)),
        }
    }

    /// Takes back what was counted and did not happen.
    pub(super) async fn give_back(&self, ticks: &[Tick], now: Timestamp) -> Result<(), StoreError> {
        match self {
            Self::Shared(shared) => shared.give_back(ticks, now).await,
            Self::Alone(windows) => {
                let mut windows = locked(windows);
                for tick in ticks {
                    windows.give_back(tick.key, tick.times, now);
                }
                Ok(())
            }
        }
    }
}

fn charge(windows: &Mutex<Windows>, ticks: &[Tick], now: Timestamp) -> Vec<Option<Window>> {
    let mut windows = locked(windows);
    ticks.iter().map(|tick| windows.charge(tick.key, tick.times, tick.window, now)).collect()
}

fn unused(tick: &Tick, now: Timestamp) -> Window {
    Window { used: 0, until: now + tick.window }
}

impl Store {
    /// Counts more of each, and says how often that makes. No key may be there twice.
    pub async fn charge(&self, ticks: &[Tick], now: Timestamp) -> Result<Vec<Window>, StoreError> {
        let charged = self.windows.charge(ticks, now).await?;
        charged.into_iter().collect::<Option<_>>().ok_or(StoreError::Overloaded)
    }

    /// The same for callers who may be one too many: on PostgreSQL, the first time that this node counts in a window, nobody
    /// waits for the count.
    pub async fn charge_behind(&self, ticks: &[Tick], now: Timestamp) -> Result<Vec<Window>, StoreError> {
        match &self.windows {
            RateWindows::Shared(shared) => shared.charge_behind(ticks, now).await,
            RateWindows::Alone(_) => self.charge(ticks, now).await,
        }
    }

    /// How often each happened, without counting.
    pub async fn charged(&self, ticks: &[Tick], now: Timestamp) -> Result<Vec<Window>, StoreError> {
        match &self.windows {
            RateWindows::Shared(shared) => shared.look(ticks, now).await,
            RateWindows::Alone(windows) => {
                let windows = locked(windows);
                let window = |tick: &Tick| windows.get(tick.key, now).unwrap_or_else(|| unused(tick, now));
                Ok(ticks.iter().map(window).collect())
            }
        }
    }

    /// Forgets in which windows this node has counted, before it counts behind: the negative control of the race tests.
    #[cfg(feature = "controls")]
    pub async fn forget_and_charge_behind(&self, tick: Tick, now: Timestamp) -> Result<Window, StoreError> {
        if let RateWindows::Shared(shared) = &self.windows {
            shared.forget();
        }
        self.charge_behind(&[tick], now).await?.first().copied().ok_or_else(|| broken("nothing was counted"))
    }

    /// Counts by reading and then writing: the negative control of the race tests.
    #[cfg(feature = "controls")]
    pub async fn read_then_charge(&self, tick: Tick, now: Timestamp) -> Result<Window, StoreError> {
        let read = self.charged(&[tick], now).await?;
        tokio::task::yield_now().await;
        let window = read.first().map(|window| Window { used: window.used + 1, ..*window });
        let window = window.ok_or_else(|| broken("nothing was read"))?;
        if let RateWindows::Alone(windows) = &self.windows {
            locked(windows).put(tick.key, window, now);
            return Ok(window);
        }
        let sql = "INSERT INTO rate_window (key, until, used) VALUES ($1, $2, $3)
            ON CONFLICT (key) DO UPDATE SET until = excluded.until, used = excluded.used";
        self.run(sql, [tick.key.into(), window.until.millis().into(), i64::from(window.used).into()]).await?;
        Ok(window)
    }

    /// Forgets windows that have ended; how many.
    pub(super) async fn end_rate_windows(&self, limit: i64, now: Timestamp) -> Result<u64, StoreError> {
        match &self.windows {
            RateWindows::Shared(shared) => shared.end(limit, now).await,
            RateWindows::Alone(windows) => Ok(locked(windows).sweep(now).try_into().unwrap_or(u64::MAX)),
        }
    }
}

/// No code runs under these locks that could leave what they guard half changed.
fn locked<T>(guarded: &Mutex<T>) -> MutexGuard<'_, T> {
    guarded.lock().unwrap_or_else(PoisonError::into_inner)
}

fn broken(reason: &str) -> StoreError {
    StoreError::Broken { table: "rate_window", reason: reason.to_owned() }
}
