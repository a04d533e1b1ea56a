//! The flush on SQLite: one script, one hop to the connection's thread, one commit.
//!
//! Rows travel as JSON arrays and their blobs side by side in one parameter, so the text never varies and stays
//! prepared.

mod script;

use std::sync::Arc;

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

use self::script::script;
use super::{Batch, Decided, NewDelivery, NewMessage, NotWritten, Settlement, Step, ledgers::LedgerRow, met::met};
use crate::core::{clock::Timestamp, hex::hex, id::MessageId};

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

fn query(batch: &Batch, now: Timestamp) -> Result<Query<'static, Sqlite, SqliteArguments>, DbErr> {
    let mut blobs = Blobs::default();
    let messages: Vec<_> = batch.sends.iter().map(|message| message_row(message, &mut blobs)).collect();
    let deliveries: Vec<_> = batch.sends.iter().flat_map(|message| delivery_rows(message, &mut blobs)).collect();
    let guesses = batch
        .guesses
        .iter()
        .map(|guess| (guess.id, guess.message, guess.app, hex(&guess.tags[0]), hex(&guess.tags[1]), guess.address));
    let sessions: Vec<_> = batch.sends.iter().filter_map(|message| session_row(message, &mut blobs)).collect();
    let ledgers: Vec<_> = batch.ledgers.iter().map(|ledger| ledger_row(ledger, &mut blobs)).collect();
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
        .bind(json(&hand_overs)?)
        .bind(json(&ledgers)?)
        .bind(json(&sessions)?))
}

fn message_row(message: &NewMessage, blobs: &mut Blobs) -> impl Serialize + use<> {
    let recipient = blobs.add(&message.recipient);
    let tag = message.tag.map(|tag| blobs.add(&tag)); // a length of null makes `substr` null
    let replaced = message.replaces.map(|old| (old.message, old.counted.map(|counted| counted.0)));
    let session =
        message.session.as_ref().map(|session| (replaced.map(|old| old.0), replaced.map(|old| old.1), session.id));
    (
        message.id,
        message.app,
        message.template_id.clone(),
        message.target,
        recipient.0,
        recipient.1,
        message.slot,
        (message.channel, message.country),
        tag.map(|tag| tag.0),
        tag.map(|tag| tag.1),
        message.max_attempts,
        message.created_at,
        message.expires_at,
        message.custom_args.clone(),
        message.budget.map(|budget| (budget.key, budget.version)),
        session,
    )
}

fn session_row(message: &NewMessage, blobs: &mut Blobs) -> Option<impl Serialize + use<>> {
    let session = message.session.as_ref()?;
    let link = session.link.as_ref().map(|link| blobs.add(link));
    let (dialect, public_id) = (session.dialect.clone(), session.public_id.clone());
    let scope = session.scope.clone();
    let (offset, length) = (link.map(|link| link.0), link.map(|link| link.1));
    Some((message.id, session.id, dialect, public_id, scope, session.slot, offset, length))
}

fn ledger_row(ledger: &LedgerRow, blobs: &mut Blobs) -> impl Serialize + use<> {
    let (offset, length) = blobs.add(&ledger.log);
    (ledger.key, ledger.version, ledger.previous, offset, length)
}

fn delivery_rows(message: &NewMessage, blobs: &mut Blobs) -> Vec<impl Serialize + use<>> {
    let row = |delivery: &NewDelivery| {
        let (offset, length) = blobs.add(&delivery.body);
        let head = (delivery.id, message.id, message.app, message.channel);
        (
            head.0,
            head.1,
            head.2,
            head.3,
            offset,
            length,
            delivery.claim,
            delivery.due_at,
            message.expires_at,
            message.address,
        )
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
    let mut decided = Decided::default();
    for row in rows.into_iter().map(QueryResult::from) {
        match row.try_get::<String>("", "part")?.as_str() {
            "refused" => {
                let why = if row.try_get("", "fit")? { NotWritten::WindowHeld } else { NotWritten::LedgerChanged };
                decided.sends.insert(MessageId(row.try_get("", "id")?), why);
            }
            _ => decided.met.push(met(&row)?),
        }
    }
    Ok(decided)
}
