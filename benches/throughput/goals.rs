//! The goals, and how far the measurements are from them.

use crate::{
    book::{Book, Case, Figure, Operation, Spread, Subject},
    limits::pgbench::CLIENTS,
    run::GOAL_CONNECTIONS,
};

/// Which way is good.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
}

impl Goal {
    fn met_by(self, value: f64) -> bool {
        match self {
            Self::AtLeast(bound) => value >= bound,
            Self::AtMost(bound) => value <= bound,
        }
    }
}

/// One line of the table of goals, ready to print.
pub(crate) struct Line {
    /// What is measured.
    pub(crate) figure: &'static str,
    /// Against what.
    pub(crate) limit: &'static str,
    /// The goal in words.
    pub(crate) goal: &'static str,
    /// What was measured.
    pub(crate) measured: String,
    /// What the limit showed.
    pub(crate) limit_measured: String,
    /// Their ratio.
    pub(crate) ratio: String,
    /// Whether the goal is met: `yes`, `no` or `-`.
    pub(crate) met: &'static str,
    /// What the figures are medians of.
    pub(crate) of: String,
}

/// What is measured once per run rather than once per round.
#[derive(Default)]
pub(crate) struct Singles {
    /// Peak resident memory on `PostgreSQL`, MB.
    pub(crate) memory_postgres: Option<f64>,
    /// Peak resident memory on `SQLite`, MB.
    pub(crate) memory_sqlite: Option<f64>,
    /// Start to first answer, milliseconds.
    pub(crate) starts: Vec<f64>,
}

const AT_LEAST_LIMIT: &str = ">= 1.2 x; aim for 2.5 x";
const AT_LEAST_LOOP: &str = ">= 2.5 x; aim for 6 x";

/// The lines that the rounds fill, in the order of the goals.
pub(crate) fn lines(book: &Book, singles: &Singles) -> Vec<Line> {
    use {
        Operation::{Send, Sync, Verify},
        Subject as S,
    };
    let clients = usize::try_from(CLIENTS).unwrap_or_default();
    let here = |subject, operation| case(subject, operation, GOAL_CONNECTIONS);
    let pgbench = |operation| case(S::Pgbench, operation, clients);
    let alone = |subject, operation| case(subject, operation, 1);
    let statement = "pgbench, same statement, prepared, 16 clients";
    let one_commit = "bare SQLite loop, one commit per operation, FULL";
    let against =
        |figure, limit, goal, bound, above, below| rate_line(book, (figure, limit, goal), bound, above, below);
    let least = Goal::AtLeast;
    vec![
        against(
            "verify over HTTP, PostgreSQL",
            statement,
            AT_LEAST_LIMIT,
            least(1.2),
            here(S::Postgres, Verify),
            pgbench(Verify),
        ),
        against(
            "send over HTTP, PostgreSQL",
            statement,
            AT_LEAST_LIMIT,
            least(1.2),
            here(S::Postgres, Send),
            pgbench(Send),
        ),
        against(
            "send over HTTP, SQLite FULL",
            one_commit,
            AT_LEAST_LOOP,
            least(2.5),
            here(S::Sqlite, Send),
            alone(S::Rusqlite, Send),
        ),
        against(
            "verify over HTTP, SQLite FULL",
            one_commit,
            AT_LEAST_LOOP,
            least(2.5),
            here(S::Sqlite, Verify),
            alone(S::Rusqlite, Verify),
        ),
        cpu_line(book, here(S::Discard, Send), here(S::Hello, Send)),
        latency_line(book, alone(S::Sqlite, Send), alone(S::Disk, Sync)),
        single(
            "resident memory under load, PostgreSQL",
            "<= 32 MB",
            32.0,
            "MB",
            singles.memory_postgres.into_iter().collect(),
        ),
        single(
            "resident memory under load, SQLite",
            "<= 64 MB",
            64.0,
            "MB",
            singles.memory_sqlite.into_iter().collect(),
        ),
        single("start to first answer, SQLite, existing database", "<= 50 ms", 50.0, "ms", singles.starts.clone()),
        elsewhere("send and recent verify with 10 million rows", "empty database", ">= 0.7", "measured by `growth`"),
        elsewhere(
            "p99 to hand-over beside a hanging provider",
            "the same without it",
            "<= 2 s",
            "measured by `delivery`",
        ),
        elsewhere(
            "p99 to callback beside 100 hanging receivers",
            "the same without them",
            "<= 2 s",
            "measured by `delivery`",
        ),
        elsewhere("p50 of send and verify, 90,000 in the outbox", "empty outbox", "<= 1.1 x", "measured by `delivery`"),
        elsewhere("CPU of MailPass, AirTexts and Optora", "EngageLab", "<= 1.15 x", "measured by `dialects`"),
        elsewhere("send and verify with limits", "without limits", ">= 0.75", "measured by `dialects`"),
        elsewhere("clean release build, CPU seconds", "-", "<= 600", "measured by `build`"),
    ]
}

fn case(subject: Subject, operation: Operation, connections: usize) -> Case {
    Case { subject, operation, connections }
}

fn rate_line(
    book: &Book,
    (figure, limit, goal): (&'static str, &'static str, &'static str),
    bound: Goal,
    above: Case,
    below: Case,
) -> Line {
    let rate: Figure = |shown| Some(shown.rate);
    let per_second = |case| book.median(case, rate).map_or_else(nothing, |rate| format!("{rate:.0}/s"));
    let ratio = book.ratio((above, rate), (below, rate));
    line((figure, limit, goal), bound, per_second(above), per_second(below), ratio)
}

fn cpu_line(book: &Book, above: Case, below: Case) -> Line {
    let cpu: Figure = |shown| shown.cpu;
    // CPU seconds per thousand are milliseconds each.
    let micros = |case| book.median(case, cpu).map_or_else(nothing, |cpu| format!("{:.1} us", cpu * 1000.0));
    let words = ("server CPU per request with an empty store", "poem-openapi hello POST with Basic auth", "<= 1.5 x");
    line(words, Goal::AtMost(1.5), micros(above), micros(below), book.ratio((above, cpu), (below, cpu)))
}

fn latency_line(book: &Book, above: Case, below: Case) -> Line {
    let p50: Figure = |shown| shown.p50;
    let one_sync: Figure = |shown| Some(1000.0 / shown.rate);
    let millis = |case, figure| book.median(case, figure).map_or_else(nothing, |time| format!("{time:.3} ms"));
    let words = ("p50 at 1 connection, SQLite send", "1 / the disk's own sync rate", "<= 6 x");
    let ratio = book.ratio((above, p50), (below, one_sync));
    line(words, Goal::AtMost(6.0), millis(above, p50), millis(below, one_sync), ratio)
}

/// A line of ratios.
pub(crate) fn line(
    (figure, limit, goal): (&'static str, &'static str, &'static str),
    bound: Goal,
    measured: String,
    limit_measured: String,
    ratio: Option<Spread>,
) -> Line {
    let (shown, met, of) = match ratio {
        Some(Spread { median, low, high, rounds }) => {
            let met = if bound.met_by(median) { "yes" } else { "no" };
            (format!("{median:.2} ({low:.2}-{high:.2})"), met, format!("median of {rounds} rounds"))
        }
        None => (nothing(), "-", nothing()),
    };
    Line { figure, limit, goal, measured, limit_measured, ratio: shown, met, of }
}

/// A line of what is measured once.
pub(crate) fn once(
    (figure, limit, goal): (&'static str, &'static str, &'static str),
    bound: Goal,
    value: f64,
    measured: String,
    limit_measured: String,
) -> Line {
    let met = if bound.met_by(value) { "yes" } else { "no" };
    Line { figure, limit, goal, measured, limit_measured, ratio: nothing(), met, of: "one run".to_owned() }
}

fn single(figure: &'static str, goal: &'static str, at_most: f64, unit: &str, values: Vec<f64>) -> Line {
    let spread = Spread::of(values);
    let measured = spread.map_or_else(nothing, |spread| format!("{:.1} {unit}", spread.median));
    let met = spread.map_or("-", |spread| if spread.median <= at_most { "yes" } else { "no" });
    let of = match spread.map(|spread| spread.rounds) {
        None => nothing(),
        Some(1) => "peak of the run".to_owned(),
        Some(times) => format!("median of {times} starts"),
    };
    Line { figure, limit: "-", goal, measured, limit_measured: nothing(), ratio: nothing(), met, of }
}

fn elsewhere(figure: &'static str, limit: &'static str, goal: &'static str, how: &str) -> Line {
    let measured = how.to_owned();
    Line { figure, limit, goal, measured, limit_measured: nothing(), ratio: nothing(), met: "-", of: nothing() }
}

fn nothing() -> String {
    "-".to_owned()
}
