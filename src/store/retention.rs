//! What is forgotten, and when (security I2). Ids are in time order, so everything goes by ranges of the primary key.

use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement, Value};

use super::{Store, StoreError};
use crate::core::{clock::Timestamp, id::first_at};

/// A tag is kept this long after the message was made; no code lives longer than a small part of it.
const TAGS: Duration = Duration::from_hours(25);
const RECIPIENTS: Duration = Duration::from_hours(72);
/// Networks report for three days at most; later receipts are about nothing we know.
const HAND_OVERS: Duration = Duration::from_hours(96);
const MESSAGES: Duration = Duration::from_hours(720);
/// Longer than the schedule of a callback's retries, every pause at its longest.
const BATCHES: Duration = Duration::from_hours(576);
/// Rows in one statement, so that no sweep holds up the writer for more than a few milliseconds.
const CHUNK: i64 = 1000;

impl Store {
    /// Forgets one chunk of everything that is due; the number of rows it touched. Zero means that nothing is left.
    pub async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut touched = self.end_windows(CHUNK, now).await?;
        touched += self.end_rate_windows(CHUNK, now).await?;
        touched += self.end_hooks(CHUNK, now).await?;
        touched += self.drop_old("notice", RECIPIENTS, now).await?;
        touched += self.drop_old("callback_batch", BATCHES, now).await?;
        touched += self.forget("tags", "UPDATE message SET tag = NULL", now, TAGS).await?;
        touched += self.forget("recipients", "UPDATE message SET recipient = ''", now, RECIPIENTS).await?;
        touched += self.sweep_ledgers(CHUNK, now).await?;
        touched += self.forget("hand-overs", "DELETE FROM hand_over", now, HAND_OVERS).await?;
        touched += self.forget("events", "DELETE FROM event", now, MESSAGES).await?;
        touched += self.forget("sessions", "DELETE FROM session", now, MESSAGES).await?;
        touched += self.forget("messages", "DELETE FROM message", now, MESSAGES).await?;
        Ok(touched)
    }

    /// Drops rows whose id is older than `age`, whatever became of them.
    async fn drop_old(&self, table: &str, age: Duration, now: Timestamp) -> Result<u64, StoreError> {
        let sql =
            format!("DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE id < $1 ORDER BY id LIMIT $2)");
        self.run(&sql, [oldest(age, now).into(), CHUNK.into()]).await
    }

    /// Applies `change` to the messages that are older than `age` and that it was not applied to yet.
    async fn forget(&self, what: &str, change: &str, now: Timestamp, age: Duration) -> Result<u64, StoreError> {
        let column = match what {
            "events" => "message_id",
            "hand-overs" => "delivery", // its id is of the time of its message's
            _ => "id",
        };
        let done = self.watermark(what).await?;
        let end = oldest(age, now);
        let next =
            "SELECT MAX(id) FROM (SELECT id FROM message WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3) AS chunk";
        let values = [done.into(), end.into(), CHUNK.into()];
        let row = self.write.query_one_raw(Statement::from_sql_and_values(self.backend, next, values)).await?;
        let Some(upto) = row.map(|row| row.try_get_by_index::<Option<i64>>(0)).transpose()?.flatten() else {
            return Ok(0);
        };
        let touched =
            self.run(&format!("{change} WHERE {column} > $1 AND {column} <= $2"), [done.into(), upto.into()]).await?;
        self.set_watermark(what, upto).await?;
        Ok(touched)
    }

    pub(super) async fn watermark(&self, what: &str) -> Result<i64, StoreError> {
        let sql = "SELECT value FROM setting WHERE name = $1";
        let values = [format!("forgotten {what}").into()];
        let row = self.read.query_one_raw(Statement::from_sql_and_values(self.backend, sql, values)).await?;
        Ok(row.map_or(Ok(0), |row| row.try_get_by_index(0))?)
    }

    pub(super) async fn set_watermark(&self, what: &str, upto: i64) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.run(sql, [format!("forgotten {what}").into(), upto.into()]).await.map(drop)
    }

    pub(super) async fn run(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, StoreError> {
        let done = self.write.execute_raw(Statement::from_sql_and_values(self.backend, sql, values)).await?;
        Ok(done.rows_affected())
    }
}

/// The first id that is not older than `age`.
pub(super) fn oldest(age: Duration, now: Timestamp) -> i64 {
    first_at(Timestamp::from_millis(now.millis().saturating_sub(i64::try_from(age.as_millis()).unwrap_or(0))))
}
