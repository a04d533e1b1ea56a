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
        let before = self.running();
        let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
        let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
        let server: i64 = row.ok_or(StoreError::Unavailable)?.try_get_by_index(0)?;
        let halfway = before.midpoint(self.running());
        self.offset.store(server - halfway, Ordering::Relaxed);
        Ok(())
    }
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
