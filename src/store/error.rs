//! What can go wrong in the store.

use sea_orm::{DbErr, RuntimeErr, sqlx};

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Something of that name exists.
    #[error("it exists already")]
    Conflict,
    /// A row does not fit the types.
    #[error("table {table} holds a row that cannot be read: {reason}")]
    Broken {
        /// The table.
        table: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Too much is waiting; nothing was written.
    #[error("the store is overloaded")]
    Overloaded,
    /// The database did not answer in time or at all. Whether the change was made is not known.
    #[error("the database did not answer")]
    Unavailable,
    /// The database said no.
    #[error("database: {0}")]
    Database(#[source] DbErr),
    /// The database is not fit for use; the text says why and what to do.
    #[error("{0}")]
    Unfit(String),
}

impl From<DbErr> for StoreError {
    fn from(err: DbErr) -> Self {
        if matches!(err.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_))) {
            return Self::Conflict;
        }
        Self::Database(err)
    }
}

/// Whether the database refused what a statement says, so that nothing of it was kept and a part of it may be kept alone.
///
/// A database that is locked, stopping or out of time would refuse every part as well, each after the same wait.
pub(super) fn is_refusal(err: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(source)) | DbErr::Query(RuntimeErr::SqlxError(source))) = err else {
        return false;
    };
    let sqlx::Error::Database(refusal) = &**source else { return false };
    !refusal.code().is_some_and(|code| is_busy(&code))
}

/// `SQLite`'s BUSY and its kinds, and `PostgreSQL`'s class 57 (operator intervention, statement timeout).
fn is_busy(code: &str) -> bool {
    matches!(code, "5" | "261" | "517" | "773") || (code.len() == 5 && code.starts_with("57"))
}
