//! Who is told what becomes of a message, because its request named them.

use std::time::Duration;

use sea_orm::{ConnectionTrait, QueryResult, Statement};

use crate::{
    core::{clock::Timestamp, hook::Told, id::MessageId},
    store::{Store, StoreError},
};

/// One receiver of one message.
pub struct HookRow {
    /// The message.
    pub message: MessageId,
    /// What the service keeps of it, encrypted.
    pub body: Vec<u8>,
    /// Nothing is told from then on.
    pub until: Timestamp,
}

/// Something that a receiver is still to be told.
pub struct DueHook {
    /// The message.
    pub message: MessageId,
    /// What the service keeps of the receiver, encrypted.
    pub body: Vec<u8>,
    /// What happened.
    pub told: Told,
    /// When.
    pub at: Timestamp,
    /// Failed tries so far.
    pub attempt: i16,
    due_at: i64,
}

/// A failure is told when nobody else is to be asked.
const DUE: &str = "SELECT h.message_id, h.body, CAST(h.attempt AS bigint) AS attempt, h.due_at, e.kind, e.at
  FROM hook AS h JOIN event AS e ON e.message_id = h.message_id
  WHERE h.due_at <= $1 AND h.until > $1
    AND (e.kind = 'delivered' AND (h.told & 1) = 0
      OR e.kind IN ('sent_failed', 'target_invalid', 'delivered_failed') AND (h.told & 3) = 0
        AND NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.message_id = h.message_id)
      OR e.kind = 'verified' AND (h.told & 4) = 0)
  ORDER BY e.id LIMIT 100";

impl Store {
    /// Keeps a receiver for the message that counts for a session now; a message has one.
    pub async fn add_hook(&self, row: HookRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO hook (message_id, body, told, attempt, due_at, until) VALUES ($1, $2, 0, 0, 0, $3)
            ON CONFLICT (message_id) DO NOTHING";
        self.run(sql, [row.message.0.into(), row.body.into(), row.until.millis().into()]).await.map(drop)
    }

    /// The message that counts for a session; `None` when there is no such session.
    pub async fn message_of_session(&self, session: i64) -> Result<Option<MessageId>, StoreError> {
        let sql = "SELECT message_id FROM session WHERE id = $1";
        let row = self.read.query_one_raw(Statement::from_sql_and_values(self.backend, sql, [session.into()])).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.map(MessageId))
    }

    /// What is to be told, the oldest first, and no two things to one receiver.
    pub async fn due_hooks(&self, now: Timestamp) -> Result<Vec<DueHook>, StoreError> {
        let rows = Statement::from_sql_and_values(self.backend, DUE, [now.millis().into()]);
        let rows = self.read.query_all_raw(rows).await?;
        let mut due: Vec<DueHook> = vec![];
        for row in rows.iter().map(read) {
            let row = row?;
            if due.iter().all(|known| known.message != row.message) {
                due.push(row);
            }
        }
        Ok(due)
    }

    /// Takes one of them for `lease`; false when another node has it.
    pub async fn claim_hook(&self, hook: &DueHook, now: Timestamp, lease: Duration) -> Result<bool, StoreError> {
        let sql = "UPDATE hook SET due_at = $1 WHERE message_id = $2 AND due_at = $3";
        let values = [(now + lease).millis().into(), hook.message.0.into(), hook.due_at.into()];
        Ok(self.run(sql, values).await? == 1)
    }

    /// It was told, or never will be: the next thing may be.
    pub async fn end_hook(&self, hook: &DueHook) -> Result<(), StoreError> {
        let sql = "UPDATE hook SET told = told | $1, attempt = 0, due_at = 0 WHERE message_id = $2";
        self.run(sql, [hook.told.bit().into(), hook.message.0.into()]).await.map(drop)
    }

    /// It was not taken; it is told once more at `due_at`.
    pub async fn repeat_hook(&self, hook: &DueHook, due_at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE hook SET attempt = attempt + 1, due_at = $1 WHERE message_id = $2";
        self.run(sql, [due_at.millis().into(), hook.message.0.into()]).await.map(drop)
    }

    /// Forgets the receivers whose time is over; how many.
    pub(in crate::store) async fn end_hooks(&self, chunk: i64, now: Timestamp) -> Result<u64, StoreError> {
        let sql = "DELETE FROM hook WHERE message_id IN (SELECT message_id FROM hook WHERE until <= $1 ORDER BY until LIMIT $2)";
        self.run(sql, [now.millis().into(), chunk.into()]).await
    }
}

fn read(row: &QueryResult) -> Result<DueHook, StoreError> {
    let kind: String = row.try_get("", "kind")?;
    let attempt: i64 = row.try_get("", "attempt")?;
    Ok(DueHook {
        message: MessageId(row.try_get("", "message_id")?),
        body: row.try_get("", "body")?,
        told: match kind.as_str() {
            "delivered" => Told::Delivered,
            "verified" => Told::Verified,
            _ => Told::Failed,
        },
        at: Timestamp::from_millis(row.try_get("", "at")?),
        attempt: i16::try_from(attempt).unwrap_or(i16::MAX),
        due_at: row.try_get("", "due_at")?,
    })
}
