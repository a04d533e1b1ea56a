//! What happens after the answer: how fast, how soon, and who is held up by whom.

mod backlog;
mod drain;
mod hanging;
mod hearers;
mod open_loop;
mod times;

use std::{path::Path, time::Duration};

use rusqlite::Connection;

use crate::{
    Fallible,
    goals::{Goal, Line},
    phases::Running,
    postgres::{Postgres, psql},
    product::Installation,
    report,
    run::Extent,
};

/// What is to be reached on one store.
struct Goals {
    rate: (&'static str, &'static str, f64),
    /// Half of that per second is sent while the time is taken.
    half: u32,
    p50: &'static str,
    p99: &'static str,
}

const ON_SQLITE: Goals = Goals {
    rate: ("hand-overs from the outbox, SQLite", ">= 1,500/s", 1500.0),
    half: 750,
    p50: "answer to hand-over at 750/s, p50, SQLite",
    p99: "answer to hand-over at 750/s, p99, SQLite",
};
const ON_POSTGRES: Goals = Goals {
    rate: ("hand-overs from the outbox, PostgreSQL", ">= 2,000/s", 2000.0),
    half: 1000,
    p50: "answer to hand-over at 1,000/s, p50, PostgreSQL",
    p99: "answer to hand-over at 1,000/s, p99, PostgreSQL",
};

/// How much of it.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    /// Messages in the outbox.
    pub(crate) messages: usize,
    /// How long is sent by the schedule.
    pub(crate) time: Duration,
}

impl Sample {
    /// For the table of the default run.
    pub(crate) const SHORT: Self = Self { messages: 8_000, time: Duration::from_secs(5) };
    const LONG: Self = Self { messages: 30_000, time: Duration::from_secs(15) };
}

/// Measures everything and prints it.
pub(crate) fn measure(binary: &Path, postgres: &Postgres, extent: Extent) -> Fallible<()> {
    let mut lines = speed(binary, postgres, Sample::LONG)?;
    let (alone, together) = hanging::measure(binary, postgres)?;
    let words = ("answer to hand-over beside a hanging provider, p99", "the same without it", "<= 2 s");
    lines.push(at_most(words, 2000.0, together.handed_over.p99, millis(alone.handed_over.p99)));
    let words = ("answer to callback beside 100 hanging receivers, p99", "the same without them", "<= 2 s");
    lines.push(at_most(words, 2000.0, together.told.p99, millis(alone.told.p99)));
    lines.extend(backlog::measure(binary, postgres, extent)?);
    report::keep("delivery.md", &format!("## Delivery\n\n{}", report::goals(&lines)))
}

/// Rate and times on both stores.
pub(crate) fn speed(binary: &Path, postgres: &Postgres, sample: Sample) -> Fallible<Vec<Line>> {
    let sqlite = Running::start(Installation::on_sqlite(binary, "delivery_sqlite")?, None)?;
    let mut lines = speed_on(sqlite, &ON_SQLITE, sample)?;
    let installation = Installation::on_postgres(binary, "delivery", postgres)?;
    lines.extend(speed_on(Running::start(installation, postgres.pid())?, &ON_POSTGRES, sample)?);
    Ok(lines)
}

fn speed_on(running: Running, goals: &Goals, sample: Sample) -> Fallible<Vec<Line>> {
    println!("{}", goals.rate.0);
    let sink = drain::sink_alone(Duration::from_secs(1))?;
    let (running, rate) = drain::measure(running, sample.messages)?;
    let times = times::measure(&running, goals.half, sample.time, |_| crate::work::TEMPLATE, |_| true)?;
    let (figure, goal, at_least) = goals.rate;
    let words = (figure, "the sink by itself, 32 connections", goal);
    Ok(vec![
        crate::goals::once(words, Goal::AtLeast(at_least), rate, format!("{rate:.0}/s"), format!("{sink:.0}/s")),
        at_most((goals.p50, "-", "<= 20 ms"), 20.0, times.p50, "-".to_owned()),
        at_most((goals.p99, "-", "<= 150 ms"), 150.0, times.p99, "-".to_owned()),
    ])
}

fn at_most(words: (&'static str, &'static str, &'static str), bound: f64, value: f64, limit: String) -> Line {
    crate::goals::once(words, Goal::AtMost(bound), value, millis(value), limit)
}

fn millis(value: f64) -> String {
    format!("{value:.2} ms")
}

/// Runs SQL on either store.
fn execute(url: &str, sql: &str) -> Fallible<()> {
    match url.strip_prefix("sqlite://") {
        Some(file) => Connection::open(file)?.execute_batch(sql)?,
        None => drop(psql(url, sql)?),
    }
    Ok(())
}
