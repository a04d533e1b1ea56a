//! Where an installation keeps its data, and how a test reads it from outside.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use sea_orm::{ConnectOptions, ConnectionTrait, Database as SeaOrm, DatabaseConnection};

/// The database of one installation.
pub(crate) enum Database {
    /// `verifyd.db` in its data directory.
    Sqlite,
    /// A database of its own on the test server.
    Postgres { url: String, name: String },
}

/// A connection for reading; keeps what it reads alive.
pub(crate) struct Reader {
    pub(crate) connection: DatabaseConnection,
    _copy: Option<tempfile::TempDir>,
}

/// The server that `TEST_POSTGRES_URL` names, if it does; its absence is said aloud.
pub(crate) fn server() -> Option<String> {
    let url = std::env::var_os("TEST_POSTGRES_URL").map(|url| url.into_string().unwrap());
    if url.is_none() {
        println!("TEST_POSTGRES_URL is not set: not run on PostgreSQL");
    }
    url
}

impl Database {
    /// A new, empty database on the test server, if there is one.
    pub(crate) async fn postgres() -> Option<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let server = server()?;
        let name = format!("crash_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        ask(&server, &format!("CREATE DATABASE {name}")).await;
        let (host, _) = server.rsplit_once('/').unwrap();
        Some(Self::Postgres { url: format!("{host}/{name}"), name })
    }

    /// The value of `database.url`.
    pub(crate) fn url(&self) -> &str {
        match self {
            Self::Sqlite => "",
            Self::Postgres { url, .. } => url,
        }
    }

    /// Reads what is there now. Of SQLite it reads a copy of file and log, so that the next server still finds the log
    /// as the last one left it.
    pub(crate) async fn read(&self, data: &Path) -> Reader {
        match self {
            Self::Postgres { url, .. } => Reader { connection: connect(url).await, _copy: None },
            Self::Sqlite => {
                let copy = tempfile::tempdir().unwrap();
                for file in ["verifyd.db", "verifyd.db-wal"].map(PathBuf::from) {
                    if data.join(&file).exists() {
                        std::fs::copy(data.join(&file), copy.path().join(&file)).unwrap();
                    }
                }
                let url = format!("sqlite://{}", copy.path().join("verifyd.db").display());
                Reader { connection: connect(&url).await, _copy: Some(copy) }
            }
        }
    }

    /// Changes what is there, while no server runs.
    pub(crate) async fn change(&self, data: &Path, sql: &str) {
        match self {
            Self::Postgres { url, .. } => ask(url, sql).await,
            Self::Sqlite => ask(&format!("sqlite://{}", data.join("verifyd.db").display()), sql).await,
        }
    }

    /// Drops what [`Self::postgres`] made.
    pub(crate) async fn remove(&self) {
        if let Self::Postgres { name, .. } = self {
            ask(&server().unwrap(), &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

/// One connection.
pub(crate) async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    SeaOrm::connect(options).await.unwrap()
}

async fn ask(url: &str, sql: &str) {
    let connection = connect(url).await;
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
}
