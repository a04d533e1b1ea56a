//! Many sessions.

use sea_orm::{ConnectionTrait, Statement, Value};

use super::{
    COLUMNS, FROM, SessionRow,
    conditions::{Conditions, SessionFilter},
    read,
};
use crate::{
    core::clock::Timestamp,
    store::{Store, StoreError},
};

/// How a session stands, the delivery of its message included: what `service::Session::outlook` says, for many at once.
const OUTLOOK: &str = "CASE WHEN m.verified_at IS NOT NULL THEN 'verified'
    WHEN m.attempts >= m.max_attempts OR (SELECT e.kind FROM event AS e WHERE e.message_id = m.id
      AND e.kind IN ('sent', 'sent_failed', 'delivered', 'delivered_failed', 'target_invalid')
      ORDER BY e.id DESC LIMIT 1) IN ('sent_failed', 'delivered_failed', 'target_invalid') THEN 'failed'
    WHEN m.expires_at <= ? THEN 'expired' ELSE 'pending' END = ?";

impl Store {
    /// How many sessions there are whose recipients are not forgotten, and one page of them, the newest first. `outlook` is one of `verified`, `failed`,
    /// `expired` and `pending`.
    pub async fn sessions(
        &self,
        filter: &SessionFilter<'_>,
        outlook: Option<(&'static str, Timestamp)>,
        (limit, offset): (u64, u64),
    ) -> Result<(u64, Vec<SessionRow>), StoreError> {
        let mut conditions = Conditions::of(filter);
        conditions.and("LENGTH(m.recipient) > 0", []);
        if let Some((word, now)) = outlook {
            conditions.and(OUTLOOK, [now.millis().into(), word.into()]);
        }
        let wanted = conditions.text();
        let total = self
            .count(
                &format!("session AS s JOIN message AS m ON m.id = s.message_id WHERE {wanted}"),
                conditions.values(),
            )
            .await?;
        let sql = format!("{COLUMNS} {FROM} WHERE {wanted} ORDER BY s.id DESC LIMIT {limit} OFFSET {offset}");
        let rows = Statement::from_sql_and_values(self.backend, sql, conditions.values());
        let rows = self.read.query_all_raw(rows).await?;
        Ok((total, rows.iter().map(read).collect::<Result<_, _>>()?))
    }

    /// The rows of a `FROM` with its `WHERE`.
    pub(super) async fn count(&self, from: &str, values: Vec<Value>) -> Result<u64, StoreError> {
        let sql = format!("SELECT COUNT(*) FROM {from}");
        let row = self.read.query_one_raw(Statement::from_sql_and_values(self.backend, sql, values)).await?;
        let count = row.map_or(Ok(0), |row| row.try_get_by_index::<i64>(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}
