//! Looking sessions up: whoever asks at one moment shares a statement.

use std::{collections::HashMap, hash::Hash};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use serde::Serialize;
use tokio_util::task::TaskTracker;

use super::{SELECT, SessionRow, read};
use crate::store::{Store, StoreError, together::Together};

/// Where questions after sessions are put.
#[derive(Clone)]
pub(in crate::store) struct Looks {
    /// By the dialect and the id that callers know.
    ids: Together<(String, String), Option<SessionRow>>,
    /// By the application and whom they are for.
    slots: Together<(i64, i64), Option<SessionRow>>,
}

/// A condition, and the type of the two columns of what is asked.
type Condition = (&'static str, &'static str);

const OF_ID: Condition = ("(s.dialect, s.public_id) IN (SELECT a, b FROM asked)", "text");
const NEWEST: Condition = (
    "s.id IN (SELECT (SELECT n.id FROM session AS n WHERE n.app_id = asked.a AND n.slot = asked.b
       ORDER BY n.message_id DESC LIMIT 1) FROM asked)",
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
    let rows = match backend {
        DbBackend::Postgres => "jsonb_array_elements($1::jsonb) AS t(value)",
        _ => "json_each($1)",
    };
    let columns = format!("CAST(value->>0 AS {kind}) AS a, CAST(value->>1 AS {kind}) AS b");
    let sql = format!("WITH asked AS (SELECT {columns} FROM {rows}) {SELECT} WHERE {condition}");
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
