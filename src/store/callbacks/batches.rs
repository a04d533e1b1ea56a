//! Requests to callbacks that wait.

use std::time::Duration;

use entity::callback_batch;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryResult, Statement};

use crate::{
    core::clock::Timestamp,
    store::{Store, StoreError},
};

/// A request to be made.
pub struct NewBatch {
    /// Snowflake; the receiver sees it.
    pub id: i64,
    /// Where it goes.
    pub callback: i64,
    /// The body, encrypted.
    pub body: Vec<u8>,
}

/// A request that this node has claimed.
pub struct DueBatch {
    /// Its id.
    pub id: i64,
    /// Where it goes.
    pub callback: i64,
    /// The body, encrypted.
    pub body: Vec<u8>,
    /// Attempts so far.
    pub attempt: i16,
    /// The token it was claimed with.
    pub claim: i64,
}

/// How much may be claimed.
#[derive(Clone, Copy, Debug)]
pub struct ClaimRules {
    /// In all.
    pub limit: usize,
    /// Requests to one address at once, over all nodes. One that has failed last time gets one.
    pub per_receiver: usize,
    /// How long they stay with this node.
    pub lease: Duration,
}

/// Every address has its first turn before any has its second; those of an address that is off wait.
const CLAIM: &str = "UPDATE callback_batch SET claim = $1, due_at = $2 WHERE id IN (
    SELECT id FROM callback_batch WHERE due_at <= $3 AND id IN (
      SELECT id FROM (
        SELECT b.id, b.due_at, c.failing_since,
               ROW_NUMBER() OVER (PARTITION BY b.callback_id ORDER BY b.due_at, b.id) AS turn,
               (SELECT COUNT(*) FROM callback_batch AS held
                WHERE held.callback_id = c.id AND held.claim <> 0 AND held.due_at > $3) AS busy
        FROM callback AS c {first} WHERE c.enabled) AS waiting
      WHERE turn + busy <= CASE WHEN failing_since IS NULL THEN $4 ELSE 1 END
      ORDER BY turn, due_at LIMIT $5){locked})
  RETURNING id, callback_id, body, attempt, claim";

/// An address's first ones that are due, found through the index however many wait: each database has its own way.
const FIRST_POSTGRES: &str = "CROSS JOIN LATERAL (
    SELECT id, callback_id, due_at FROM callback_batch
    WHERE callback_id = c.id AND due_at <= $3 ORDER BY due_at, id LIMIT $4) AS b";
const FIRST_SQLITE: &str = "JOIN callback_batch AS b ON b.id IN (
    SELECT id FROM callback_batch WHERE callback_id = c.id AND due_at <= $3 ORDER BY due_at, id LIMIT $4)";

impl Store {
    /// Claims requests that are due; until the lease ends nobody else gets them.
    pub async fn claim_batches(
        &self,
        claim: i64,
        rules: ClaimRules,
        now: Timestamp,
    ) -> Result<Vec<DueBatch>, StoreError> {
        let (first, locked) = match self.backend {
            DbBackend::Postgres => (FIRST_POSTGRES, " FOR UPDATE SKIP LOCKED"),
            _ => (FIRST_SQLITE, ""), // one writer: nothing to skip
        };
        let sql = CLAIM.replace("{first}", first).replace("{locked}", locked);
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let values = [
            claim.into(),
            (now + rules.lease).millis().into(),
            now.millis().into(),
            number(rules.per_receiver).into(),
            number(rules.limit).into(),
        ];
        let rows = self.write.query_all_raw(Statement::from_sql_and_values(self.backend, sql, values)).await?;
        Ok(rows.iter().map(due).collect::<Result<_, _>>()?)
    }

    /// Whether anything is due, without a lock.
    pub async fn batches_are_due(&self, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM callback AS c WHERE c.enabled
            AND EXISTS (SELECT 1 FROM callback_batch WHERE callback_id = c.id AND due_at <= $1) LIMIT 1";
        let statement = Statement::from_sql_and_values(self.backend, sql, [now.millis().into()]);
        Ok(self.read.query_one_raw(statement).await?.is_some())
    }

    /// Gives back what an earlier process of this node had claimed. Only for a node that is alone on its database.
    pub async fn release_batches(&self, now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE callback_batch SET claim = 0, due_at = $1 WHERE claim <> 0 AND due_at > $1";
        self.run(sql, [now.millis().into()]).await.map(drop)
    }

    /// Adds requests that may be made at once.
    pub async fn add_batches(&self, batches: Vec<NewBatch>, now: Timestamp) -> Result<(), StoreError> {
        insert(&self.write, batches, now).await
    }
}

pub(super) async fn insert(
    db: &impl ConnectionTrait,
    batches: Vec<NewBatch>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let row = |batch: NewBatch| callback_batch::ActiveModel {
        id: Set(batch.id),
        callback_id: Set(batch.callback),
        body: Set(batch.body),
        attempt: Set(0),
        claim: Set(0),
        due_at: Set(now.millis()),
    };
    if batches.is_empty() {
        return Ok(());
    }
    callback_batch::Entity::insert_many(batches.into_iter().map(row)).exec_without_returning(db).await?;
    Ok(())
}

fn due(row: &QueryResult) -> Result<DueBatch, DbErr> {
    Ok(DueBatch {
        id: row.try_get("", "id")?,
        callback: row.try_get("", "callback_id")?,
        body: row.try_get("", "body")?,
        attempt: row.try_get("", "attempt")?,
        claim: row.try_get("", "claim")?,
    })
}
