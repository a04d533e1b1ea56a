//! Send windows that end by themselves, and with them the codes that nobody sent back (spec 10, row 8).
//!
//! `verified_timeout` may be written by whoever notices first: this sweep, or the send that takes an expired window over.
//! Its id therefore follows from the message (the last one before the code's expiry), so that it is there once.
//!
//! Where sessions are looked up by their recipient (their slot is not the session itself), a window leads to the newest one, and
//! outlives its end by a day (86,400,000 ms), as long as a session can be asked about: it is `ended`, and anybody may take it. An index
//! of sessions would be one more page to write for each send, somewhere else each time; the row of the window is written anyway.

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use super::{Store, StoreError};
use crate::core::clock::Timestamp;

const DUE: &str = "SELECT slot, message_id, ended FROM send_window WHERE until <= $1 ORDER BY until, slot LIMIT $2";
const TIMED_OUT: &str = "
INSERT INTO event (message_id, id, app_id, kind, channel, error_code, at, published)
  SELECT m.id, ((m.expires_at - 1288834974657) << 22) - 1, m.app_id, 'verified_timeout', m.channel, 0, $1,
         CASE WHEN m.app_id IN (SELECT app_id FROM callback WHERE steps) THEN 0 END
  FROM due JOIN message AS m ON m.id = due.message_id
  WHERE NOT due.ended AND m.tag IS NOT NULL AND m.verified_at IS NULL ON CONFLICT (message_id, id) DO NOTHING";
/// What leads nowhere, or has for long enough, is marked with 0, and goes.
const END: &str = "
UPDATE send_window SET ended = TRUE, until = COALESCE((
    SELECT m.expires_at + 86400000 FROM message AS m
    WHERE m.id = send_window.message_id AND m.session_id <> m.slot AND m.expires_at + 86400000 > $1), 0)
  WHERE slot IN (SELECT slot FROM due)";
const GO: &str = "DELETE FROM send_window WHERE until = 0";

impl Store {
    /// Ends up to `limit` windows that have expired, and forgets those that have led to a session for long enough; how many.
    pub(super) async fn end_windows(&self, limit: i64, now: Timestamp) -> Result<u64, StoreError> {
        let change = self.change().await?;
        let statement = |sql: &str| {
            let values = [Value::from(now.millis()), limit.into()];
            Statement::from_sql_and_values(self.backend, format!("WITH due AS ({DUE}{sql}"), values)
        };
        let due = if self.backend == DbBackend::Postgres {
            // Another node's sweep or send may be at some of them.
            let sql =
                format!(" FOR UPDATE SKIP LOCKED), told AS ({TIMED_OUT}), ended AS ({END}) SELECT COUNT(*) FROM due");
            let row = change.query_one_raw(statement(&sql)).await?;
            let due: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
            u64::try_from(due).unwrap_or(0)
        } else {
            change.execute_raw(statement(&format!(") {TIMED_OUT}"))).await?;
            change.execute_raw(statement(&format!(") {END}"))).await?.rows_affected()
        };
        change.execute_unprepared(GO).await?;
        change.commit().await?;
        Ok(due)
    }
}
