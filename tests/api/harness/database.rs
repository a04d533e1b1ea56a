//! The database of one test: a file, or a database of its own on a PostgreSQL server that is dropped at the end.

use std::{
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};

/// Names the PostgreSQL server of [`TestDatabase`]; without it every test has its own SQLite file.
pub(super) const SERVER: &str = "TEST_API_SERVER";

/// See the module.
pub(crate) struct TestDatabase {
    url: String,
    /// Server and name of what is to be dropped.
    made: Option<(String, String)>,
}

impl TestDatabase {
    pub(super) async fn new(data: &Path) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let Some(server) = std::env::var_os(SERVER) else {
            return Self { url: format!("sqlite://{}", data.join("verifyd.db").display()), made: None };
        };
        let server = server.into_string().unwrap();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("verifyd_api_{}_{number}", std::process::id());
        let (at, _) = server.rsplit_once('/').unwrap();
        let url = format!("{at}/{name}");
        execute(&server, &format!("CREATE DATABASE {name}")).await;
        Self { url, made: Some((server, name)) }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// A connection beside the server's.
    pub(crate) async fn connect(&self) -> DatabaseConnection {
        Database::connect(&self.url).await.unwrap()
    }

    pub(super) async fn execute(&self, statement: &str) {
        execute(&self.url, statement).await;
    }

    pub(super) async fn blobs(&self, query: &str) -> Vec<Vec<u8>> {
        let connection = self.connect().await;
        let statement = Statement::from_string(connection.get_database_backend(), query);
        let rows = connection.query_all_raw(statement).await.unwrap();
        connection.close().await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.made.is_some()
    }
}

async fn execute(url: &str, statement: &str) {
    let connection = Database::connect(url).await.unwrap();
    connection.execute_unprepared(statement).await.unwrap();
    connection.close().await.unwrap();
}

impl Drop for TestDatabase {
    /// On a thread with a runtime of its own: this one is busy dropping.
    fn drop(&mut self) {
        let Some((server, name)) = self.made.take() else { return };
        let drop_it = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(execute(&server, &format!("DROP DATABASE {name} WITH (FORCE)")));
        };
        let _ = std::thread::spawn(drop_it).join();
    }
}
