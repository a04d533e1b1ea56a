//! Where a test runs: a database of its own, gone when the test ends.

use std::{future::Future, panic::AssertUnwindSafe, path::PathBuf, sync::Arc};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use verifyd::{
    app::{App, Role, World},
    config::Config,
    core::entropy::OsEntropy,
    service::{Caller, NewSecret, Service},
    store::{Connection, Target},
};

/// Makes a test of each function for each database. `threads` 1 runs everything in turn, so that what is asked at once
/// is flushed as one.
macro_rules! on_both_databases {
    (threads: $threads:expr; $($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test]
            fn $test() {
                crate::place::on_sqlite($threads, super::$test);
            })+
        }
        mod postgresql {
            $(#[test]
            fn $test() {
                crate::place::on_postgresql($threads, super::$test);
            })+
        }
    };
}

/// An empty database and a data directory. All nodes made here share both.
pub(crate) struct Place {
    dir: TempDir,
    /// Of the PostgreSQL database, if it is one.
    postgres: Option<String>,
    first_key: OnceCell<NewSecret>,
}

/// One running installation and a caller with a key that may do everything.
pub(crate) struct Node {
    pub(crate) app: App,
    pub(crate) service: Service,
    pub(crate) caller: Caller,
}

impl Place {
    fn new(postgres: Option<String>) -> Self {
        Self { dir: tempfile::tempdir().unwrap(), postgres, first_key: OnceCell::new() }
    }

    pub(crate) const fn is_postgres(&self) -> bool {
        self.postgres.is_some()
    }

    pub(crate) fn target(&self) -> Target {
        match &self.postgres {
            Some(url) => Target::Postgres { url: url.clone(), connections: 20 },
            None => Target::Sqlite(self.file()),
        }
    }

    /// The store's connections, with the tables made.
    pub(crate) async fn connection(&self) -> Connection {
        let connection = Connection::open(&self.target()).await.unwrap();
        connection.migrate().await.unwrap();
        connection
    }

    /// A connection of the test's own, to look at what was written.
    pub(crate) async fn sql(&self) -> Sql {
        let file = format!("sqlite://{}?mode=rwc", self.file().display());
        Sql(Database::connect(self.postgres.as_ref().unwrap_or(&file)).await.unwrap())
    }

    /// The same, sure to be one connection, so that a transaction can stay open.
    pub(crate) async fn sql_of_one_connection(&self) -> Sql {
        let file = format!("sqlite://{}", self.file().display());
        let mut options = ConnectOptions::new(self.postgres.as_ref().unwrap_or(&file));
        Sql(Database::connect(options.max_connections(1).to_owned()).await.unwrap())
    }

    /// A connection to another database of the same PostgreSQL server.
    pub(crate) async fn server(&self) -> Sql {
        Sql(Database::connect(environment("TEST_POSTGRES_URL").unwrap()).await.unwrap())
    }

    /// The name of the PostgreSQL database.
    pub(crate) fn name(&self) -> &str {
        self.postgres.as_ref().unwrap().rsplit_once('/').unwrap().1
    }

    /// A node whose writer has as many lanes as the database allows to race: two on PostgreSQL, one on SQLite.
    pub(crate) async fn node(&self) -> Node {
        self.node_with_lanes(if self.is_postgres() { 2 } else { 1 }).await
    }

    /// A node that flushes so many groups at once.
    pub(crate) async fn node_with_lanes(&self, lanes: usize) -> Node {
        let app = self.app(lanes).await;
        if let Some(welcome) = app.first_start().await.unwrap() {
            assert!(self.first_key.set(welcome).is_ok(), "a second first start");
        }
        let service = app.service().clone();
        let key = self.first_key.get().unwrap();
        let caller = service.authenticate("engagelab", &key.dev_key, &key.dev_secret, None).await.unwrap();
        Node { app, service, caller }
    }

    pub(crate) fn first_key(&self) -> &NewSecret {
        self.first_key.get().unwrap()
    }

    async fn app(&self, lanes: usize) -> App {
        let url = self.postgres.clone().unwrap_or_default();
        let dir = self.dir.path().to_str().unwrap();
        let text = format!(
            "data_dir = {dir:?}\nhttp.listen = \"127.0.0.1:0\"\n
             [database]\nurl = {url:?}\nmax_connections = 20\nlanes = {lanes}\n",
        );
        let world = World { clock: None, entropy: Arc::new(OsEntropy), carriers: None };
        App::build(Config::from_toml(&text).unwrap(), world, Role::Serve).await.unwrap()
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("verifyd.db")
    }
}

/// Plain SQL.
pub(crate) struct Sql(DatabaseConnection);

impl Sql {
    pub(crate) const fn database(&self) -> &DatabaseConnection {
        &self.0
    }

    /// The number that `sql` asks for.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        self.0.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    }

    /// How many rows there are of `what`: a table and perhaps a condition.
    pub(crate) async fn count(&self, what: &str) -> i64 {
        self.number(&format!("SELECT COUNT(*) FROM {what}")).await
    }

    pub(crate) async fn run(&self, sql: &str) {
        self.0.execute_unprepared(sql).await.unwrap();
    }
}

pub(crate) fn on_sqlite<F: Future<Output = ()>>(threads: usize, test: impl FnOnce(Place) -> F) {
    runtime(threads).block_on(test(Place::new(None)));
}

/// Nothing happens where no server is named.
pub(crate) fn on_postgresql<F: Future<Output = ()>>(threads: usize, test: impl FnOnce(Place) -> F) {
    let Some(server) = environment("TEST_POSTGRES_URL") else {
        return println!("TEST_POSTGRES_URL names no server: not run on PostgreSQL");
    };
    let runtime = runtime(threads);
    let name = format!("races_{:016x}", random());
    let base = server.rsplit_once('/').unwrap().0;
    let run = |sql: String| {
        let server = &server;
        async move { Sql(Database::connect(server).await.unwrap()).run(&sql).await }
    };
    runtime.block_on(run(format!("CREATE DATABASE {name}")));
    let place = Place::new(Some(format!("{base}/{name}")));
    let result = std::panic::catch_unwind(AssertUnwindSafe(|| runtime.block_on(test(place))));
    runtime.block_on(run(format!("DROP DATABASE {name} WITH (FORCE)")));
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

/// Names what a run chose at random, so that it can be chosen again with `RACES_SEED`.
pub(crate) fn seed() -> u64 {
    environment("RACES_SEED").map_or_else(random, |seed| seed.parse().unwrap())
}

fn random() -> u64 {
    u64::from_be_bytes(verifyd::core::entropy::bytes(&OsEntropy).unwrap())
}

#[expect(clippy::disallowed_methods, reason = "how a test is told of the server it may use")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn runtime(threads: usize) -> tokio::runtime::Runtime {
    let mut builder = match threads {
        1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    builder.worker_threads(threads).enable_all().build().unwrap()
}
