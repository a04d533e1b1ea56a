//! PostgreSQL flushes before it answers when its session says so; this asks from inside the server's own sessions.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::{
    client::Client,
    database::{Database, connect},
    installation::Installation,
    sink::Sink,
};

/// Writes down how the session that accepts a message flushes, and how it does when a delivery is over.
const WITNESS: &str = "
CREATE TABLE witness (application text, change text, synchronous_commit text);
CREATE FUNCTION bear_witness() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO witness VALUES (current_setting('application_name'), TG_OP, current_setting('synchronous_commit'));
  RETURN NULL;
END $$;
CREATE TRIGGER bear_witness AFTER INSERT ON message FOR EACH ROW EXECUTE FUNCTION bear_witness();
CREATE TRIGGER bear_witness AFTER DELETE ON outbox FOR EACH ROW EXECUTE FUNCTION bear_witness();";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_sends_wait_for_the_flush_whatever_the_database_says_and_settlements_do_not() {
    let Some(database) = Database::postgres().await else { return };
    let Database::Postgres { url, name } = &database else { unreachable!() };
    let careless = format!("ALTER DATABASE {name} SET synchronous_commit = off");
    connect(url).await.execute_unprepared(&careless).await.unwrap();
    let db = connect(url).await;
    assert_eq!(ask(&db, "SHOW synchronous_commit").await, ["off"], "the control: other sessions are careless now");
    assert_eq!(ask(&db, "SHOW fsync").await, ["on"]);

    let installation = Installation::new(database, "");
    let sink = Sink::start(true).await;
    let process = installation.start(&sink.url(0));
    db.execute_unprepared(WITNESS).await.unwrap();
    let mut client = Client::connect(process.address, &installation.key).await.unwrap();
    for number in 0..20 {
        assert_eq!(client.send(&format!("+3361{number:07}")).await.unwrap().status, 200);
    }
    sink.until(|arrived| arrived.len() == 20).await;
    process.stop();
    let seen = "SELECT concat_ws(' ', application, change, synchronous_commit, count(*)) FROM witness
        GROUP BY application, change, synchronous_commit ORDER BY change DESC";
    assert_eq!(ask(&db, seen).await, ["verifyd INSERT on 20", "verifyd DELETE off 20"]);
    db.close().await.unwrap();
    installation.database.remove().await;
}

async fn ask(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}
