//! How much callbacks still have to be told.

use sea_orm::{ConnectionTrait, Statement};

use crate::{
    core::clock::Timestamp,
    store::{Load, Store, StoreError},
};

/// Requests counted at most: those of a receiver that is away for days may be very many. Of what is overdue, the oldest of
/// each part is found through an index; requests to addresses that are off are not overdue.
const LOAD: &str = "SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM callback_batch LIMIT 100000) AS counted) AS depth,
    (SELECT MIN(first.due_at) FROM (
       SELECT (SELECT MIN(due_at) FROM callback_batch WHERE callback_id = c.id) AS due_at
       FROM callback AS c WHERE c.enabled) AS first) AS batch,
    (SELECT at FROM event WHERE published = 0 ORDER BY id LIMIT 1) AS event,
    (SELECT at FROM notice WHERE published = 0 ORDER BY id LIMIT 1) AS notice";

impl Store {
    /// Requests that wait, and when the oldest of them, or of what is not yet a request, was or is due.
    pub async fn callback_load(&self) -> Result<Load, StoreError> {
        let row = self.read.query_one_raw(Statement::from_string(self.backend, LOAD)).await?;
        let Some(row) = row else { return Ok(Load::default()) };
        let depth: i64 = row.try_get("", "depth")?;
        let oldest = ["batch", "event", "notice"].map(|part| row.try_get::<Option<i64>>("", part));
        let oldest = oldest.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().min();
        Ok(Load { depth: u64::try_from(depth).unwrap_or(0), oldest_due: oldest.map(Timestamp::from_millis) })
    }
}
