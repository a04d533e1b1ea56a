//! Windows in a table, where nodes count together. What is decided is decided by one statement, which callers of one moment
//! share. A node counts ahead for its busy callers (`core/ahead.rs`), and behind for those it sees for the first time
//! (`core/behind.rs`), who then wait for no statement.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement, Value};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use super::{Tick, broken, locked, unused};
use crate::{
    core::{
        ahead::Ahead,
        behind::{Behind, Later},
        clock::Timestamp,
        rate::Window,
    },
    store::{StoreError, together::Together},
};

/// Longest that a count behind waits for a statement that is made anyway.
const LINGER: Duration = Duration::from_millis(50);

/// See the module.
#[derive(Clone)]
pub(in crate::store) struct Shared {
    /// Counts.
    charges: Together<Asked, Vec<Window>>,
    /// Looks.
    looks: Together<Asked, Vec<Window>>,
    counted: Counted,
    db: DatabaseConnection,
    /// Ends what makes the last counts.
    _end: Arc<DropGuard>,
}

/// What this node has counted in the table before its calls came, and what it will count after them.
#[derive(Clone, Default)]
struct Counted {
    ahead: Arc<Mutex<Ahead>>,
    behind: Arc<Mutex<Behind>>,
}

/// What one caller counts or looks at, and when.
type Asked = (Vec<Tick>, Timestamp);

/// In the order of the keys, in which two nodes take their rows. Nobody waits for the disk: the table is not logged. Answers
/// those of `$5`, which somebody asks for.
const CHARGE: &str = "WITH counted AS (INSERT INTO rate_window AS w (key, until, used)
    SELECT key, until, used FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS c (key, until, used) ORDER BY key
  ON CONFLICT (key) DO UPDATE SET
    until = CASE WHEN w.until <= $4 THEN excluded.until ELSE w.until END,
    used = CASE WHEN w.until <= $4 THEN excluded.used ELSE w.used + excluded.used END
  RETURNING key, until, used)
SELECT key, until, used FROM counted WHERE key = ANY($5)";
const LOOK: &str = "SELECT key, until, used FROM rate_window WHERE key = ANY($1) AND until > $2";
const GIVE_BACK: &str = "UPDATE rate_window SET used = GREATEST(0, rate_window.used - held.times)
  FROM (SELECT w.key, c.times FROM rate_window w JOIN unnest($1::bigint[], $2::bigint[]) AS c (key, times) ON c.key = w.key
          WHERE w.until > $3 ORDER BY w.key FOR UPDATE OF w) AS held
  WHERE rate_window.key = held.key";
const SWEEP: &str = "DELETE FROM rate_window WHERE key IN
    (SELECT key FROM rate_window WHERE until <= $1 ORDER BY until LIMIT $2 FOR UPDATE SKIP LOCKED)";

impl Shared {
    pub(super) fn start(db: &DatabaseConnection, tasks: &TaskTracker) -> Self {
        let (to_charge, to_look) = (db.clone(), db.clone());
        let counted = Counted::default();
        let (for_charges, for_looks) = (counted.clone(), counted.clone());
        let charges = Together::start(tasks, move |asked| charge(to_charge.clone(), for_charges.clone(), asked));
        let looks = Together::start(tasks, move |asked| look(to_look.clone(), for_looks.clone(), asked));
        let end = CancellationToken::new();
        tasks.spawn(count_behind(counted.behind.clone(), charges.clone(), end.clone()));
        Self { charges, looks, counted, db: db.clone(), _end: Arc::new(end.drop_guard()) }
    }

    pub(super) async fn charge(&self, ticks: &[Tick], now: Timestamp) -> Result<Vec<Window>, StoreError> {
        let counted = locked(&self.counted.ahead).take(ticks.iter().map(|tick| (tick.key, tick.times)), now);
        match counted {
            Some(windows) => Ok(windows),
            None => self.charges.ask((ticks.to_vec(), now)).await,
        }
    }

    /// The same, but the first time that this node sees a window it is counted behind.
    pub(super) async fn charge_behind(&self, ticks: &[Tick], now: Timestamp) -> Result<Vec<Window>, StoreError> {
        let (mut windows, mut places, mut asked) = (Vec::with_capacity(ticks.len()), vec![], vec![]);
        for (place, tick) in ticks.iter().enumerate() {
            let known = self.known(tick, now);
            if known.is_none() {
                places.push(place);
                asked.push(*tick);
            }
            windows.push(known.unwrap_or_else(|| unused(tick, now)));
        }
        if !asked.is_empty() {
            let found = self.charges.ask((asked, now)).await?;
            places.into_iter().zip(found).for_each(|(place, window)| windows[place] = window);
        }
        Ok(windows)
    }

    /// The window after a charge that no statement has to decide about.
    fn known(&self, tick: &Tick, now: Timestamp) -> Option<Window> {
        if let Some(window) = locked(&self.counted.ahead).take_one(tick.key, tick.times, now) {
            return Some(window);
        }
        let window = Window { used: tick.times, ..unused(tick, now) };
        let later = Later { key: tick.key, times: tick.times, at: now, until: window.until };
        locked(&self.counted.behind).begin(later).then_some(window)
    }

    pub(super) async fn look(&self, ticks: &[Tick], now: Timestamp) -> Result<Vec<Window>, StoreError> {
        self.looks.ask((ticks.to_vec(), now)).await
    }

    /// See [`Behind::forget`].
    #[cfg(feature = "controls")]
    pub(super) fn forget(&self) {
        locked(&self.counted.behind).forget();
    }

    /// Forgets windows that have ended; how many.
    pub(super) async fn end(&self, limit: i64, now: Timestamp) -> Result<u64, StoreError> {
        locked(&self.counted.behind).sweep(now);
        let swept = self.db.execute_raw(statement(SWEEP, [now.millis().into(), limit.into()])).await?;
        Ok(swept.rows_affected())
    }

    pub(super) async fn give_back(&self, ticks: &[Tick], now: Timestamp) -> Result<(), StoreError> {
        let keys: Vec<_> = ticks.iter().map(|tick| tick.key).collect();
        let times: Vec<_> = ticks.iter().map(|tick| i64::from(tick.times)).collect();
        rows(&self.db, GIVE_BACK, [keys.into(), times.into(), now.millis().into()]).await.map(drop)
    }
}

/// Writes down now and then what was counted behind, where no other call does, and all of it at last.
async fn count_behind(behind: Arc<Mutex<Behind>>, charges: Together<Asked, Vec<Window>>, end: CancellationToken) {
    loop {
        let ended = end.run_until_cancelled(tokio::time::sleep(LINGER)).await.is_none();
        while locked(&behind).is_waiting() {
            if charges.ask((vec![], Timestamp::default())).await.is_err() {
                break; // it is given back, and tried again unless this is the end
            }
        }
        if ended {
            return;
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

/// Each caller is told the count that it made, as if they had come one after the other; those that were let through before their
/// count are the first.
async fn charge(db: DatabaseConnection, counted: Counted, asked: Vec<Asked>) -> Result<Vec<Vec<Window>>, StoreError> {
    let behind = locked(&counted.behind).take();
    let now = behind.iter().map(|later| later.at).max().unwrap_or_default().max(latest(&asked));
    let sums = sums(&asked, &behind, &locked(&counted.ahead), now);
    if sums.is_empty() {
        return Ok(asked.iter().map(|_| vec![]).collect());
    }
    let keys: Vec<_> = sums.keys().copied().collect();
    let (ends, added): (Vec<_>, Vec<_>) =
        sums.values().map(|sum| (sum.until, i64::from(sum.times) + i64::from(sum.ahead))).unzip();
    let wanted: Vec<_> = asked.iter().flat_map(|(ticks, _)| ticks).map(|tick| tick.key).collect();
    let values = [keys.into(), ends.into(), added.into(), now.millis().into(), wanted.into()];
    let found = rows(&db, CHARGE, values).await.inspect_err(|_| locked(&counted.behind).give_back(behind.clone()))?;
    let mut windows = BTreeMap::new();
    for (key, window) in found {
        let Sum { times, ahead: more, .. } = sums.get(&key).copied().unwrap_or_default();
        locked(&counted.ahead).note(key, window, more, now);
        // Back to what each window had before, and then up again, charge by charge.
        windows.insert(key, Window { used: window.used.saturating_sub(times.saturating_add(more)), ..window });
    }
    let mut count = |key, times| {
        let window: &mut Window = windows.get_mut(&key)?;
        window.used = window.used.saturating_add(times);
        Some(*window)
    };
    for later in behind {
        count(later.key, later.times);
    }
    let mut count_all = |ticks: &[Tick]| ticks.iter().map(|tick| count(tick.key, tick.times)).collect::<Option<_>>();
    let counts = asked.iter().map(|(ticks, _)| count_all(ticks));
    counts.collect::<Option<_>>().ok_or_else(|| broken("a charge was not counted"))
}

fn sums(asked: &[Asked], behind: &[Later], ahead: &Ahead, now: Timestamp) -> BTreeMap<i64, Sum> {
    let mut sums = BTreeMap::<i64, Sum>::new();
    for tick in asked.iter().flat_map(|(ticks, _)| ticks) {
        let sum = sums.entry(tick.key).or_insert_with(|| Sum {
            until: (now + tick.window).millis(),
            times: 0,
            ahead: tick.limit.map_or(0, |limit| ahead.more(tick.key, limit, now)),
        });
        sum.times = sum.times.saturating_add(tick.times);
    }
    for later in behind {
        let sum = sums.entry(later.key).or_insert(Sum { until: later.until.millis(), times: 0, ahead: 0 });
        sum.times = sum.times.saturating_add(later.times);
    }
    sums
}

/// What this node has counted ahead has not happened.
async fn look(db: DatabaseConnection, counted: Counted, asked: Vec<Asked>) -> Result<Vec<Vec<Window>>, StoreError> {
    let keys: Vec<_> = asked.iter().flat_map(|(ticks, _)| ticks).map(|tick| tick.key).collect();
    let rows = rows(&db, LOOK, [keys.into(), latest(&asked).millis().into()]).await?;
    let ahead = locked(&counted.ahead);
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

async fn rows(
    db: &DatabaseConnection,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<(i64, Window)>, StoreError> {
    let rows = db.query_all_raw(statement(sql, values)).await?;
    Ok(rows.iter().map(window).collect::<Result<_, _>>()?)
}

fn statement(sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

fn window(row: &QueryResult) -> Result<(i64, Window), DbErr> {
    let used: i64 = row.try_get("", "used")?;
    let until = Timestamp::from_millis(row.try_get("", "until")?);
    Ok((row.try_get("", "key")?, Window { used: used.try_into().unwrap_or(u32::MAX), until }))
}
