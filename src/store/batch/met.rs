//! What a guess met in the database, and what that means.

use sea_orm::{DbErr, QueryResult};

use super::{Answered, GuessOutcome};
use crate::core::{
    clock::Timestamp,
    verification::{Guess, State, Verification},
};

/// The row a guess was aimed at.
pub(super) struct Met {
    /// Id of the guess.
    pub(super) attempt: i64,
    /// Whether this guess was compared.
    pub(super) counted: bool,
    /// The row; with this guess in it if it was counted. `None` when there is no row to verify.
    pub(super) row: Option<Verification>,
    /// Guesses of the row that were compared.
    pub(super) attempts: u8,
}

impl Met {
    /// `None` when the row changed between our write and our look, so that it has to be asked again.
    pub(super) fn outcome(&self, now: Timestamp) -> Option<GuessOutcome> {
        let Some(row) = &self.row else { return Some(None) };
        let guess = match row.state {
            _ if !self.counted => row.refusal(now)?,
            State::Verified { .. } => Guess::Accepted,
            State::Pending { wrong_guesses } => Guess::Wrong { left: row.max_guesses.saturating_sub(wrong_guesses) },
        };
        Some(Some(Answered { guess, attempts: self.attempts }))
    }

    /// As if the guess had been right.
    #[cfg(feature = "discard")]
    pub(super) const fn right(attempt: &super::Attempt) -> Self {
        let at = Timestamp::from_millis(0);
        let row = Verification { expires_at: at, max_guesses: 1, state: State::Verified { at } };
        Self { attempt: attempt.id, counted: true, row: Some(row), attempts: 1 }
    }
}

/// Reads a row with the columns `id, counted, attempts, max_attempts, verified_at, expires_at` (all 64-bit).
pub(super) fn met(row: &QueryResult) -> Result<Met, DbErr> {
    let attempt = row.try_get("", "id")?;
    let counted = row.try_get::<Option<i64>>("", "counted")?.unwrap_or(0) != 0;
    let Some(expires_at) = row.try_get::<Option<i64>>("", "expires_at")? else {
        return Ok(Met { attempt, counted: false, row: None, attempts: 0 });
    };
    let attempts = small(row, "attempts")?;
    Ok(Met { attempt, counted, row: Some(verification(row, expires_at, attempts)?), attempts })
}

fn small(row: &QueryResult, column: &str) -> Result<u8, DbErr> {
    row.try_get::<i64>("", column).map(|number| u8::try_from(number).unwrap_or(u8::MAX))
}

fn verification(row: &QueryResult, expires_at: i64, attempts: u8) -> Result<Verification, DbErr> {
    let state = match row.try_get::<Option<i64>>("", "verified_at")? {
        Some(at) => State::Verified { at: Timestamp::from_millis(at) },
        None => State::Pending { wrong_guesses: attempts },
    };
    Ok(Verification { expires_at: Timestamp::from_millis(expires_at), max_guesses: small(row, "max_attempts")?, state })
}
