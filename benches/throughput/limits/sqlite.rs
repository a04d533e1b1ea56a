//! The ungrouped limit on `SQLite`: the statements of a send or a verify in a loop, one commit per operation.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use rusqlite::{Connection, Statement};

use crate::{
    Fallible,
    book::{Shown, float},
    phases::per_thousand,
    proc,
};

const SCHEMA: &str = include_str!("../sql/sqlite_schema.sql");
const SEND: &str = include_str!("../sql/sqlite_send.sql");
const VERIFY: &str = include_str!("../sql/sqlite_verify.sql");
/// The same settings as verifyd's own.
const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384;
    PRAGMA wal_autocheckpoint = 4000; PRAGMA foreign_keys = ON;";

/// 2^64 divided by the golden ratio: its multiples spread evenly.
const GOLDEN: i64 = 0x9e37_79b9_7f4a_7c15_u64.cast_signed();

/// A database of its own, with tables of the shape of verifyd's.
pub(crate) struct Loop {
    connection: Connection,
    last_sent: i64,
    last_verified: i64,
}

impl Loop {
    /// Makes the database in the directory.
    pub(crate) fn prepare(directory: &Path) -> Fallible<Self> {
        let connection = Connection::open(directory.join("limit.db"))?;
        connection.execute_batch(PRAGMAS)?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self { connection, last_sent: 0, last_verified: 0 })
    }

    /// Writes sends for a while.
    pub(crate) fn send(&mut self, time: Duration) -> Fallible<Shown> {
        let mut statements = prepare(&self.connection, SEND)?;
        measure(time, || {
            self.last_sent += 1;
            commit(&self.connection, &mut statements, self.last_sent)?;
            Ok(true)
        })
    }

    /// Verifies, for a while at most, what was sent and not verified yet.
    pub(crate) fn verify(&mut self, time: Duration) -> Fallible<Shown> {
        let mut statements = prepare(&self.connection, VERIFY)?;
        let shown = measure(time, || {
            if self.last_verified == self.last_sent {
                return Ok(false);
            }
            self.last_verified += 1;
            commit(&self.connection, &mut statements, self.last_verified)?;
            Ok(true)
        })?;
        drop(statements);
        self.assert_verified()?;
        Ok(shown)
    }

    /// A limit that did not do the work is no limit.
    fn assert_verified(&self) -> Fallible<()> {
        let sql = "SELECT count(*) FROM message WHERE verified_at IS NOT NULL";
        let verified: i64 = self.connection.query_row(sql, [], |row| row.get(0))?;
        if verified == self.last_verified { Ok(()) } else { Err("the SQLite limit did not verify every row".into()) }
    }
}

fn prepare<'a>(connection: &'a Connection, sql: &str) -> Fallible<Vec<Statement<'a>>> {
    let texts = sql.split(';').filter(|text| !text.trim().is_empty());
    texts.map(|text| Ok(connection.prepare(text)?)).collect()
}

fn commit(connection: &Connection, statements: &mut [Statement<'_>], id: i64) -> Fallible<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    for statement in statements {
        run(statement, id)?;
    }
    Ok(connection.execute_batch("COMMIT")?)
}

/// Runs a statement with the parameters it names: `:id` (1, 2, ...) and `:digest`, which is spread like a hash of it.
fn run(statement: &mut Statement<'_>, id: i64) -> Fallible<()> {
    if let Some(at) = statement.parameter_index(":id")? {
        statement.raw_bind_parameter(at, id)?;
    }
    if let Some(at) = statement.parameter_index(":digest")? {
        statement.raw_bind_parameter(at, id.wrapping_mul(GOLDEN))?;
    }
    let mut rows = statement.raw_query();
    while rows.next()?.is_some() {}
    Ok(())
}

fn measure(time: Duration, mut operation: impl FnMut() -> Fallible<bool>) -> Fallible<Shown> {
    let mut latency = Histogram::<u64>::new_with_bounds(1, 60_000_000, 3)?;
    let cpu = proc::cpu_seconds_of_this_thread()?;
    let started = Instant::now();
    while started.elapsed() < time {
        let asked = Instant::now();
        if !operation()? {
            break;
        }
        latency.saturating_record(u64::try_from(asked.elapsed().as_micros())?);
    }
    let quantile = |at| Some(float(latency.value_at_quantile(at)) / 1000.0);
    Ok(Shown {
        rate: float(latency.len()) / started.elapsed().as_secs_f64(),
        p50: quantile(0.50),
        p99: quantile(0.99),
        cpu: Some(per_thousand(proc::cpu_seconds_of_this_thread()? - cpu, latency.len())),
        ..Shown::default()
    })
}
