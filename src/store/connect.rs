//! Opening the database, and refusing one that would not keep its promises.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, QueryResult,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use super::StoreError;

/// Older libraries can corrupt a database in WAL mode (security, promise "no corruption").
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
/// Wait for another process's lock. Shorter than any caller's patience, so that a caller who is told of an error is not
/// overtaken by what it asked for.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// What holds for every connection to PostgreSQL. Everything that callers ask for is found by an index. A plan that was made
/// while a table was small would read the whole of it with every call, however large it has become, until PostgreSQL looks at it
/// again: it is not to think of that (and not to compile those plans that have to read a table, which then seem dear to it).
const POSTGRES: [(&str, &str); 4] =
    [("statement_timeout", "2s"), ("synchronous_commit", "on"), ("enable_seqscan", "off"), ("jit", "off")];

/// Which database.
#[derive(Clone)]
pub enum Target {
    /// A file, made if it is not there.
    Sqlite(PathBuf),
    /// A server. The URL holds a password: no `Debug`.
    Postgres {
        /// `postgres://…`.
        url: String,
        /// Most connections.
        connections: u32,
    },
}

/// Where writes and reads go. On SQLite there is one connection that writes.
pub struct Connection {
    pub(super) backend: DbBackend,
    pub(super) write: DatabaseConnection,
    pub(super) read: DatabaseConnection,
}

impl Connection {
    /// Opens the database and checks that it keeps what it is given.
    pub async fn open(target: &Target) -> Result<Self, StoreError> {
        match target {
            Target::Sqlite(path) => sqlite(path).await,
            Target::Postgres { url, connections } => postgres(url, *connections).await,
        }
    }

    /// Brings the tables up to date. Nodes that start together take turns. A process that dies meanwhile leaves no migration
    /// half done.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        if self.backend != DbBackend::Postgres {
            // A table may be sorted for a new index: not in memory.
            self.write.execute_unprepared("PRAGMA temp_store = FILE").await?;
            // On PostgreSQL each migration is a transaction by itself.
            let mode = Some(SqliteTransactionMode::Immediate);
            let options = TransactionOptions { sqlite_transaction_mode: mode, ..TransactionOptions::default() };
            let turn = self.write.begin_with_options(options).await?;
            Migrator::up(&turn, None).await?;
            turn.commit().await?;
            return Ok(self.write.execute_unprepared("PRAGMA temp_store = MEMORY").await.map(drop)?);
        }
        let turn = self.write.begin().await?;
        turn.execute_unprepared("SELECT pg_advisory_xact_lock(1287496301)").await?;
        Migrator::up(&self.write, None).await?;
        Ok(turn.commit().await?)
    }
}

/// WAL, and every commit flushed.
async fn sqlite(path: &Path) -> Result<Connection, StoreError> {
    let url = format!("sqlite://{}?mode=rwc", path.display());
    // A statement of a flush puts aside the pages that it changes, in case it fails: more of them than
    // SQLite keeps in memory by itself.
    let write = Database::connect(sqlite_options(&url, 1, "MEMORY")).await?;
    let read = Database::connect(sqlite_options(&url, 4, "DEFAULT")).await?;
    check_sqlite(&write).await?;
    Ok(Connection { backend: DbBackend::Sqlite, write, read })
}

/// `aside` says where statements put aside what they need for a while.
fn sqlite_options(url: &str, connections: u32, aside: &'static str) -> ConnectOptions {
    let mut options = common(url, connections);
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            .pragma("foreign_keys", "ON")
            .pragma("cache_size", "-16384")
            .pragma("wal_autocheckpoint", "4000")
            .pragma("temp_store", aside)
            .busy_timeout(BUSY_TIMEOUT)
            .create_if_missing(true)
    });
    options
}

/// A PostgreSQL server, shared by all nodes.
async fn postgres(url: &str, connections: u32) -> Result<Connection, StoreError> {
    let mut options = common(url, connections);
    options.map_sqlx_postgres_opts(|postgres| postgres.application_name("verifyd").options(POSTGRES));
    let write = Database::connect(options).await?;
    let fsync = ask(&write, DbBackend::Postgres, "SHOW fsync").await?.try_get_by_index::<String>(0)?;
    if fsync != "on" {
        return Err(StoreError::Unfit(
            "PostgreSQL runs with fsync off and would lose accepted messages: turn it on".into(),
        ));
    }
    Ok(Connection { backend: DbBackend::Postgres, read: write.clone(), write })
}

fn common(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire_if_idle_for(Duration::from_secs(30))
        .sqlx_logging(false);
    options
}

async fn check_sqlite(db: &DatabaseConnection) -> Result<(), StoreError> {
    let version: String = ask(db, DbBackend::Sqlite, "SELECT sqlite_version()").await?.try_get_by_index(0)?;
    if parse_version(&version) < Some(OLDEST_SQLITE) {
        return Err(StoreError::Unfit(format!("SQLite {version} is too old: 3.51.3 or later is needed")));
    }
    let mode: String = ask(db, DbBackend::Sqlite, "PRAGMA journal_mode").await?.try_get_by_index(0)?;
    let synchronous: i64 = ask(db, DbBackend::Sqlite, "PRAGMA synchronous").await?.try_get_by_index(0)?;
    if mode != "wal" || synchronous != 2 {
        return Err(StoreError::Unfit(format!(
            "SQLite refuses WAL with full flushes (journal {mode}, synchronous {synchronous})"
        )));
    }
    Ok(())
}

async fn ask(db: &DatabaseConnection, backend: DbBackend, sql: &str) -> Result<QueryResult, DbErr> {
    let row = db.query_one_raw(Statement::from_string(backend, sql)).await?;
    row.ok_or_else(|| DbErr::RecordNotFound(sql.to_owned()))
}

fn parse_version(version: &str) -> Option<(u32, u32, u32)> {
    let mut parts = version.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns with the affinities of their types, and indexes.
    fn shape(db: &rusqlite::Connection, table: &str) -> Vec<String> {
        let sql = r#"SELECT concat_ws(' ', name, pk, max("notnull", pk > 0), CASE
                WHEN type LIKE '%int%' THEN 'integer' WHEN type LIKE '%char%' THEN 'text' ELSE lower(substr(type, 1, 4)) END)
            FROM pragma_table_info(?1)
            UNION ALL SELECT i.name || ' on ' || group_concat(c.name)
            FROM pragma_index_list(?1) AS i, pragma_index_info(i.name) AS c GROUP BY i.name"#;
        let mut statement = db.prepare(sql).unwrap();
        statement.query_map([table], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// A process that dies while it migrates, or a disk that is full: whoever comes next begins where it began.
    #[tokio::test]
    async fn a_migration_that_fails_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let target = Target::Sqlite(folder.path().join("verifyd.db"));
        let connection = Connection::open(&target).await.unwrap();
        connection.write.execute_unprepared("CREATE TABLE ledger (in_the_way)").await.unwrap();
        let failed = connection.migrate().await.unwrap_err();
        assert!(failed.to_string().contains("ledger"), "{failed}");
        connection.write.execute_unprepared("DROP TABLE ledger").await.unwrap();
        connection.migrate().await.unwrap();
        connection.migrate().await.unwrap();
    }

    /// SQLite's limits are measured on tables of the benchmark's own.
    #[tokio::test]
    async fn the_benchmark_has_the_same_tables() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("verifyd.db");
        let connection = Connection::open(&Target::Sqlite(file.clone())).await.unwrap();
        connection.migrate().await.unwrap();
        connection.close().await;
        let (ours, copy) = (rusqlite::Connection::open(file).unwrap(), rusqlite::Connection::open_in_memory().unwrap());
        copy.execute_batch(include_str!("../../benches/throughput/sql/sqlite_schema.sql")).unwrap();
        for table in ["message", "outbox", "event", "send_window", "ledger"] {
            assert_ne!(shape(&ours, table), Vec::<String>::new());
            assert_eq!(shape(&copy, table), shape(&ours, table), "{table}");
        }
    }
}
