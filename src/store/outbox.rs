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
    /// What happened to it before.
    pub past: Past,
}

/// What happened to a delivery before it was claimed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// How often it was claimed since it was last settled, this time included.
    pub claims: i16,
    /// Its message is verified, or a receipt says that it arrived: there is nothing left to do.
    pub over: bool,
    /// When a provider took an earlier hop, or told last what became of it.
    pub heard: Option<Timestamp>,
    /// A provider took an earlier hop, and may deliver it yet.
    pub underway: bool,
}

/// How much waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Deliveries not yet settled, or requests to callbacks.
    pub depth: u64,
    /// When the oldest of them was or is due.
    pub oldest_due: Option<Timestamp>,
}

impl Load {
    /// How long the oldest is overdue.
    #[must_use]
    pub fn overdue(&self, now: Timestamp) -> Duration {
        self.oldest_due.map_or(Duration::ZERO, |due| now.since(due))
    }
}

/// Applications take turns, so that none waits behind another's backlog: `app` walks over those that have anything,
/// `due` takes the first of each, `fair` one of each, then a second one of each, and so on. A bare parameter behind LIMIT
/// would have SQLite prepare the statement anew every time: its plan could depend on the value.
const CLAIM: &str = "
WITH RECURSIVE app(id) AS (
  SELECT MIN(app_id) FROM outbox
  UNION ALL SELECT (SELECT MIN(app_id) FROM outbox WHERE app_id > app.id) FROM app WHERE app.id IS NOT NULL),
due AS (:due),
fair AS (
  SELECT id FROM (SELECT id, due_at, ROW_NUMBER() OVER (PARTITION BY app_id ORDER BY due_at) AS turn FROM due) AS waiting
  ORDER BY turn, due_at LIMIT CAST($4 AS bigint))
UPDATE outbox SET claim = $1, due_at = $2, claims = claims + 1 WHERE id IN (SELECT id FROM fair)
  RETURNING id, message_id, app_id, body, hop, attempt, claim, expires_at, claims,
    CAST(done AS bigint) + (SELECT COUNT(*) FROM message AS m WHERE m.id = outbox.message_id AND m.verified_at IS NOT NULL)
      AS ended,
    (SELECT MAX(h.at) FROM hand_over AS h WHERE h.delivery = outbox.id) AS heard,
    (SELECT COUNT(*) FROM hand_over AS h WHERE h.delivery = outbox.id AND h.fate <> 1) AS underway";

const DUE: &str = "FROM outbox WHERE app_id = app.id AND due_at <= $3 ORDER BY due_at LIMIT CAST($4 AS bigint)";

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
            DbBackend::Postgres => format!(
                "SELECT first.* FROM app CROSS JOIN LATERAL (SELECT id, app_id, due_at {DUE} FOR UPDATE SKIP LOCKED) AS first"
            ),
            // One writer: nothing to skip.
            _ => format!(
                "SELECT o.id, o.app_id, o.due_at FROM app CROSS JOIN outbox AS o WHERE o.id IN (SELECT id {DUE})"
            ),
        };
        let sql = CLAIM.replace(":due", &sql);
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
        past: Past {
            claims: row.try_get("", "claims")?,
            over: row.try_get::<i64>("", "ended")? > 0,
            heard: row.try_get::<Option<i64>>("", "heard")?.map(Timestamp::from_millis),
            underway: row.try_get::<i64>("", "underway")? > 0,
        },
    })
}
