//! The limits of recipients: their ledgers are read before a flush, judged in the core, and written with it; a send whose
//! ledger was written by somebody else meanwhile begins anew. So no two nodes can give away the same tries.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement, Value, sea_query::ArrayType,
};

use super::{Batch, NewMessage};
use crate::core::{
    clock::Timestamp,
    id::MessageId,
    ledger::{Ending, Ledger, Sent},
    refusal::Refusal,
};

/// A ledger as it is to be written.
pub(super) struct LedgerRow {
    pub(super) key: i64,
    /// Like no other: the id of the newest message in it.
    pub(super) version: i64,
    /// The one that was read.
    pub(super) previous: i64,
    pub(super) log: Vec<u8>,
}

/// A ledger as it was read, and what the batch makes of it.
#[derive(Default)]
struct Known {
    version: i64,
    ledger: Ledger,
    newest: Option<MessageId>,
}

const LEDGERS: (&str, &str) = ("key, version, log", "ledger WHERE key");
const ENDINGS: (&str, &str) = (
    "id, CAST(attempts AS bigint) AS attempts, CAST(max_attempts AS bigint) AS max_attempts, verified_at, expires_at",
    "message WHERE id",
);

/// Decides about the sends in their order: what each gets is noted in it and in the batch's ledgers; the refusals by place.
pub(super) async fn admit(
    db: &DatabaseConnection,
    batch: &mut Batch,
    now: Timestamp,
) -> Result<HashMap<usize, Refusal>, DbErr> {
    let keys: BTreeSet<_> = batch.sends.iter().filter_map(|send| Some(send.budget?.key)).collect();
    let mut refusals = HashMap::new();
    if keys.is_empty() {
        return Ok(refusals);
    }
    let mut known = load(db, &keys, now).await?;
    for (place, message) in batch.sends.iter_mut().enumerate() {
        let Some(budget) = message.budget else { continue };
        let of_target = known.entry(budget.key).or_default();
        match of_target.admit(message, now) {
            Ok(tries) => message.max_attempts = tries,
            Err(refusal) => drop(refusals.insert(place, refusal)),
        }
    }
    for message in &mut batch.sends {
        let Some(budget) = &mut message.budget else { continue };
        budget.version = known.get(&budget.key).and_then(|known| known.newest).map_or(0, |newest| newest.0);
    }
    let rows = known.into_iter().filter_map(|(key, known)| known.row(key).transpose());
    batch.ledgers = rows.collect::<Result<_, _>>()?;
    Ok(refusals)
}

impl Known {
    fn admit(&mut self, message: &NewMessage, now: Timestamp) -> Result<u8, Refusal> {
        let Some(budget) = message.budget else { return Ok(message.max_attempts) };
        let (life, rules) = ((now, message.expires_at), (budget.limits, budget.pace));
        let goes_on = message.replaces.and_then(|old| old.counted);
        let mut before = 0;
        if let Some((old, attempts)) = goes_on {
            if let Some(tries) = self.ledger.renew((old, message.id), life, rules)? {
                self.newest = Some(message.id);
                return Ok(tries);
            }
            before = attempts; // it has ended, and these have been counted
        }
        let sent = Sent { app: message.app, scope: budget.scope, message: message.id };
        let tries = budget.tries.saturating_sub(before);
        let tries = self.ledger.admit(sent, life, tries, rules)?;
        self.newest = Some(message.id);
        Ok(before.saturating_add(tries))
    }

    fn row(self, key: i64) -> Result<Option<LedgerRow>, DbErr> {
        let Some(newest) = self.newest else { return Ok(None) };
        let log = self.ledger.to_bytes().map_err(|err| DbErr::Custom(err.to_string()))?;
        Ok(Some(LedgerRow { key, version: newest.0, previous: self.version, log }))
    }
}

/// The ledgers of these keys, with what has become of their open codes.
async fn load(db: &DatabaseConnection, keys: &BTreeSet<i64>, now: Timestamp) -> Result<HashMap<i64, Known>, DbErr> {
    let rows = ask(db, LEDGERS, keys.iter().copied()).await?;
    let mut known = rows.iter().map(read).collect::<Result<HashMap<_, _>, _>>()?;
    let open: BTreeSet<_> = known.values().flat_map(|known| known.ledger.open()).map(|message| message.0).collect();
    let endings = if open.is_empty() { vec![] } else { ask(db, ENDINGS, open.into_iter()).await? };
    let endings = endings.iter().map(ending).collect::<Result<Vec<_>, _>>()?;
    for known in known.values_mut() {
        known.ledger.settle(&endings, now);
    }
    Ok(known)
}

/// A ledger that cannot be read counts as none: a recipient that nothing could be sent to any more would be worse.
fn read(row: &QueryResult) -> Result<(i64, Known), DbErr> {
    let (key, log) = (row.try_get("", "key")?, row.try_get::<Vec<u8>>("", "log")?);
    let ledger = Ledger::from_bytes(&log).unwrap_or_else(|err| {
        tracing::error!(%err, "a recipient's ledger cannot be read and begins anew");
        Ledger::default()
    });
    Ok((key, Known { version: row.try_get("", "version")?, ledger, newest: None }))
}

fn ending(row: &QueryResult) -> Result<Ending, DbErr> {
    let small = |column| row.try_get::<i64>("", column).map(|number| u8::try_from(number).unwrap_or(u8::MAX));
    Ok(Ending {
        message: MessageId(row.try_get("", "id")?),
        attempts: small("attempts")?,
        max_attempts: small("max_attempts")?,
        verified: row.try_get::<Option<i64>>("", "verified_at")?.is_some(),
        expires_at: Timestamp::from_millis(row.try_get("", "expires_at")?),
    })
}

/// The rows of some keys, by a text that does not depend on how many. PostgreSQL looks each up by itself: a plan for all of
/// them, made while the table was small, reads the whole of it until it is analysed.
async fn ask(
    db: &DatabaseConnection,
    (columns, of_key): (&str, &str),
    keys: impl Iterator<Item = i64>,
) -> Result<Vec<QueryResult>, DbErr> {
    let backend = db.get_database_backend();
    let (sql, value) = if backend == DbBackend::Postgres {
        let each = format!("(SELECT {columns} FROM {of_key} = asked.id LIMIT 1)");
        let keys = keys.map(Value::from).collect();
        let keys = Value::Array(ArrayType::BigInt, Some(Box::new(keys)));
        (format!("SELECT found.* FROM UNNEST($1::bigint[]) AS asked (id) CROSS JOIN LATERAL {each} AS found"), keys)
    } else {
        let keys: Vec<_> = keys.collect();
        let keys = serde_json::to_string(&keys).map_err(|err| DbErr::Custom(err.to_string()))?;
        (format!("SELECT {columns} FROM {of_key} IN (SELECT value FROM json_each($1))"), keys.into())
    };
    db.query_all_raw(Statement::from_sql_and_values(backend, sql, [value])).await
}
