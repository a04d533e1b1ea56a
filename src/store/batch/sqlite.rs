//! The flush on SQLite: one script, one hop to the connection's thread, one commit.
//!
//! Rows travel as JSON arrays and their blobs side by side in one parameter, so the text never varies and stays
//! prepared. `$n` means the same parameter in every statement of the script.

use std::{collections::HashSet, sync::Arc};

use scopeguard::ScopeGuard;
use sea_orm::{
    DatabaseConnection, DbErr, QueryResult, RuntimeErr,
    sqlx::{
        self, AssertSqlSafe, Sqlite,
        query::Query,
        sqlite::{SqliteArguments, SqliteRow},
    },
};
use serde::Serialize;

use super::{Batch, Decided, NewDelivery, NewMessage, Settlement, Step, met::met};
use crate::core::{clock::Timestamp, hex::hex, id::MessageId};

/// `$1` messages, `$2` deliveries, `$3` blobs, `$4` now. A window that is taken over ends the life of the code that held it;
/// that event's id follows from the expiry, so that it is written once (`store/windows.rs`). An
/// event is marked for telling when a callback wants such.
const SENDS: &str = "
INSERT INTO event (message_id, id, app_id, kind, channel, error_code, at, published)
  SELECT old.id, ((old.expires_at - 1288834974657) << 22) - 1, old.app_id, 'verified_timeout', old.channel, 0, $4,
         CASE WHEN old.app_id IN (SELECT app_id FROM callback WHERE steps) THEN 0 END
  FROM jsonb_each($1) AS sent JOIN send_window AS w ON w.slot = sent.value->>6 JOIN message AS old ON old.id = w.message_id
  WHERE w.until <= $4 AND old.tag IS NOT NULL AND old.verified_at IS NULL
  ON CONFLICT (message_id, id) DO NOTHING;
INSERT INTO send_window (slot, message_id, until)
  SELECT value->>6, value->>0, value->>12 FROM jsonb_each($1) WHERE value->>6 IS NOT NULL
  ON CONFLICT (slot) DO UPDATE SET message_id = excluded.message_id, until = excluded.until
    WHERE send_window.until <= $4;
INSERT INTO message (id, app_id, template_id, target, recipient, slot, channel, tag, attempts, max_attempts, created_at, expires_at, custom_args)
  SELECT value->>0, value->>1, value->>2, value->>3, substr($3, value->>4, value->>5), value->>6, value->>7,
         substr($3, value->>8, value->>9), 0, value->>10, value->>11, value->>12, value->>13
  FROM jsonb_each($1) AS sent
  WHERE value->>6 IS NULL
     OR EXISTS (SELECT 1 FROM send_window WHERE slot = sent.value->>6 AND message_id = sent.value->>0)
  ON CONFLICT (id) DO NOTHING;
INSERT INTO outbox (id, message_id, app_id, body, hop, attempt, claim, due_at, expires_at)
  SELECT value->>0, value->>1, value->>2, substr($3, value->>4, value->>5), 0, 0, value->>6, value->>7, value->>8
  FROM jsonb_each($2) WHERE EXISTS (SELECT 1 FROM message WHERE id = value->>1)
  ON CONFLICT (id) DO NOTHING;
INSERT INTO event (message_id, id, app_id, kind, channel, error_code, at, published)
  SELECT value->>1, value->>0, value->>2, 'plan', value->>3, 0, $4,
         CASE WHEN value->>2 IN (SELECT app_id FROM callback WHERE steps) THEN 0 END
  FROM jsonb_each($2) WHERE EXISTS (SELECT 1 FROM message WHERE id = value->>1)
  ON CONFLICT (message_id, id) DO NOTHING;
SELECT 'refused' AS part, value->>0 AS id
  FROM jsonb_each($1) WHERE NOT EXISTS (SELECT 1 FROM message WHERE id = value->>0);
";

/// `$5` guesses, `$4` now. The UPDATE alone decides; what follows reads what it wrote.
const GUESSES: &str = "
UPDATE message SET attempts = attempts + 1, last_guess = guess.id,
    verified_at = CASE WHEN message.tag = guess.tag OR message.tag = guess.old_tag THEN $4 END
  FROM (SELECT value->>0 AS id, value->>1 AS message_id, value->>2 AS app_id,
               unhex(value->>3) AS tag, unhex(value->>4) AS old_tag FROM jsonb_each($5)) AS guess
  WHERE message.id = guess.message_id AND message.app_id = guess.app_id AND message.tag IS NOT NULL
    AND verified_at IS NULL AND attempts < max_attempts AND expires_at > $4;
INSERT INTO event (message_id, id, app_id, kind, channel, error_code, at, published)
  SELECT m.id, m.last_guess, m.app_id, CASE WHEN m.verified_at IS NULL THEN 'verified_failed' ELSE 'verified' END, m.channel, 0, $4,
         CASE WHEN m.app_id IN (SELECT app_id FROM callback WHERE steps) THEN 0 END
  FROM jsonb_each($5) AS guess JOIN message AS m ON m.id = guess.value->>1 AND m.last_guess = guess.value->>0;
DELETE FROM send_window WHERE slot IN (
  SELECT w.slot FROM jsonb_each($5) AS guess
  JOIN message AS m ON m.id = guess.value->>1 AND m.last_guess = guess.value->>0 AND m.verified_at IS NOT NULL
  JOIN send_window AS w ON w.slot = m.slot AND w.message_id = m.id);
SELECT 'met' AS part, guess.value->>0 AS id, m.last_guess IS guess.value->>0 AS counted,
       m.attempts AS attempts, m.max_attempts AS max_attempts, m.verified_at AS verified_at, m.expires_at AS expires_at
  FROM jsonb_each($5) AS guess
  LEFT JOIN message AS m ON m.id = guess.value->>1 AND m.app_id = guess.value->>2 AND m.tag IS NOT NULL;
";

/// `$7` events of settlements: what they cost, where that is something. Before the settlements, which end the claims that
/// tell which of them count.
const SPEND: &str = "
INSERT INTO spend (app_id, spent)
  SELECT value->>9, SUM(value->>10) FROM jsonb_each($7) JOIN outbox AS o ON o.id = value->>0 AND o.claim = value->>1
  WHERE value->>10 > 0 GROUP BY value->>9
  ON CONFLICT (app_id) DO UPDATE SET spent = spend.spent + excluded.spent;
";

/// `$6` settlements, `$7` their events, `$8` what providers took and will report on, `$4` now. A settlement whose claim is
/// stale changes nothing. One that was given up ends the send window, unless an earlier hop may yet arrive (fate 1 is "failed").
const SETTLEMENTS: &str = "
INSERT INTO event (message_id, id, app_id, kind, channel, provider, error_code, detail, at, delivery, attempt, published, cost)
  SELECT o.message_id, value->>2, value->>9, value->>3, value->>4, value->>5, value->>6, value->>7, $4, o.id, value->>8,
         CASE WHEN value->>9 IN (SELECT app_id FROM callback WHERE steps) THEN 0 END, value->>10
  FROM jsonb_each($7) JOIN outbox AS o ON o.id = value->>0 AND o.claim = value->>1;
INSERT INTO hand_over (key, delivery, message_id, app_id, hop, channel, provider, fate, at)
  SELECT value->>2, o.id, o.message_id, o.app_id, value->>3, value->>4, value->>5, 0, $4
  FROM jsonb_each($8) JOIN outbox AS o ON o.id = value->>0 AND o.claim = value->>1 WHERE true
  ON CONFLICT (key) DO UPDATE SET delivery = excluded.delivery, message_id = excluded.message_id, app_id = excluded.app_id,
    hop = excluded.hop, channel = excluded.channel, fate = 0, at = excluded.at;
DELETE FROM send_window WHERE slot IN (
  SELECT w.slot FROM jsonb_each($6) JOIN outbox AS o ON o.id = value->>0 AND o.claim = value->>1
  JOIN message AS m ON m.id = o.message_id JOIN send_window AS w ON w.slot = m.slot AND w.message_id = m.id
  WHERE value->>2 = 'give_up' AND NOT EXISTS (SELECT 1 FROM hand_over WHERE delivery = o.id AND fate <> 1));
UPDATE outbox SET claim = 0, claims = 0, hop = s.hop, attempt = s.attempt, due_at = s.due_at
  FROM (SELECT value->>0 AS id, value->>1 AS claim, value->>3 AS hop, value->>4 AS attempt, value->>5 AS due_at
        FROM jsonb_each($6) WHERE value->>2 = 'retry') AS s
  WHERE outbox.id = s.id AND outbox.claim = s.claim;
DELETE FROM outbox WHERE id IN (
  SELECT o.id FROM jsonb_each($6) JOIN outbox AS o ON o.id = value->>0 AND o.claim = value->>1 WHERE value->>2 <> 'retry');
";

/// The connection goes back to the pool only after a flush that went well; otherwise it is closed, which rolls back what
/// was begun. When a part of a prepared script cannot be prepared again, because a table is gone, sqlx's thread of the
/// connection panics after it has said so, and the pool would wait for ever to hear from it once more.
pub(super) async fn flush(db: &DatabaseConnection, batch: &Batch, now: Timestamp) -> Result<Decided, DbErr> {
    let query = query(batch, now)?;
    let connection = db.get_sqlite_connection_pool().acquire().await.map_err(|err| DbErr::Conn(cause(err)))?;
    let mut lent = scopeguard::guard(connection, |spoilt| drop(spoilt.detach()));
    let rows = query.fetch_all(&mut **lent).await.map_err(|err| DbErr::Query(cause(err)))?;
    drop(ScopeGuard::into_inner(lent));
    decode(rows)
}

fn cause(err: sqlx::Error) -> RuntimeErr {
    RuntimeErr::SqlxError(Arc::new(err))
}

/// One of a dozen texts, each prepared once. A batch of nothing goes through all parts: it shows that they could be written.
fn script(batch: &Batch) -> String {
    let nothing = batch.len() == 0;
    let parts = [
        (batch.sends.is_empty(), SENDS),
        (batch.guesses.is_empty(), GUESSES),
        (!batch.costs(), SPEND),
        (batch.settlements.is_empty(), SETTLEMENTS),
    ];
    let parts = parts.iter().filter(|(empty, _)| nothing || !empty).map(|(_, part)| *part);
    std::iter::once("BEGIN IMMEDIATE;").chain(parts).chain(["COMMIT"]).collect()
}

fn query(batch: &Batch, now: Timestamp) -> Result<Query<'static, Sqlite, SqliteArguments>, DbErr> {
    let mut blobs = Blobs::default();
    let messages: Vec<_> = batch.sends.iter().map(|message| message_row(message, &mut blobs)).collect();
    let deliveries: Vec<_> = batch.sends.iter().flat_map(|message| delivery_rows(message, &mut blobs)).collect();
    let guesses = batch
        .guesses
        .iter()
        .map(|guess| (guess.id, guess.message, guess.app, hex(&guess.tags[0]), hex(&guess.tags[1])));
    let settlements: Vec<_> = batch.settlements.iter().map(settlement_row).collect();
    let events: Vec<_> = batch.settlements.iter().flat_map(event_rows).collect();
    let hand_overs: Vec<_> = batch.settlements.iter().filter_map(hand_over_row).collect();
    Ok(sqlx::query(AssertSqlSafe(script(batch)))
        .bind(json(&messages)?)
        .bind(json(&deliveries)?)
        .bind(blobs.0)
        .bind(now.millis())
        .bind(json(&guesses.collect::<Vec<_>>())?)
        .bind(json(&settlements)?)
        .bind(json(&events)?)
        .bind(json(&hand_overs)?))
}

fn message_row(message: &NewMessage, blobs: &mut Blobs) -> impl Serialize + use<> {
    let recipient = blobs.add(&message.recipient);
    let tag = message.tag.map(|tag| blobs.add(&tag)); // a length of null makes `substr` null
    (
        message.id,
        message.app,
        message.template_id.clone(),
        message.target,
        recipient.0,
        recipient.1,
        message.slot,
        message.channel,
        tag.map(|tag| tag.0),
        tag.map(|tag| tag.1),
        message.max_attempts,
        message.created_at,
        message.expires_at,
        message.custom_args.clone(),
    )
}

fn delivery_rows(message: &NewMessage, blobs: &mut Blobs) -> Vec<impl Serialize + use<>> {
    let row = |delivery: &NewDelivery| {
        let (offset, length) = blobs.add(&delivery.body);
        let head = (delivery.id, message.id, message.app, message.channel);
        (head.0, head.1, head.2, head.3, offset, length, delivery.claim, delivery.due_at, message.expires_at)
    };
    message.deliveries.iter().map(row).collect()
}

fn settlement_row(settlement: &Settlement) -> impl Serialize + use<> {
    let (step, hop, attempt, due_at) = match settlement.step {
        Step::Done => ("done", 0, 0, Timestamp::default()),
        Step::GiveUp => ("give_up", 0, 0, Timestamp::default()),
        Step::Retry { hop, attempt, due_at } => ("retry", hop, attempt, due_at),
    };
    (settlement.delivery, settlement.claim, step, hop, attempt, due_at)
}

fn event_rows(settlement: &Settlement) -> impl Iterator<Item = impl Serialize> {
    settlement.events.iter().map(|event| {
        let (provider, detail) = (event.provider.as_deref(), event.detail.as_deref());
        let of = (settlement.delivery, settlement.claim);
        (
            of.0,
            of.1,
            event.id,
            event.kind.as_str(),
            event.channel,
            provider,
            event.error_code,
            detail,
            event.attempt,
            settlement.app,
            event.cost,
        )
    })
}

fn hand_over_row(settlement: &Settlement) -> Option<impl Serialize> {
    let of = (settlement.delivery, settlement.claim);
    settlement.hand_over.as_ref().map(|taken| (of.0, of.1, taken.key, taken.hop, taken.channel, &taken.provider))
}

/// Blobs end to end; SQLite counts bytes from 1.
#[derive(Default)]
struct Blobs(Vec<u8>);

impl Blobs {
    fn add(&mut self, blob: &[u8]) -> (usize, usize) {
        let offset = self.0.len() + 1;
        self.0.extend_from_slice(blob);
        (offset, blob.len())
    }
}

fn json(rows: &impl Serialize) -> Result<String, DbErr> {
    serde_json::to_string(rows).map_err(|err| DbErr::Custom(err.to_string()))
}

fn decode(rows: Vec<SqliteRow>) -> Result<Decided, DbErr> {
    let mut decided = Decided { refused: HashSet::new(), met: vec![] };
    for row in rows.into_iter().map(QueryResult::from) {
        match row.try_get::<String>("", "part")?.as_str() {
            "refused" => drop(decided.refused.insert(MessageId(row.try_get("", "id")?))),
            _ => decided.met.push(met(&row)?),
        }
    }
    Ok(decided)
}
