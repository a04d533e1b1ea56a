//! Worker numbers: two nodes never give out ids under the same one (security G2).

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use super::{Connection, Store, StoreError};
use crate::core::{clock::Timestamp, id::MAX_WORKER};

/// How long a number stays taken after its holder was last heard of.
pub const LEASE: Duration = Duration::from_secs(30);

/// A worker number, held until [`Lease::until`] unless renewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// 0 to 1023.
    pub worker: u16,
    /// Random token of the holder.
    pub holder: i64,
    /// No id at or before this time may be given out under this number.
    pub high_water: Timestamp,
    /// When it ends.
    pub until: Timestamp,
}

impl Store {
    /// Takes the lowest free number. A node that is `alone` on its database takes number 0 from its earlier process,
    /// whose file lock shows that it is gone.
    pub async fn lease(&self, holder: i64, alone: bool, now: Timestamp) -> Result<Lease, StoreError> {
        let until = now + LEASE;
        for worker in 0..=MAX_WORKER {
            let free_before = if alone { Timestamp::from_millis(i64::MAX) } else { now };
            let sql = "INSERT INTO worker (id, holder, lease_until, high_water) VALUES ($1, $2, $3, 0)
                ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until
                WHERE worker.lease_until <= $4 RETURNING high_water";
            let values = [i64::from(worker).into(), holder.into(), until.millis().into(), free_before.millis().into()];
            let row = self.write.query_one_raw(Statement::from_sql_and_values(self.backend, sql, values)).await?;
            if let Some(row) = row {
                let high_water = Timestamp::from_millis(row.try_get_by_index(0)?);
                return Ok(Lease { worker, holder, high_water, until });
            }
        }
        Err(StoreError::Unfit("all 1024 worker numbers are taken: stop a node, or wait 30 seconds".into()))
    }

    /// Keeps a number and writes down how far its ids have come. False when somebody else holds it by now.
    pub async fn renew(&self, lease: &Lease, high_water: Timestamp, until: Timestamp) -> Result<bool, StoreError> {
        hold(&self.write, self.backend, lease, high_water, until).await
    }
}

impl Connection {
    /// Gives a number back, when nothing is left that could draw an id under it.
    pub async fn give_back(&self, lease: &Lease, high_water: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        hold(&self.write, self.backend, lease, high_water, now).await.map(drop)
    }
}

async fn hold(
    db: &DatabaseConnection,
    backend: DbBackend,
    lease: &Lease,
    high_water: Timestamp,
    until: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "UPDATE worker SET lease_until = $3, high_water = $4 WHERE id = $1 AND holder = $2";
    let worker = i64::from(lease.worker);
    let values = [worker.into(), lease.holder.into(), until.millis().into(), high_water.millis().into()];
    let done = db.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(done.rows_affected() == 1)
}
