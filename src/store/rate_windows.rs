//! How often something happened: in memory on SQLite, whose server is alone, and in a table on PostgreSQL, where nodes count
//! together. What is decided is decided by one statement there, which callers of one moment share, and under one lock here. A
//! node counts ahead for its busy callers (`core/ahead.rs`), who then wait for no statement.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement, Value};
use tokio_util::task::TaskTracker;

use super::{Store, StoreError, together::Together};
use crate::core::{
    ahead::Ahead,
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
    Shared {
        /// Counts.
        charges: Together<Asked, Vec<Window>>,
        /// What is counted already.
        ahead: Arc<Mutex<Ahead>>,
        /// Looks.
        looks: Together<Asked, Vec<Window>>,
        /// Where they are.
        db: DatabaseConnection,
    },
}

/// What one caller counts or looks at, and when.
type Asked = (Vec<Tick>, Timestamp);

/// In the order of the keys, in which two nodes take their rows. Nobody waits for the disk: the table is not logged.
const CHARGE: &str = "INSERT INTO rate_window AS w (key, until, used)
    SELECT key, until, used FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS c (key, until, used) ORDER BY key
  ON CONFLICT (key) DO UPDATE SET
    until = CASE WHEN w.until <= $4 THEN excluded.until ELSE w.until END,
    used = CASE WHEN w.until <= $4 THEN excluded.used ELSE w.used + excluded.used END
  RETURNING key, until, used";
const LOOK: &str = "SELECT key, until, used FROM rate_window WHERE key = ANY($1) AND until > $2";
const GIVE_BACK: &str = "UPDATE rate_window SET used = GREATEST(0, rate_window.used - held.times)
  FROM (SELECT w.key, c.times FROM rate_window w JOIN unnest($1::bigint[], $2::bigint[]) AS c (key, times) ON c.key = w.key
          WHERE w.until > $3 ORDER BY w.key FOR UPDATE OF w) AS held
  WHERE rate_window.key = held.key";
const SWEEP: &str = "DELETE FROM rate_window WHERE key IN
    (SELECT key FROM rate_window WHERE until <= $1 ORDER BY until LIMIT $2 FOR UPDATE SKIP LOCKED)";

impl RateWindows {
    pub(super) fn start(backend: DbBackend, db: &DatabaseConnection, tasks: &TaskTracker) -> Self {
        if backend != DbBackend::Postgres {
            return Self::Alone(Arc::default());
        }
        let (to_charge, to_look) = (db.clone(), db.clone());
        let ahead = Arc::<Mutex<Ahead>>::default();
        let (for_charges, for_looks) = (ahead.clone(), ahead.clone());
        Self::Shared {
            charges: Together::start(tasks, move |asked| charge(to_charge.clone(), for_charges.clone(), asked)),
            looks: Together::start(tasks, move |asked| look(to_look.clone(), for_looks.clone(), asked)),
            ahead,
            db: db.clone(),
        }
    }

    /// Counts so many more of each, and says how often that makes; `None` where there is no room for another window. No key
    /// may be there twice.
    pub(super) async fn charge(&self, ticks: &[Tick], now: Timestamp) -> Result<Vec<Option<Window>>, StoreError> {
        match self {
            Self::Shared { charges, ahead, .. } => {
                let counted = locked(ahead).take(ticks.iter().map(|tick| (tick.key, tick.times)), now);
                let windows = match counted {
                    Some(windows) => windows,
                    None => charges.ask((ticks.to_vec(), now)).await?,
                };
                Ok(windows.into_iter().map(Some).collect())
            }
            Self::Alone(windows) => {
                let mut windows = locked(windows);
                let charge = |tick: &Tick| windows.charge(tick.key, tick.times, tick.window, now);
                Ok(ticks.iter().map(charge).collect())
            }
        }
    }

    /// Takes back what was counted and did not happen.
    pub(super) async fn give_back(&self, ticks: &[Tick], now: Timestamp) -> Result<(), StoreError> {
        match self {
            Self::Shared { db, .. } => {
                let keys: Vec<_> = ticks.iter().map(|tick| tick.key).collect();
                let times: Vec<_> = ticks.iter().map(|tick| i64::from(tick.times)).collect();
                rows(db, GIVE_BACK, [keys.into(), times.into(), now.millis().into()]).await.map(drop)
            }
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

/// What one statement adds to a window.
#[derive(Clone, Copy, Default)]
struct Sum {
    until: i64,
    /// For calls that have come.
    times: u32,
    /// For calls that are yet to come.
    ahead: u32,
}

/// Each caller is told the count that it made, as if they had come one after the other.
async fn charge(
    db: DatabaseConnection,
    ahead: Arc<Mutex<Ahead>>,
    asked: Vec<Asked>,
) -> Result<Vec<Vec<Window>>, StoreError> {
    let now = latest(&asked);
    let sums = sums(&asked, &locked(&ahead), now);
    let keys: Vec<_> = sums.keys().copied().collect();
    let (ends, added): (Vec<_>, Vec<_>) =
        sums.values().map(|sum| (sum.until, i64::from(sum.times) + i64::from(sum.ahead))).unzip();
    let rows = rows(&db, CHARGE, [keys.into(), ends.into(), added.into(), now.millis().into()]).await?;
    let mut windows = BTreeMap::new();
    for (key, window) in rows {
        let Sum { times, ahead: more, .. } = sums.get(&key).copied().unwrap_or_default();
        locked(&ahead).note(key, window, more, now);
        // Back to what each window had before, and then up again, charge by charge.
        windows.insert(key, Window { used: window.used.saturating_sub(times.saturating_add(more)), ..window });
    }
    let mut count = |tick: &Tick| {
        let window = windows.get_mut(&tick.key)?;
        window.used = window.used.saturating_add(tick.times);
        Some(*window)
    };
    let counted = asked.iter().map(|(ticks, _)| ticks.iter().map(&mut count).collect::<Option<Vec<_>>>());
    counted.collect::<Option<_>>().ok_or_else(|| broken("a charge was not counted"))
}

fn sums(asked: &[Asked], ahead: &Ahead, now: Timestamp) -> BTreeMap<i64, Sum> {
    let mut sums = BTreeMap::<i64, Sum>::new();
    for tick in asked.iter().flat_map(|(ticks, _)| ticks) {
        let sum = sums.entry(tick.key).or_insert_with(|| Sum {
            until: (now + tick.window).millis(),
            times: 0,
            ahead: tick.limit.map_or(0, |limit| ahead.more(tick.key, limit, now)),
        });
        sum.times = sum.times.saturating_add(tick.times);
    }
    sums
}

/// What this node has counted ahead has not happened.
async fn look(
    db: DatabaseConnection,
    ahead: Arc<Mutex<Ahead>>,
    asked: Vec<Asked>,
) -> Result<Vec<Vec<Window>>, StoreError> {
    let keys: Vec<_> = asked.iter().flat_map(|(ticks, _)| ticks).map(|tick| tick.key).collect();
    let rows = rows(&db, LOOK, [keys.into(), latest(&asked).millis().into()]).await?;
    let ahead = locked(&ahead);
    let happened = |(key, window): (i64, Window)| {
        let used = window.used.saturating_sub(ahead.left(key, latest(&asked)));
        (key, Window { used, ..window })
    };
    let rows: BTreeMap<_, _> = rows.into_iter().map(happened).collect();
    let seen = |(ticks, now): &Asked| {
        let window = |tick: &Tick| rows.get(&tick.key).copied().unwrap_or_else(|| unused(tick, *now));
        ticks.iter().map(window).collect()
    };
    Ok(asked.iter().map(seen).collect())
}

fn latest(asked: &[Asked]) -> Timestamp {
    asked.iter().map(|(_, now)| *now).max().unwrap_or_default()
}

fn unused(tick: &Tick, now: Timestamp) -> Window {
    Window { used: 0, until: now + tick.window }
}

async fn rows(
    db: &DatabaseConnection,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<(i64, Window)>, StoreError> {
    let rows = db.query_all_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    Ok(rows.iter().map(window).collect::<Result<_, _>>()?)
}

impl Store {
    /// Counts more of each, and says how often that makes. No key may be there twice.
    pub async fn charge(&self, ticks: &[Tick], now: Timestamp) -> Result<Vec<Window>, StoreError> {
        let charged = self.windows.charge(ticks, now).await?;
        charged.into_iter().collect::<Option<_>>().ok_or(StoreError::Overloaded)
    }

    /// How often each happened, without counting.
    pub async fn charged(&self, ticks: &[Tick], now: Timestamp) -> Result<Vec<Window>, StoreError> {
        match &self.windows {
            RateWindows::Shared { looks, .. } => looks.ask((ticks.to_vec(), now)).await,
            RateWindows::Alone(windows) => {
                let windows = locked(windows);
                let window = |tick: &Tick| windows.get(tick.key, now).unwrap_or_else(|| unused(tick, now));
                Ok(ticks.iter().map(window).collect())
            }
        }
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
            RateWindows::Shared { .. } => self.run(SWEEP, [now.millis().into(), limit.into()]).await,
            RateWindows::Alone(windows) => Ok(locked(windows).sweep(now).try_into().unwrap_or(u64::MAX)),
        }
    }
}

/// No code runs under these locks that could leave what they guard half changed.
fn locked<T>(guarded: &Mutex<T>) -> MutexGuard<'_, T> {
    guarded.lock().unwrap_or_else(PoisonError::into_inner)
}

fn window(row: &QueryResult) -> Result<(i64, Window), DbErr> {
    let used: i64 = row.try_get("", "used")?;
    let until = Timestamp::from_millis(row.try_get("", "until")?);
    Ok((row.try_get("", "key")?, Window { used: used.try_into().unwrap_or(u32::MAX), until }))
}

fn broken(reason: &str) -> StoreError {
    StoreError::Broken { table: "rate_window", reason: reason.to_owned() }
}
