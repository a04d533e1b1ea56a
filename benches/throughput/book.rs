//! What was measured, round by round, and the medians of it.

use std::collections::BTreeMap;

/// Who did the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// verifyd on `SQLite`.
    Sqlite,
    /// verifyd on `PostgreSQL`.
    Postgres,
    /// verifyd with a store that keeps nothing.
    Discard,
    /// poem-openapi with an empty handler.
    Hello,
    /// pgbench with the statements of verifyd.
    Pgbench,
    /// A loop around `SQLite`, one commit per operation.
    Rusqlite,
    /// 4 KiB writes, each followed by fdatasync.
    Disk,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    /// A code was sent.
    Send,
    /// A code was checked.
    Verify,
    /// A block was written and synced.
    Sync,
}

/// One thing that is measured once per round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Case {
    /// Who.
    pub(crate) subject: Subject,
    /// What.
    pub(crate) operation: Operation,
    /// How many closed-loop callers at once.
    pub(crate) connections: usize,
}

/// One measurement of one case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    /// Operations per second.
    pub(crate) rate: f64,
    /// Median latency in milliseconds.
    pub(crate) p50: Option<f64>,
    /// 99th percentile of latency in milliseconds.
    pub(crate) p99: Option<f64>,
    /// CPU seconds of the serving process per 1,000 operations.
    pub(crate) cpu: Option<f64>,
    /// The same for a send until everything was delivered.
    pub(crate) cpu_delivered: Option<f64>,
    /// CPU seconds of the database's processes per 1,000 operations.
    pub(crate) database_cpu: Option<f64>,
    /// Deliveries per second from the first send to the last arrival.
    pub(crate) delivery_rate: Option<f64>,
}

/// All measurements of a run.
#[derive(Default)]
pub(crate) struct Book {
    shown: BTreeMap<Case, Vec<Shown>>,
}

/// Picks one figure of a measurement.
pub(crate) type Figure = fn(&Shown) -> Option<f64>;

impl Book {
    /// Notes one measurement; the n-th of a case belongs to round n.
    pub(crate) fn note(&mut self, case: Case, shown: Shown) {
        self.shown.entry(case).or_default().push(shown);
    }

    /// Every case with its number of rounds, sorted.
    pub(crate) fn cases(&self) -> impl Iterator<Item = (Case, usize)> {
        self.shown.iter().map(|(case, rounds)| (*case, rounds.len()))
    }

    /// Median of a figure over the rounds.
    pub(crate) fn median(&self, case: Case, figure: Figure) -> Option<f64> {
        median(self.shown.get(&case)?.iter().filter_map(figure).collect())
    }

    /// Lowest, median and highest of the per-round ratios of two figures, and the number of rounds.
    pub(crate) fn ratio(&self, above: (Case, Figure), below: (Case, Figure)) -> Option<Spread> {
        self.ratio_to(above, self, below)
    }

    /// The same, with the figure below the line from another book.
    pub(crate) fn ratio_to(&self, above: (Case, Figure), other: &Self, below: (Case, Figure)) -> Option<Spread> {
        let pairs = self.shown.get(&above.0)?.iter().zip(other.shown.get(&below.0)?);
        Spread::of(pairs.filter_map(|(up, down)| Some(above.1(up)? / below.1(down)?)).collect())
    }
}

/// A median with its range.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    /// The middle one.
    pub(crate) median: f64,
    /// The lowest one.
    pub(crate) low: f64,
    /// The highest one.
    pub(crate) high: f64,
    /// How many there were.
    pub(crate) rounds: usize,
}

impl Spread {
    /// Of some figures; `None` when there are none.
    pub(crate) fn of(mut values: Vec<f64>) -> Option<Self> {
        values.retain(|value| value.is_finite());
        let low = values.iter().copied().reduce(f64::min)?;
        let high = values.iter().copied().reduce(f64::max)?;
        let rounds = values.len();
        Some(Self { median: median(values)?, low, high, rounds })
    }
}

/// The middle value; the mean of the two middle ones of an even number.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 { Some(upper) } else { Some(f64::midpoint(values[middle - 1], upper)) }
}

/// A count as a number that can be divided.
#[expect(clippy::cast_precision_loss, reason = "no count in a benchmark comes near 2^52")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}
