//! What is still to be told.

use entity::notice;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QueryResult, QuerySelect, Statement,
    sea_query::{LockBehavior, LockType},
};

use super::{NewBatch, batches};
use crate::{
    core::{
        clock::Timestamp,
        id::{MessageId, first_at},
        money::Usd,
    },
    store::{Store, StoreError},
};

/// A step of a message, with what of the message callbacks are told.
pub struct StepRow {
    /// The event.
    pub id: i64,
    /// Its message.
    pub message: MessageId,
    /// Owner.
    pub app: i64,
    /// Word of spec 5.5(a).
    pub kind: String,
    /// On which channel.
    pub channel: String,
    /// 50xx of spec 2.1, 0 for none.
    pub error_code: i16,
    /// Reason or reference.
    pub detail: Option<String>,
    /// What it cost.
    pub cost: Option<Usd>,
    /// When.
    pub at: Timestamp,
    /// It is a failure that is not the last word: another channel of its plan is to come, came, or has the message.
    pub intermediate: bool,
    /// Which of the message's recipients, from 0.
    pub place: i64,
    /// The recipients, encrypted; empty when they are forgotten.
    pub recipient: Vec<u8>,
    /// Name of the template.
    pub template_id: String,
    /// When the message was accepted.
    pub accepted_at: Timestamp,
    /// JSON object to echo.
    pub custom_args: Option<String>,
}

/// A notice as it is kept.
pub struct NoticeRow {
    /// Snowflake.
    pub id: i64,
    /// Whose.
    pub app: i64,
    /// What, encrypted.
    pub body: Vec<u8>,
    /// When.
    pub at: Timestamp,
}

/// A notice to keep.
pub struct NewNotice {
    /// All but what follows.
    pub row: NoticeRow,
    /// Keyed digest of what may be told twice and is to be kept once.
    pub once: Option<i64>,
}

/// What was found to be told. No other node gets it while this lives; dropped, it is found again.
pub struct Unpublished {
    /// Steps of messages, in order.
    pub steps: Vec<StepRow>,
    /// Everything else, in order.
    pub notices: Vec<NoticeRow>,
    /// Keeps other nodes from it. On SQLite there are none, and sends would wait for the only connection that writes until
    /// all of this is worded and sealed: there the change is begun when it is.
    held: Option<DatabaseTransaction>,
    store: Store,
}

/// A message's deliveries are numbered in the order of its recipients, and each has its `plan`. A failure is intermediate
/// while the delivery waits, and when another channel of it spoke later, or took it and has not failed: the last failure of
/// all is none. That is judged from what is kept of the events, so that a replay says what was said first.
const STEPS: &str =
    "SELECT e.id, e.message_id, e.app_id, e.kind, COALESCE(e.channel, m.channel) AS channel, e.error_code,
    e.detail, e.cost, e.at, m.recipient, m.template_id, m.created_at, m.custom_args,
    e.kind IN ('target_invalid', 'sent_failed', 'delivered_failed') AND (
      EXISTS (SELECT 1 FROM outbox WHERE id = e.delivery)
      OR EXISTS (SELECT 1 FROM event AS o WHERE o.message_id = e.message_id AND o.delivery = e.delivery
        AND o.channel IS DISTINCT FROM e.channel AND (o.id > e.id OR o.kind IN ('sent', 'delivered') AND NOT EXISTS (
          SELECT 1 FROM event AS f WHERE f.message_id = o.message_id AND f.delivery = o.delivery
            AND f.channel = o.channel AND f.kind = 'delivered_failed')))) AS intermediate,
    (SELECT COUNT(*) FROM event AS p WHERE p.message_id = e.message_id AND p.kind = 'plan'
       AND p.id < COALESCE(e.delivery, CASE WHEN e.kind = 'plan' THEN e.id ELSE 0 END)) AS place
  FROM event AS e JOIN message AS m ON m.id = e.message_id";

impl Store {
    /// Takes what is to be told, the oldest first; `None` when there is nothing. One caller at a time on each node.
    pub async fn unpublished(&self, limit: u64) -> Result<Option<Unpublished>, StoreError> {
        let look = "SELECT 1 WHERE EXISTS (SELECT 1 FROM event WHERE published = 0)
            OR EXISTS (SELECT 1 FROM notice WHERE published = 0)";
        if self.read.query_one_raw(Statement::from_string(self.backend, look)).await?.is_none() {
            return Ok(None); // without a lock, which SQLite has only one of
        }
        let held = if self.backend == DbBackend::Postgres { Some(self.change().await?) } else { None };
        let (steps, notices) = match &held {
            Some(change) => self.untold(change, limit).await?,
            None => self.untold(&self.read, limit).await?,
        };
        Ok(Some(Unpublished { steps, notices, held, store: self.clone() }))
    }

    async fn untold(
        &self,
        db: &impl ConnectionTrait,
        limit: u64,
    ) -> Result<(Vec<StepRow>, Vec<NoticeRow>), StoreError> {
        let sql = format!("{STEPS} WHERE e.published = 0 ORDER BY e.id LIMIT {limit}{}", self.locked());
        let rows = db.query_all_raw(Statement::from_string(self.backend, sql)).await?;
        let steps = rows.iter().map(step).collect::<Result<Vec<_>, _>>()?;
        let mut wanted = notice::Entity::find().filter(notice::Column::Published.eq(0));
        if self.backend == DbBackend::Postgres {
            wanted = wanted.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
        let notices = wanted.order_by_asc(notice::Column::Id).limit(limit).all(db).await?;
        Ok((steps, notices.into_iter().map(NoticeRow::from).collect()))
    }

    const fn locked(&self) -> &'static str {
        match self.backend {
            DbBackend::Postgres => " FOR UPDATE OF e SKIP LOCKED",
            _ => "",
        }
    }

    /// Keeps a notice that no change of ours caused; one that is known already is left as it is.
    pub async fn add_notice(&self, new: NewNotice) -> Result<(), StoreError> {
        insert(&self.write, new).await
    }

    /// Steps of an application's messages that happened in `[from, to)`, in the order of messages, after the event named
    /// by `(message, id)`. No message lives for more than a day.
    pub async fn steps_between(
        &self,
        app: i64,
        (from, to): (Timestamp, Timestamp),
        after: (i64, i64),
        limit: u64,
    ) -> Result<Vec<StepRow>, StoreError> {
        let day = 24 * 3600 * 1000;
        let sql = format!(
            "{STEPS} WHERE e.app_id = $1 AND e.at >= $2 AND e.at < $3 AND m.id >= $4 AND m.id < $5
               AND (e.message_id > $6 OR (e.message_id = $6 AND e.id > $7))
             ORDER BY e.message_id, e.id LIMIT {limit}"
        );
        let values = [
            app.into(),
            from.millis().into(),
            to.millis().into(),
            first_at(Timestamp::from_millis(from.millis() - day)).into(),
            first_at(to).into(),
            after.0.into(),
            after.1.into(),
        ];
        let rows = self.read.query_all_raw(Statement::from_sql_and_values(self.backend, sql, values)).await?;
        Ok(rows.iter().map(step).collect::<Result<_, _>>()?)
    }

    /// Notices of an application in `[from, to)`, after the one of that id.
    pub async fn notices_between(
        &self,
        app: i64,
        (from, to): (Timestamp, Timestamp),
        after: i64,
        limit: u64,
    ) -> Result<Vec<NoticeRow>, StoreError> {
        let rows = notice::Entity::find()
            .filter(notice::Column::AppId.eq(app))
            .filter(notice::Column::At.gte(from.millis()))
            .filter(notice::Column::At.lt(to.millis()))
            .filter(notice::Column::Id.gt(after))
            .order_by_asc(notice::Column::Id)
            .limit(limit)
            .all(&self.read)
            .await?;
        Ok(rows.into_iter().map(NoticeRow::from).collect())
    }
}

impl Unpublished {
    /// Marks it as told by these requests: both or neither.
    pub async fn publish(self, batches: Vec<NewBatch>, now: Timestamp) -> Result<(), StoreError> {
        let change = match self.held {
            Some(change) => change,
            None => self.store.change().await?,
        };
        let steps: Vec<_> = self.steps.iter().map(|step| step.id).collect();
        let notices: Vec<_> = self.notices.iter().map(|notice| notice.id).collect();
        for (table, ids) in [("event", steps), ("notice", notices)] {
            change.execute_raw(mark(self.store.backend, table, &ids)?).await?;
        }
        batches::insert(&change, batches, now).await?;
        Ok(change.commit().await?)
    }
}

/// A statement whose text does not depend on how many there are: it is read once, and the connection soon free again.
fn mark(backend: DbBackend, table: &str, ids: &[i64]) -> Result<Statement, StoreError> {
    let ids = serde_json::to_string(ids).map_err(|err| DbErr::Custom(err.to_string()))?;
    let list = match backend {
        DbBackend::Postgres => "SELECT value::bigint FROM jsonb_array_elements_text(CAST($1 AS jsonb)) AS t(value)",
        _ => "SELECT value FROM json_each($1)",
    };
    let sql = format!("UPDATE {table} SET published = 1 WHERE published = 0 AND id IN ({list})");
    Ok(Statement::from_sql_and_values(backend, sql, [ids.into()]))
}

pub(in crate::store) async fn insert(db: &impl ConnectionTrait, new: NewNotice) -> Result<(), StoreError> {
    let sql = "INSERT INTO notice (id, app_id, once, body, at, published) VALUES ($1, $2, $3, $4, $5, 0)
        ON CONFLICT (once) DO NOTHING";
    let NewNotice { row, once } = new;
    let values = [row.id.into(), row.app.into(), once.into(), row.body.into(), row.at.millis().into()];
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    Ok(())
}

fn step(row: &QueryResult) -> Result<StepRow, DbErr> {
    Ok(StepRow {
        id: row.try_get("", "id")?,
        message: MessageId(row.try_get("", "message_id")?),
        app: row.try_get("", "app_id")?,
        kind: row.try_get("", "kind")?,
        channel: row.try_get("", "channel")?,
        error_code: row.try_get("", "error_code")?,
        detail: row.try_get("", "detail")?,
        cost: row.try_get::<Option<i64>>("", "cost")?.map(Usd::from_micros),
        at: Timestamp::from_millis(row.try_get("", "at")?),
        intermediate: row.try_get("", "intermediate")?,
        place: row.try_get("", "place")?,
        recipient: row.try_get("", "recipient")?,
        template_id: row.try_get("", "template_id")?,
        accepted_at: Timestamp::from_millis(row.try_get("", "created_at")?),
        custom_args: row.try_get("", "custom_args")?,
    })
}

impl From<notice::Model> for NoticeRow {
    fn from(row: notice::Model) -> Self {
        Self { id: row.id, app: row.app_id, body: row.body, at: Timestamp::from_millis(row.at) }
    }
}
