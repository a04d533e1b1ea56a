//! Send windows that end by themselves, and with them the codes that nobody sent back (spec 10, row 8).
//!
//! `verified_timeout` may be written by whoever notices first: this sweep, or the send that takes an expired window over.
//! Its id therefore follows from the message (the last one before the code's expiry), so that it is there once.

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use super::{Store, StoreError};
use crate::core::clock::Timestamp;

const TIMED_OUT: &str = "
INSERT INTO event (message_id, id, app_id, kind, channel, error_code, at, published)
  SELECT m.id, ((m.expires_at - 1288834974657) << 22) - 1, m.app_id, 'verified_timeout', m.channel, 0, $1,
         CASE WHEN m.app_id IN (SELECT app_id FROM callback WHERE steps) THEN 0 END
  FROM ended JOIN message AS m ON m.id = ended.message_id
  WHERE m.tag IS NOT NULL AND m.verified_at IS NULL ON CONFLICT (message_id, id) DO NOTHING";
const EXPIRED: &str = "FROM send_window WHERE until <= $1 ORDER BY until, slot LIMIT $2";

impl Store {
    /// Ends up to `limit` windows that have expired; how many.
    pub(super) async fn end_windows(&self, limit: i64, now: Timestamp) -> Result<u64, StoreError> {
        let values = || [Value::from(now.millis()), limit.into()];
        if self.backend == DbBackend::Postgres {
            let sql = format!(
                "WITH ended AS (DELETE FROM send_window WHERE slot IN (SELECT slot {EXPIRED} FOR UPDATE SKIP LOCKED)
                   RETURNING message_id), told AS ({TIMED_OUT}) SELECT COUNT(*) FROM ended"
            );
            let row = self.write.query_one_raw(Statement::from_sql_and_values(self.backend, sql, values())).await?;
            let ended: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
            return Ok(u64::try_from(ended).unwrap_or(0));
        }
        let change = self.change().await?;
        let tell = format!("WITH ended AS (SELECT message_id {EXPIRED}) {TIMED_OUT}");
        change.execute_raw(Statement::from_sql_and_values(self.backend, tell, values())).await?;
        let end = format!("DELETE FROM send_window WHERE slot IN (SELECT slot {EXPIRED})");
        let ended = change.execute_raw(Statement::from_sql_and_values(self.backend, end, values())).await?;
        change.commit().await?;
        Ok(ended.rows_affected())
    }
}
