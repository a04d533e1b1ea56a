//! What providers tell of the messages that they took: states that only move forward, and the plans that they end.

use std::{collections::HashMap, time::Duration};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement};
use serde::Serialize;

use super::{Store, StoreError};
use crate::core::{clock::Timestamp, fate::Fate};

/// A receipt to apply.
#[derive(Clone, Debug)]
pub struct Told {
    /// Keyed digest of the provider's name and its reference.
    pub key: i64,
    /// Name of the provider.
    pub provider: String,
    /// What became of the message; never [`Fate::Taken`].
    pub fate: Fate,
    /// 50xx of spec 2.1, 0 for none.
    pub error_code: i16,
    /// The provider's reason, free of recipient and text.
    pub detail: Option<String>,
    /// When it came first.
    pub at: Timestamp,
    /// Id of the event it makes, if it makes one.
    pub event: i64,
}

/// What a receipt did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reception {
    /// It was news.
    Applied,
    /// What it says is known, or older than what is known.
    Repeated,
    /// Its hand-over is not known yet; it is kept and looked at again.
    Early,
    /// Its hand-over did not become known within an hour.
    Dropped,
}

/// How long a receipt waits for our own note of the hand-over.
const EARLY: Duration = Duration::from_hours(1);
/// Before the first look for it; then as long again as it has waited.
const FIRST_LOOK: Duration = Duration::from_secs(1);

/// A row of the statements below; what a statement does not need is empty.
#[derive(Serialize)]
struct Row<'a> {
    key: i64,
    delivery: i64,
    message_id: i64,
    app_id: i64,
    hop: i16,
    fate: i16,
    error_code: i16,
    event: i64,
    at: i64,
    due_at: i64,
    channel: &'a str,
    provider: &'a str,
    detail: Option<&'a str>,
}

const COLUMNS: [(&str, &str); 13] = [
    ("key", "bigint"),
    ("delivery", "bigint"),
    ("message_id", "bigint"),
    ("app_id", "bigint"),
    ("hop", "smallint"),
    ("fate", "smallint"),
    ("error_code", "smallint"),
    ("event", "bigint"),
    ("at", "bigint"),
    ("due_at", "bigint"),
    ("channel", "text"),
    ("provider", "text"),
    ("detail", "text"),
];

/// `:rows` are the rows `r`, `$2` is the time. Locked in one order, so that two nodes do not wait for each other.
const KNOWN: &str = "SELECT key, delivery, message_id, app_id, hop, fate, channel FROM hand_over
    WHERE key IN (SELECT r.key FROM :rows) ORDER BY key";
const NOT_EARLY: &str =
    "DELETE FROM early_receipt WHERE key IN (SELECT r.key FROM :rows WHERE r.fate >= early_receipt.fate)";
/// In this order: the state, its event, the plan's end or its next hop, and the send window of a message that nobody
/// has any more, which is left behind where it leads to a session (`store/windows.rs`). A row that somebody has claimed is left to
/// them: they find it `done` when they settle.
const APPLY: [&str; 7] = [
    "UPDATE hand_over SET fate = r.fate, at = $2 FROM :rows WHERE hand_over.key = r.key",
    "INSERT INTO event (message_id, id, app_id, kind, channel, provider, error_code, detail, at, delivery,
        published)
        SELECT r.message_id, r.event, r.app_id, CASE r.fate WHEN 2 THEN 'delivered' ELSE 'delivered_failed' END,
               r.channel, r.provider, r.error_code, r.detail, $2, r.delivery,
               CASE WHEN r.app_id IN (SELECT app_id FROM callback WHERE steps) THEN 0 END FROM :rows",
    "UPDATE outbox SET done = 1, body = '', due_at = CASE WHEN outbox.claim = 0 THEN $2 ELSE outbox.due_at END
        FROM :rows WHERE outbox.id = r.delivery AND r.fate = 2",
    "DELETE FROM outbox WHERE done = 1 AND claim = 0 AND id IN (SELECT r.delivery FROM :rows)",
    "UPDATE outbox SET due_at = $2 FROM :rows WHERE outbox.id = r.delivery AND r.fate = 1 AND outbox.hop = r.hop + 1
        AND outbox.attempt = 0 AND outbox.claim = 0 AND outbox.due_at > $2",
    "UPDATE send_window SET ended = TRUE WHERE slot IN (
        SELECT w.slot FROM :rows JOIN message AS m ON m.id = r.message_id
        JOIN send_window AS w ON w.slot = m.slot AND w.message_id = m.id AND NOT w.ended
        WHERE m.session_id <> m.slot AND r.fate = 1 AND NOT EXISTS (SELECT 1 FROM outbox WHERE id = r.delivery)
          AND NOT EXISTS (SELECT 1 FROM hand_over AS h WHERE h.delivery = r.delivery AND h.fate <> 1))",
    "DELETE FROM send_window WHERE slot IN (
        SELECT w.slot FROM :rows JOIN message AS m ON m.id = r.message_id
        JOIN send_window AS w ON w.slot = m.slot AND w.message_id = m.id AND NOT w.ended
        WHERE r.fate = 1 AND NOT EXISTS (SELECT 1 FROM outbox WHERE id = r.delivery)
          AND NOT EXISTS (SELECT 1 FROM hand_over AS h WHERE h.delivery = r.delivery AND h.fate <> 1))",
];
const KEEP: &str = "INSERT INTO early_receipt (key, provider, fate, error_code, detail, at, due_at)
    SELECT r.key, r.provider, r.fate, r.error_code, r.detail, r.at, r.due_at FROM :rows WHERE true
    ON CONFLICT (key) DO UPDATE SET fate = excluded.fate, error_code = excluded.error_code, detail = excluded.detail,
      due_at = excluded.due_at WHERE excluded.fate >= early_receipt.fate";

impl Store {
    /// Applies receipts in one transaction; what each of them did, in their order.
    pub async fn apply_receipts(&self, told: &[Told], now: Timestamp) -> Result<Vec<Reception>, StoreError> {
        let change = self.change().await?;
        let best = best(told);
        let asked: Vec<_> = best.values().map(|place| row(&told[*place], None, now)).collect();
        let known = self.known(&change, &asked, now).await?;
        let reception = |(place, told): (usize, &Told)| match known.get(&told.key) {
            _ if best.get(&told.key) != Some(&place) => Reception::Repeated,
            Some(known) if known.fate < told.fate => Reception::Applied,
            Some(_) => Reception::Repeated,
            None if now.since(told.at) >= EARLY => Reception::Dropped,
            None => Reception::Early,
        };
        let receptions: Vec<_> = told.iter().enumerate().map(reception).collect();
        let rows = |wanted: &[Reception]| -> Vec<Row<'_>> {
            let those = told.iter().zip(&receptions).filter(|(_, reception)| wanted.contains(reception));
            those.map(|(told, _)| row(told, known.get(&told.key), now)).collect()
        };
        for statement in APPLY {
            self.run_over(&change, statement, &rows(&[Reception::Applied]), now).await?;
        }
        self.run_over(&change, KEEP, &rows(&[Reception::Early]), now).await?;
        let over = [Reception::Applied, Reception::Dropped, Reception::Repeated];
        let over: Vec<_> = rows(&over).into_iter().filter(|row| row.delivery != 0 || row.due_at == 0).collect();
        self.run_over(&change, NOT_EARLY, &over, now).await?;
        change.commit().await?;
        Ok(receptions)
    }

    /// Receipts whose hand-over was not known when they came, and that are to be looked at again.
    pub async fn early_receipts(&self, limit: u64, now: Timestamp) -> Result<Vec<Told>, StoreError> {
        let sql = "SELECT key, provider, fate, error_code, detail, at FROM early_receipt WHERE due_at <= $1
            ORDER BY due_at LIMIT CAST($2 AS bigint)";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = [now.millis().into(), limit.into()];
        let rows = self.read.query_all_raw(Statement::from_sql_and_values(self.backend, sql, values)).await?;
        Ok(rows.iter().map(early).collect::<Result<_, _>>()?)
    }

    async fn known(
        &self,
        change: &DatabaseTransaction,
        rows: &[Row<'_>],
        now: Timestamp,
    ) -> Result<HashMap<i64, Known>, StoreError> {
        let lock = if self.backend == DbBackend::Postgres { " FOR UPDATE" } else { "" };
        let statement = self.over(&format!("{KNOWN}{lock}"), rows, now)?;
        let found = change.query_all_raw(statement).await?;
        Ok(found.iter().map(known).collect::<Result<_, _>>()?)
    }

    async fn run_over(
        &self,
        change: &DatabaseTransaction,
        sql: &str,
        rows: &[Row<'_>],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if !rows.is_empty() {
            change.execute_raw(self.over(sql, rows, now)?).await?;
        }
        Ok(())
    }

    /// A statement over rows, which travel as JSON: its text does not depend on how many there are.
    fn over(&self, sql: &str, rows: &[Row<'_>], now: Timestamp) -> Result<Statement, StoreError> {
        let table = if self.backend == DbBackend::Postgres {
            let columns = COLUMNS.map(|(name, kind)| format!("{name} {kind}")).join(", ");
            format!("jsonb_to_recordset(CAST($1 AS jsonb)) AS r({columns})")
        } else {
            let columns = COLUMNS.map(|(name, _)| format!("value->>'{name}' AS {name}")).join(", ");
            format!("(SELECT {columns} FROM json_each($1)) AS r")
        };
        let rows = serde_json::to_string(rows).map_err(|err| DbErr::Custom(err.to_string()))?;
        let sql = sql.replace(":rows", &table);
        // PostgreSQL wants every parameter used: one that is not has no type.
        let values = if sql.contains("$2") { vec![rows.into(), now.millis().into()] } else { vec![rows.into()] };
        Ok(Statement::from_sql_and_values(self.backend, sql, values))
    }
}

/// For each key the place of the receipt that says most; the others of a batch are as good as repeated.
fn best(told: &[Told]) -> HashMap<i64, usize> {
    let mut best: HashMap<i64, usize> = HashMap::new();
    for (place, receipt) in told.iter().enumerate() {
        let first = best.entry(receipt.key).or_insert(place);
        if told[*first].fate < receipt.fate {
            *first = place;
        }
    }
    best
}

/// A hand-over as it is kept.
struct Known {
    delivery: i64,
    message: i64,
    app: i64,
    hop: i16,
    channel: String,
    fate: Fate,
}

fn known(row: &QueryResult) -> Result<(i64, Known), DbErr> {
    let known = Known {
        delivery: row.try_get("", "delivery")?,
        message: row.try_get("", "message_id")?,
        app: row.try_get("", "app_id")?,
        hop: row.try_get("", "hop")?,
        channel: row.try_get("", "channel")?,
        fate: Fate::from_number(row.try_get("", "fate")?),
    };
    Ok((row.try_get("", "key")?, known))
}

fn early(row: &QueryResult) -> Result<Told, DbErr> {
    Ok(Told {
        key: row.try_get("", "key")?,
        provider: row.try_get("", "provider")?,
        fate: Fate::from_number(row.try_get("", "fate")?),
        error_code: row.try_get("", "error_code")?,
        detail: row.try_get("", "detail")?,
        at: Timestamp::from_millis(row.try_get("", "at")?),
        event: 0,
    })
}

/// `due_at` is 0 for a receipt that is not looked at again.
fn row<'a>(told: &'a Told, known: Option<&'a Known>, now: Timestamp) -> Row<'a> {
    let waited = now.since(told.at);
    let due_at = if waited >= EARLY { 0 } else { (now + waited.max(FIRST_LOOK)).min(told.at + EARLY).millis() };
    Row {
        key: told.key,
        delivery: known.map_or(0, |known| known.delivery),
        message_id: known.map_or(0, |known| known.message),
        app_id: known.map_or(0, |known| known.app),
        hop: known.map_or(0, |known| known.hop),
        fate: told.fate.number(),
        error_code: told.error_code,
        event: told.event,
        at: told.at.millis(),
        due_at,
        channel: known.map_or("", |known| known.channel.as_str()),
        provider: &told.provider,
        detail: told.detail.as_deref(),
    }
}
