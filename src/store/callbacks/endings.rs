//! How requests to callbacks ended.

use entity::callback;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

use super::{DueBatch, health};
use crate::{
    core::{
        callback::{Ending, Health},
        clock::Timestamp,
    },
    store::{Store, StoreError},
};

const TAKEN: &str = "DELETE FROM callback_batch WHERE id = $1 AND claim = $2";
const AGAIN: &str =
    "UPDATE callback_batch SET claim = 0, attempt = attempt + 1, due_at = $3 WHERE id = $1 AND claim = $2";
const NOTED: &str = "UPDATE callback SET last_status = $2, delivered = delivered + $3, failed = failed + $4,
      failing_since = CASE WHEN $3 = 1 THEN NULL ELSE COALESCE(failing_since, $5) END
    WHERE id = $1 RETURNING *";

impl Store {
    /// Writes down how a claimed request ended, and how its address is doing since: the request is made again at
    /// `again`, or it is gone. A stale claim leaves the request as it is. The address's health, or `None` when it is gone.
    ///
    /// One transaction, as each waits for the disk; the address comes last, because its requests wait for each other there.
    pub async fn end_batch(
        &self,
        batch: &DueBatch,
        ending: Ending,
        again: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<Health>, StoreError> {
        let change = self.change().await?;
        let mut values: Vec<Value> = vec![batch.id.into(), batch.claim.into()];
        values.extend(again.map(|due_at| due_at.millis().into()));
        let sql = if again.is_some() { AGAIN } else { TAKEN };
        change.execute_raw(Statement::from_sql_and_values(self.backend, sql, values)).await?;
        let health = note(&change, batch.callback, ending, now).await?;
        change.commit().await?;
        Ok(health)
    }

    /// Drops a request that cannot be made. A stale claim changes nothing.
    pub async fn drop_batch(&self, batch: &DueBatch) -> Result<(), StoreError> {
        self.run(TAKEN, [batch.id.into(), batch.claim.into()]).await.map(drop)
    }

    /// Writes down how a probe of an address ended.
    pub async fn note_ending(&self, id: i64, ending: Ending, now: Timestamp) -> Result<(), StoreError> {
        note(&self.write, id, ending, now).await.map(drop)
    }
}

async fn note(
    db: &impl ConnectionTrait,
    id: i64,
    ending: Ending,
    now: Timestamp,
) -> Result<Option<Health>, StoreError> {
    let good = ending.is_success();
    let values = [
        id.into(),
        ending.status.map(u16::cast_signed).into(),
        i64::from(good).into(),
        i64::from(!good).into(),
        now.millis().into(),
    ];
    let row = db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), NOTED, values)).await?;
    let row = row.map(|row| callback::Model::from_query_result(&row, "")).transpose()?;
    Ok(row.as_ref().map(health))
}
