//! Deliveries that wait.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};

use super::{Store, StoreError};
use crate::core::{clock::Timestamp, id::MessageId};

/// A delivery that this node has claimed.
pub struct Due {
    /// Its id.
    pub id: i64,
    /// Its message.
    pub message: MessageId,
    /// Owner.
    pub app: i64,
    /// The delivery plan, encrypted.
    pub body: Vec<u8>,
    /// Which hop of the plan is next.
    pub hop: i16,
    /// Tries of this hop so far.
    pub attempt: i16,
    /// The token it was claimed with.
    pub claim: i64,
    /// Nothing is handed over later.
    pub expires_at: Timestamp,
}

/// How much waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Deliveries not yet settled.
    pub depth: u64,
    /// When the oldest of them was or is due.
    pub oldest_due: Option<Timestamp>,
}

const CLAIM: &str = "UPDATE outbox SET claim = $1, due_at = $2
    WHERE id IN (SELECT id FROM outbox WHERE due_at <= $3 ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED)
    RETURNING id, message_id, app_id, body, hop, attempt, claim, expires_at";

impl Store {
    /// Claims up to `limit` deliveries that are due; until the lease ends nobody else gets them.
    pub async fn claim_due(
        &self,
        claim: i64,
        lease: Duration,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Due>, StoreError> {
        let sql = match self.backend {
            DbBackend::Postgres => CLAIM.to_owned(),
            _ => CLAIM.replace(" FOR UPDATE SKIP LOCKED", ""), // one writer: nothing to skip
        };
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = [claim.into(), (now + lease).millis().into(), now.millis().into(), limit.into()];
        let rows = self.write.query_all_raw(Statement::from_sql_and_values(self.backend, sql, values)).await?;
        Ok(rows.iter().map(due).collect::<Result<_, _>>()?)
    }

    /// Gives back what an earlier process of this node had claimed. Only for a node that is alone on its database.
    pub async fn release_claims(&self, now: Timestamp) -> Result<u64, StoreError> {
        let sql = "UPDATE outbox SET claim = 0, due_at = $1 WHERE due_at > $1 AND claim <> 0";
        let done =
            self.write.execute_raw(Statement::from_sql_and_values(self.backend, sql, [now.millis().into()])).await?;
        Ok(done.rows_affected())
    }

    /// How much waits, over all applications.
    pub async fn outbox_load(&self) -> Result<Load, StoreError> {
        let sql = "SELECT COUNT(*) AS depth, MIN(due_at) AS oldest FROM outbox";
        let row = self.read.query_one_raw(Statement::from_string(self.backend, sql)).await?;
        let Some(row) = row else { return Ok(Load::default()) };
        let depth: i64 = row.try_get("", "depth")?;
        let oldest: Option<i64> = row.try_get("", "oldest")?;
        Ok(Load { depth: u64::try_from(depth).unwrap_or(0), oldest_due: oldest.map(Timestamp::from_millis) })
    }
}

fn due(row: &QueryResult) -> Result<Due, DbErr> {
    Ok(Due {
        id: row.try_get("", "id")?,
        message: MessageId(row.try_get("", "message_id")?),
        app: row.try_get("", "app_id")?,
        body: row.try_get("", "body")?,
        hop: row.try_get("", "hop")?,
        attempt: row.try_get("", "attempt")?,
        claim: row.try_get("", "claim")?,
        expires_at: Timestamp::from_millis(row.try_get("", "expires_at")?),
    })
}
