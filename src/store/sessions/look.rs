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
    /// By their ids.
    ids: Together<[i64; 1], Option<SessionRow>>,
    /// By the application and whom they are for.
    slots: Together<(i64, i64), Option<SessionRow>>,
}

/// Which session is asked for, by the numbers `a` and `b`.
type Condition = &'static str;

const NUMBERS: &str = "CAST(value->>0 AS bigint) AS a, CAST(value->>1 AS bigint) AS b";
const OF_ID: Condition = "id = asked.a";
/// Its window leads there, held or not (`store/windows.rs`). The slot is a digest of the application, too. It is compared here (see
/// `look`): a condition on it would have PostgreSQL look at all sessions of the application, as long as it thinks that there are few.
const NEWEST: Condition = "id = (SELECT sent.session_id FROM send_window AS w JOIN message AS sent ON sent.id = w.message_id WHERE w.slot = asked.b)";

impl Looks {
    pub(in crate::store) fn start(db: &DatabaseConnection, tasks: &TaskTracker) -> Self {
        let (by_id, by_slot) = (db.clone(), db.clone());
        let id = |row: &SessionRow| [row.id];
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
fn statement<K: Serialize>(backend: DbBackend, condition: Condition, asked: &[K]) -> Result<Statement, StoreError> {
    let postgres = backend == DbBackend::Postgres;
    let rows = if postgres { "jsonb_array_elements($1::jsonb) AS t(value)" } else { "json_each($1)" };
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
    let sql = format!("WITH asked AS (SELECT {NUMBERS} FROM {rows}) {COLUMNS} FROM {from}");
    let asked = serde_json::to_string(asked).map_err(|err| DbErr::Custom(err.to_string()))?;
    Ok(Statement::from_sql_and_values(backend, sql, [asked.into()]))
}

impl Store {
    /// A session of a dialect, if callers know it by this id.
    pub async fn session(
        &self,
        app: i64,
        dialect: &str,
        (id, public_id): (i64, &str),
    ) -> Result<Option<SessionRow>, StoreError> {
        let found = self.looks.ids.ask([id]).await?;
        Ok(found.filter(|row| row.app == app && row.dialect == dialect && row.public_id == public_id))
    }

    /// A session of a dialect, if its link has a token of this digest.
    pub async fn session_by_link(
        &self,
        dialect: &str,
        (id, link): (i64, &[u8]),
    ) -> Result<Option<SessionRow>, StoreError> {
        let found = self.looks.ids.ask([id]).await?;
        Ok(found.filter(|row| row.dialect == dialect && row.link.as_deref() == Some(link)))
    }

    /// The newest session of whom the slot stands for: the one that was sent last.
    pub async fn newest_session(&self, app: i64, slot: i64) -> Result<Option<SessionRow>, StoreError> {
        self.looks.slots.ask((app, slot)).await
    }
}
