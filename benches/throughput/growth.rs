//! Whether many old messages make new ones slow.

use std::{path::Path, time::Instant};

use rusqlite::{Connection, named_params};

use crate::{
    Fallible,
    book::{Book, Case, Figure, Operation, Subject},
    phases::Running,
    postgres::{Postgres, psql},
    product::Installation,
    report,
    run::{Extent, GOAL_CONNECTIONS},
};

const SQLITE: &str = include_str!("sql/growth_sqlite.sql");
const POSTGRES: &str = include_str!("sql/growth_postgres.sql");
/// Messages of one transaction of the filling.
const CHUNK: u32 = 250_000;
/// Milliseconds since the epoch of the ids, less a minute: the newest of the old messages was made then.
const NEWEST_SQLITE: &str = "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER) - 1288834974657 - 60000";
const NEWEST_POSTGRES: &str = "SELECT (extract(epoch FROM now()) * 1000)::bigint - 1288834974657 - 60000;";
const CONNECTIONS: [usize; 2] = [1, GOAL_CONNECTIONS];
const OPERATIONS: [Operation; 2] = [Operation::Send, Operation::Verify];
const HEADER: [&str; 7] = ["store", "connections", "empty/s", "full/s", "full / empty (range)", "goal", "met"];
const GOAL: f64 = 0.7;

/// Compares a database of `rows` messages with an empty one, on both stores, in interleaved rounds.
pub(crate) fn measure(binary: &Path, postgres: &Postgres, rows: u32, extent: Extent) -> Fallible<()> {
    let full = Installation::on_sqlite(binary, "sqlite_full")?;
    timed("SQLite", rows, || fill_sqlite(&full.database_url, rows))?;
    let pair = [Running::start(Installation::on_sqlite(binary, "sqlite_empty")?, None)?, Running::start(full, None)?];
    let mut lines = compare("SQLite", &pair, extent)?;
    drop(pair);
    let full = Installation::on_postgres(binary, "full", postgres)?;
    timed("PostgreSQL", rows, || fill_postgres(&full.database_url, rows))?;
    let empty = Running::start(Installation::on_postgres(binary, "empty", postgres)?, postgres.pid())?;
    lines.extend(compare("PostgreSQL", &[empty, Running::start(full, postgres.pid())?], extent)?);
    let title = format!("## {rows} messages against none\n\nMedians of the per-round ratios.\n\n");
    report::keep("growth.md", &(title + &report::table(&HEADER, &lines)))
}

fn timed(store: &str, rows: u32, fill: impl FnOnce() -> Fallible<()>) -> Fallible<()> {
    let started = Instant::now();
    fill()?;
    println!("{store}: {rows} messages laid in within {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// First and last number of each transaction.
fn chunks(rows: u32) -> impl Iterator<Item = (u32, u32)> {
    (1..=rows).step_by(CHUNK as usize).map(move |first| (first, rows.min(first - 1 + CHUNK)))
}

fn fill_sqlite(url: &str, rows: u32) -> Fallible<()> {
    let database = Connection::open(url.strip_prefix("sqlite://").ok_or("not an SQLite URL")?)?;
    database.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;")?;
    let newest: i64 = database.query_row(NEWEST_SQLITE, [], |row| row.get(0))?;
    for (first, last) in chunks(rows) {
        for sql in SQLITE.split_inclusive(';').filter(|sql| sql.contains("INSERT")) {
            let base = newest - i64::from(rows);
            database.execute(sql, named_params! { ":base": base, ":first": first, ":last": last })?;
        }
    }
    Ok(database.execute_batch("PRAGMA journal_mode = WAL;")?)
}

fn fill_postgres(url: &str, rows: u32) -> Fallible<()> {
    let newest: i64 = psql(url, NEWEST_POSTGRES)?.parse()?;
    let base = newest - i64::from(rows);
    for (first, last) in chunks(rows) {
        let variables = format!("\\set base {base}\n\\set first {first}\n\\set last {last}\n");
        psql(url, &format!("SET synchronous_commit = off;\n{variables}{POSTGRES}"))?;
    }
    psql(url, "VACUUM ANALYZE; CHECKPOINT;")?;
    Ok(())
}

/// The empty and the full one take turns.
fn compare(store: &str, pair: &[Running; 2], extent: Extent) -> Fallible<Vec<[String; 7]>> {
    // The subject is the same in both; two books keep the empty and the full one apart.
    let mut books = [Book::default(), Book::default()];
    for nth in 1..=extent.rounds {
        println!("{store}, round {nth} of {}", extent.rounds);
        for connections in CONNECTIONS {
            for (running, book) in pair.iter().zip(&mut books) {
                crate::run::send_then_verify(book, Subject::Sqlite, running, connections, extent.window)?;
            }
        }
    }
    let cases = CONNECTIONS.into_iter().flat_map(|connections| OPERATIONS.map(|operation| (operation, connections)));
    Ok(cases.map(|(operation, connections)| row(store, &books, operation, connections)).collect())
}

fn row(store: &str, [empty, full]: &[Book; 2], operation: Operation, connections: usize) -> [String; 7] {
    let rate: Figure = |shown| Some(shown.rate);
    let case = Case { subject: Subject::Sqlite, operation, connections };
    let per_second = |book: &Book| book.median(case, rate).map_or_else(|| "-".to_owned(), |rate| format!("{rate:.0}"));
    let spread = full.ratio_to((case, rate), empty, (case, rate));
    let (ratio, met) = spread.map_or(("-".to_owned(), "-"), |spread| {
        let met = if spread.median >= GOAL { "yes" } else { "no" };
        (format!("{:.2} ({:.2}-{:.2})", spread.median, spread.low, spread.high), met)
    });
    let name = format!("{store} {operation:?}").to_lowercase();
    [name, connections.to_string(), per_second(empty), per_second(full), ratio, ">= 0.7".to_owned(), met.to_owned()]
}
