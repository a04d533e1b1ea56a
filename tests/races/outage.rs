//! The database stops: callers hear of it in time, nothing is said that is not so, and it goes on by itself afterwards.

use std::time::{Duration, Instant};

use verifyd::service::{Cause, Error};

use crate::{
    place::{Place, Sql},
    race::{Gate, plant},
};

/// Promise "degrade safely", and what a busy machine adds.
const PATIENCE: Duration = Duration::from_millis(2500 + 300);
const CODE: &str = "135790";

on_both_databases!(threads: 2; a_stopped_database_is_an_error_in_time_and_nothing_else);

async fn a_stopped_database_is_an_error_in_time_and_nothing_else(place: Place) {
    let node = place.node().await;
    let gate = Gate::from(&node);
    let (first, second) = (plant(&gate, CODE).await, plant(&gate, CODE).await);
    let stopped = stop(&place).await;
    let started = Instant::now();
    let (right, wrong) = tokio::join!(
        gate.service.verify_code(&gate.caller, first, CODE),
        gate.service.verify_code(&gate.caller, second, "000000"),
    );
    let took = started.elapsed();
    for answer in [right, wrong] {
        assert!(matches!(answer, Err(Error::Internal(Cause::Store(_)))), "{answer:?}");
    }
    assert!(took < PATIENCE, "the caller waited {took:?}");
    start(&stopped).await;
    // The writer may still be at what the callers no longer wait for.
    let deadline = Instant::now() + Duration::from_secs(10);
    let answer = loop {
        match gate.service.verify_code(&gate.caller, first, CODE).await {
            Err(Error::Internal(_)) if Instant::now() < deadline => {}
            answer => break answer,
        }
    };
    assert!(matches!(answer, Ok(true)), "what was answered with an error had been counted: {answer:?}");
    assert!(matches!(gate.service.verify_code(&gate.caller, first, CODE).await, Err(Error::CodeUsed)));
}

/// What holds the database up, and the name of the database.
struct Stopped {
    sql: Sql,
    restart: String,
}

async fn stop(place: &Place) -> Stopped {
    if !place.is_postgres() {
        let sql = place.sql_of_one_connection().await;
        sql.run("BEGIN EXCLUSIVE").await;
        return Stopped { sql, restart: "ROLLBACK".into() };
    }
    let (sql, name) = (place.server().await, place.name());
    sql.run(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await;
    sql.run(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")).await;
    Stopped { sql, restart: format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true") }
}

async fn start(stopped: &Stopped) {
    stopped.sql.run(&stopped.restart).await;
}
