//! Reading ledgers, as their codes stand now.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement, Value, sea_query::ArrayType,
};

use crate::core::{
    clock::Timestamp,
    id::MessageId,
    ledger::{Ending, Ledger},
};

/// A ledger that is kept.
#[derive(Default)]
pub(in crate::store) struct Kept {
    /// Another with every change.
    pub(in crate::store) version: i64,
    /// With what has become of its open codes.
    pub(in crate::store) ledger: Ledger,
    /// Without that, as the database has it.
    pub(in crate::store) log: Vec<u8>,
}

const LEDGERS: (&str, &str) = ("key, version, log", "ledger WHERE key");
const ENDINGS: (&str, &str) = (
    "id, CAST(attempts AS bigint) AS attempts, CAST(max_attempts AS bigint) AS max_attempts, verified_at, expires_at",
    "message WHERE id",
);

/// The ledgers of these keys, with what has become of their open codes.
pub(in crate::store) async fn settled(
    db: &DatabaseConnection,
    keys: &BTreeSet<i64>,
    now: Timestamp,
) -> Result<HashMap<i64, Kept>, DbErr> {
    let rows = ask(db, LEDGERS, keys.iter().copied()).await?;
    let mut kept = rows.iter().map(read).collect::<Result<HashMap<_, _>, _>>()?;
    let open: BTreeSet<_> = kept.values().flat_map(|kept| kept.ledger.open()).map(|message| message.0).collect();
    let endings = if open.is_empty() { vec![] } else { ask(db, ENDINGS, open.into_iter()).await? };
    let endings = endings.iter().map(ending).collect::<Result<Vec<_>, _>>()?;
    for kept in kept.values_mut() {
        kept.ledger.settle(&endings, now);
    }
    Ok(kept)
}

/// A ledger that cannot be read counts as none: a recipient that nothing could be sent to any more would be worse.
fn read(row: &QueryResult) -> Result<(i64, Kept), DbErr> {
    let (key, log) = (row.try_get("", "key")?, row.try_get::<Vec<u8>>("", "log")?);
    let ledger = Ledger::from_bytes(&log).unwrap_or_else(|err| {
        tracing::error!(%err, "a recipient's ledger cannot be read and begins anew");
        Ledger::default()
    });
    Ok((key, Kept { version: row.try_get("", "version")?, ledger, log }))
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
