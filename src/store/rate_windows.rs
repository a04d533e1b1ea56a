//! How often something happened: in memory on SQLite, whose server is alone, and in a table on PostgreSQL, where nodes count
//! together. What is decided is decided by one statement there, and under one lock here.

use std::{
    sync::{MutexGuard, PoisonError},
    time::Duration,
};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};

use super::{Store, StoreError};
use crate::core::{
    clock::Timestamp,
    rate::{Window, Windows},
};

/// One more in a window.
#[derive(Clone, Copy, Debug)]
pub struct Tick {
    /// Keyed digest of what is counted and for whom.
    pub key: i64,
    /// How long a window is that begins with it.
    pub window: Duration,
}

/// In the order of the keys, in which two nodes take their rows. Nobody waits for the disk: the table is not logged.
const CHARGE: &str = "INSERT INTO rate_window AS w (key, until, used)
    SELECT key, until, 1 FROM unnest($1::bigint[], $2::bigint[]) AS c (key, until) ORDER BY key
  ON CONFLICT (key) DO UPDATE SET
    until = CASE WHEN w.until <= $3 THEN excluded.until ELSE w.until END,
    used = CASE WHEN w.until <= $3 THEN 1 ELSE w.used + 1 END
  RETURNING key, until, used";
const LOOK: &str = "SELECT key, until, used FROM rate_window WHERE key = ANY($1) AND until > $2";
const SWEEP: &str = "DELETE FROM rate_window WHERE key IN
    (SELECT key FROM rate_window WHERE until <= $1 ORDER BY until LIMIT $2 FOR UPDATE SKIP LOCKED)";

impl Store {
    /// Counts one more of each, and says how often that makes. No key may be there twice.
    pub async fn charge(&self, ticks: &[Tick], now: Timestamp) -> Result<Vec<Window>, StoreError> {
        if self.backend != DbBackend::Postgres {
            let mut windows = self.windows();
            let charged = ticks.iter().map(|tick| windows.charge(tick.key, tick.window, now));
            return charged.collect::<Option<_>>().ok_or(StoreError::Overloaded);
        }
        let ends = ticks.iter().map(|tick| (now + tick.window).millis()).collect::<Vec<_>>();
        let rows = self.rate_rows(CHARGE, [keys(ticks), ends.into(), now.millis().into()]).await?;
        let charged = ticks.iter().map(|tick| row_of(&rows, tick.key));
        charged.collect::<Option<_>>().ok_or_else(|| broken("a charge was not counted"))
    }

    /// How often each happened, without counting.
    pub async fn charged(&self, ticks: &[Tick], now: Timestamp) -> Result<Vec<Window>, StoreError> {
        let none = |tick: &Tick| Window { used: 0, until: now + tick.window };
        if self.backend != DbBackend::Postgres {
            let windows = self.windows();
            return Ok(ticks.iter().map(|tick| windows.get(tick.key, now).unwrap_or_else(|| none(tick))).collect());
        }
        let rows = self.rate_rows(LOOK, [keys(ticks), now.millis().into()]).await?;
        Ok(ticks.iter().map(|tick| row_of(&rows, tick.key).unwrap_or_else(|| none(tick))).collect())
    }

    /// Counts by reading and then writing: the negative control of the race tests.
    #[cfg(feature = "controls")]
    pub async fn read_then_charge(&self, tick: Tick, now: Timestamp) -> Result<Window, StoreError> {
        let read = self.charged(&[tick], now).await?;
        tokio::task::yield_now().await;
        let window = read.first().map(|window| Window { used: window.used + 1, ..*window });
        let window = window.ok_or_else(|| broken("nothing was read"))?;
        if self.backend != DbBackend::Postgres {
            self.windows().put(tick.key, window, now);
            return Ok(window);
        }
        let sql = "INSERT INTO rate_window (key, until, used) VALUES ($1, $2, $3)
            ON CONFLICT (key) DO UPDATE SET until = excluded.until, used = excluded.used";
        self.run(sql, [tick.key.into(), window.until.millis().into(), i64::from(window.used).into()]).await?;
        Ok(window)
    }

    /// Forgets windows that have ended; how many.
    pub(super) async fn end_rate_windows(&self, limit: i64, now: Timestamp) -> Result<u64, StoreError> {
        if self.backend == DbBackend::Postgres {
            return self.run(SWEEP, [now.millis().into(), limit.into()]).await;
        }
        Ok(self.windows().sweep(now).try_into().unwrap_or(u64::MAX))
    }

    async fn rate_rows(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<(i64, Window)>, StoreError> {
        let rows = self.write.query_all_raw(Statement::from_sql_and_values(self.backend, sql, values)).await?;
        Ok(rows.iter().map(window).collect::<Result<_, _>>()?)
    }

    fn windows(&self) -> MutexGuard<'_, Windows> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn keys(ticks: &[Tick]) -> Value {
    ticks.iter().map(|tick| tick.key).collect::<Vec<_>>().into()
}

fn window(row: &QueryResult) -> Result<(i64, Window), DbErr> {
    let used: i64 = row.try_get("", "used")?;
    let until = Timestamp::from_millis(row.try_get("", "until")?);
    Ok((row.try_get("", "key")?, Window { used: used.try_into().unwrap_or(u32::MAX), until }))
}

fn row_of(rows: &[(i64, Window)], key: i64) -> Option<Window> {
    rows.iter().find(|(of, _)| *of == key).map(|(_, window)| *window)
}

fn broken(reason: &str) -> StoreError {
    StoreError::Broken { table: "rate_window", reason: reason.to_owned() }
}
