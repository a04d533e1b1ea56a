//! Looking sessions up: whoever asks at one moment shares a statement.

use std::{collections::HashMap, hash::Hash};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use serde::Serialize;
use tokio_util::task::TaskTracker;

use super::{COLUMNS, SessionRow, read};
use crate::store::{Store, StoreError, together::Together};

/// Where questions after sessions are put.
#[derive(Clone)]
pub(in crate::store) struct Looks {
    /// By the dialect and the id that callers know.
    ids: Together<(String, String), Option<SessionRow>>,
    /// By the application and whom they are for.
    slots: Together<(i64, i64), Option<SessionRow>>,
}

/// Which session is asked for, and the type of the two columns of what is asked.
type Condition = (&'static str, &'static str);

const OF_ID: Condition = ("dialect = asked.a AND public_id = asked.b", "text");
/// Its window leads there, held or not (`store/windows.rs`). The slot is a digest of the application, too. It is compared here (see
/// `look`): a condition on it would have PostgreSQL look at all sessions of the application, as long as it thinks that there are few.
const NEWEST: Condition = (
    "id = (SELECT sent.session_id FROM send_window AS w JOIN message AS sent ON sent.id = w.message_id WHERE w.slot = asked.b)",
    "bigint",
);

impl Looks {
    pub(in crate::store) fn start(db: &DatabaseConnection, tasks: &TaskTracker) -> Self {
        let (by_id, by_slot) = (db.clone(), db.clone());
        let id = |row: &SessionRow| (row.dialect.clone(), row.public_id.clone());
        let slot = |row: &SessionRow| (row.app, row.slot);
        Self {
            ids: Together::start(tasks, move |asked| look(by_id.clone(), OF_ID, asked, id)),
            slots: Together::start(tasks, move |asked| look(by_slot.clone(), NEWEST, asked, slot)),
        }
    }
}

async fn look<K: Eq + Hash + Serialize>(
    db: DatabaseConnection,
    condition: Condition,
    asked: Vec<K>,
    key: fn(&SessionRow) -> K,
) -> Result<Vec<Option<SessionRow>>, StoreError> {
    let rows = db.query_all_raw(statement(db.get_database_backend(), condition, &asked)?).await?;
    let rows = rows.iter().map(|row| read(row).map(|row| (key(&row), row)));
    let found: HashMap<_, _> = rows.collect::<Result<_, _>>()?;
    Ok(asked.iter().map(|key| found.get(key).cloned()).collect())
}

/// By a text that does not depend on how many are asked for.
fn statement<K: Serialize>(
    backend: DbBackend,
    (condition, kind): Condition,
    asked: &[K],
) -> Result<Statement, StoreError> {
    let postgres = backend == DbBackend::Postgres;
    let rows = if postgres { "jsonb_array_elements($1::jsonb) AS t(value)" } else { "json_each($1)" };
    let columns = format!("CAST(value->>0 AS {kind}) AS a, CAST(value->>1 AS {kind}) AS b");
    let from = if postgres {
        // One by one, by their keys: a plan made while the tables were small reads all of them, until they are analysed.
        format!(
            "asked CROSS JOIN LATERAL (SELECT * FROM session WHERE {condition} LIMIT 1) AS s
             CROSS JOIN LATERAL (SELECT * FROM message WHERE id = s.message_id LIMIT 1) AS m"
        )
    } else {
        format!(
            "asked CROSS JOIN session AS s ON s.id = (SELECT id FROM session WHERE {condition} LIMIT 1)
             CROSS JOIN message AS m ON m.id = s.message_id"
        )
    };
    let sql = format!("WITH asked AS (SELECT {columns} FROM {rows}) {COLUMNS} FROM {from}");
    let asked = serde_json::to_string(asked).map_err(|err| DbErr::Custom(err.to_string()))?;
    Ok(Statement::from_sql_and_values(backend, sql, [asked.into()]))
}

impl Store {
    /// The session of that id in a dialect.
    pub async fn session(&self, app: i64, dialect: &str, public_id: &str) -> Result<Option<SessionRow>, StoreError> {
        let found = self.looks.ids.ask((dialect.to_owned(), public_id.to_owned())).await?;
        Ok(found.filter(|session| session.app == app))
    }

    /// The newest session of whom the slot stands for: the one that was sent last.
    pub async fn newest_session(&self, app: i64, slot: i64) -> Result<Option<SessionRow>, StoreError> {
        self.looks.slots.ask((app, slot)).await
    }
}
