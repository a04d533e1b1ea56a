//! Whether many messages that wait for their delivery make sends and verifies slower.

use std::path::Path;

use crate::{
    Fallible,
    book::{Book, Case, Figure, Operation, Subject},
    goals::{Goal, Line},
    phases::Running,
    postgres::Postgres,
    product::Installation,
    run::{self, Extent, GOAL_CONNECTIONS},
};

const SQLITE: &str = include_str!("../sql/backlog_sqlite.sql");
const POSTGRES: &str = include_str!("../sql/backlog_postgres.sql");
const GOAL: &str = "<= 1.1 x";

/// Compares an outbox of 90,000 (at 100,000 sends are refused, and for a moment they outrun the deliveries) with an empty one, on both stores, in interleaved rounds.
pub(crate) fn measure(binary: &Path, postgres: &Postgres, extent: Extent) -> Fallible<Vec<Line>> {
    let full = Installation::on_sqlite(binary, "backlog_sqlite")?;
    super::execute(&full.database_url, SQLITE)?;
    let empty = Installation::on_sqlite(binary, "no_backlog_sqlite")?;
    let mut lines = compare(
        Subject::Sqlite,
        ["send p50, 90,000 in the outbox, SQLite", "verify p50, 90,000 in the outbox, SQLite"],
        &[Running::start(empty, None)?, Running::start(full, None)?],
        extent,
    )?;
    let full = Installation::on_postgres(binary, "backlog", postgres)?;
    super::execute(&full.database_url, POSTGRES)?;
    let empty = Installation::on_postgres(binary, "no_backlog", postgres)?;
    lines.extend(compare(
        Subject::Postgres,
        ["send p50, 90,000 in the outbox, PostgreSQL", "verify p50, 90,000 in the outbox, PostgreSQL"],
        &[Running::start(empty, postgres.pid())?, Running::start(full, postgres.pid())?],
        extent,
    )?);
    Ok(lines)
}

fn compare(subject: Subject, figures: [&'static str; 2], pair: &[Running; 2], extent: Extent) -> Fallible<Vec<Line>> {
    let mut books = [Book::default(), Book::default()];
    for nth in 1..=extent.rounds {
        println!("{subject:?} with and without a backlog, round {nth} of {}", extent.rounds);
        // Whoever comes second meets the first one's pages being written back: they take turns in that too.
        let order = if nth % 2 == 0 { [1, 0] } else { [0, 1] };
        for which in order {
            run::send_then_verify(&mut books[which], subject, &pair[which], GOAL_CONNECTIONS, extent.window)?;
        }
    }
    let p50: Figure = |shown| shown.p50;
    let [empty, full] = &books;
    let line = |(operation, figure)| {
        let case = Case { subject, operation, connections: GOAL_CONNECTIONS };
        let millis =
            |book: &Book| book.median(case, p50).map_or_else(|| "-".to_owned(), |time| format!("{time:.3} ms"));
        let ratio = full.ratio_to((case, p50), empty, (case, p50));
        let words = (figure, "the same with an empty outbox", GOAL);
        crate::goals::line(words, Goal::AtMost(1.1), millis(full), millis(empty), ratio)
    };
    Ok([Operation::Send, Operation::Verify].into_iter().zip(figures).map(line).collect())
}
