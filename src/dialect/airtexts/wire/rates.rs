//! How much of each rate is used (spec 2.2, `rate-limits`).

use poem_openapi::{Object, types::Example};

use super::{time, whole};
use crate::service::Count;

envelope!(
    /// The answer to a question for rates.
    RatesShown,
    Rates
);

/// How much of each rate is used.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct Rates {
    /// Whether a send would be refused now.
    blocked: bool,
    /// Seconds until it would not; 0 where it would not be refused.
    retry_after: i64,
    /// Each rate.
    limits: Vec<Rate>,
}

/// One rate.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct Rate {
    /// `account`, `recipient` or `resend`.
    scope: String,
    /// Calls in one window.
    limit: i64,
    /// Length of the window.
    window_seconds: i64,
    /// Calls in this window so far.
    used: i64,
    /// Calls that are left in it.
    remaining: i64,
    /// When it ends.
    reset_at: String,
}

impl Rates {
    pub(in super::super) fn of(blocked_for: Option<i64>, limits: Vec<Rate>) -> Self {
        Self { blocked: blocked_for.is_some(), retry_after: blocked_for.unwrap_or(0), limits }
    }
}

impl Rate {
    pub(in super::super) fn of(scope: &str, window_seconds: u64, count: Count) -> Self {
        Self {
            scope: scope.to_owned(),
            limit: count.limit.into(),
            window_seconds: whole(window_seconds),
            used: count.used.into(),
            remaining: count.limit.saturating_sub(count.used).into(),
            reset_at: time(count.resets_at),
        }
    }
}

impl Example for Rate {
    fn example() -> Self {
        Self {
            scope: "account".to_owned(),
            limit: 100,
            window_seconds: 60,
            used: 3,
            remaining: 97,
            reset_at: "2026-01-10T12:01:00Z".to_owned(),
        }
    }
}

impl Example for Rates {
    fn example() -> Self {
        Self { blocked: false, retry_after: 0, limits: vec![Rate::example()] }
    }
}
