//! The database server's time on every node, so that nodes whose own clocks differ agree on what has expired (security A8).

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Connection, StoreError};
use crate::core::clock::{Clock, SystemClock, Timestamp};

const REFRESH: Duration = Duration::from_secs(10);
/// A reading is wrong by up to half of the time that it took. One that took so long is good enough, in milliseconds;
const QUICK: i64 = 20;
/// and one that took longer than this says nothing: most likely the process stood still in the meantime.
const USELESS: i64 = 500;
/// Readings of which the quickest counts.
const READINGS: usize = 5;

/// The server's time at the last look, carried on by this machine's monotonic clock.
struct DatabaseClock {
    started: Instant,
    /// Server time minus time since `started`, in milliseconds.
    offset: AtomicI64,
    latest: AtomicI64,
}

impl Clock for DatabaseClock {
    fn now(&self) -> Timestamp {
        let now = self.offset.load(Ordering::Relaxed) + self.running();
        let before = self.latest.fetch_max(now, Ordering::Relaxed);
        Timestamp::from_millis(now.max(before))
    }
}

impl DatabaseClock {
    fn running(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    async fn look(&self, db: &DatabaseConnection) -> Result<(), StoreError> {
        let (mut quickest, mut offset) = (USELESS, None);
        for _ in 0..READINGS {
            let before = self.running();
            let server = tell(db).await?;
            let after = self.running();
            if after - before < quickest {
                (quickest, offset) = (after - before, Some(server - before.midpoint(after)));
            }
            if quickest <= QUICK {
                break;
            }
        }
        self.offset.store(offset.ok_or(StoreError::Unavailable)?, Ordering::Relaxed);
        Ok(())
    }
}

/// The server's time, in milliseconds since 1970.
async fn tell(db: &DatabaseConnection) -> Result<i64, StoreError> {
    let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    Ok(row.ok_or(StoreError::Unavailable)?.try_get_by_index(0)?)
}

impl Connection {
    /// The clock that all nodes on this database share.
    pub async fn clock(&self, tasks: &TaskTracker, stop: CancellationToken) -> Result<Arc<dyn Clock>, StoreError> {
        if self.backend != DbBackend::Postgres {
            return Ok(Arc::new(SystemClock::default()));
        }
        let clock = DatabaseClock { started: Instant::now(), offset: AtomicI64::new(0), latest: AtomicI64::new(0) };
        clock.look(&self.read).await?;
        let clock = Arc::new(clock);
        let (watched, db) = (clock.clone(), self.read.clone());
        tasks.spawn(async move {
            while stop.run_until_cancelled(tokio::time::sleep(REFRESH)).await.is_some() {
                if let Err(err) = watched.look(&db).await {
                    tracing::warn!(%err, "the database did not tell the time; the last reading is carried on");
                }
            }
        });
        Ok(clock)
    }
}
