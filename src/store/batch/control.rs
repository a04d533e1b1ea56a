//! Ways to decide that are known to be wrong: the negative controls of the race tests. A test that finds nothing wrong
//! with these would prove nothing about the right way (performance guide, section 5).

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, QueryResult, Statement, Value};

use super::{
    Attempt, Backend, Batch, Decided, NotWritten,
    met::{Met, met},
};
use crate::core::{
    clock::Timestamp,
    refusal::Refusal,
    verification::{Guess, State, Verification},
};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A guess is read, judged here, and written back: a code is accepted more than once.
    ReadThenWrite,
    /// The right code is one statement and the count of wrong ones another: the limit of guesses does not hold.
    CompareThenCount,
    /// A send looks for a live window and then makes its own: two sends hold one window.
    LookThenInsert,
    /// A ledger is written whoever else wrote it since it was read: tries are given away twice.
    LastLedgerWins,
}

/// A backend with a flaw; what the flaw is not about is left to a sound one. Takes batches of one.
pub(in crate::store) struct Flawed {
    flaw: Flaw,
    db: DatabaseConnection,
    sound: Box<Backend>,
}

impl Flawed {
    pub(in crate::store) fn new(flaw: Flaw, db: DatabaseConnection, sound: Backend) -> Self {
        Self { flaw, db, sound: Box::new(sound) }
    }

    pub(super) async fn admit(&self, batch: &mut Batch, now: Timestamp) -> Result<HashMap<usize, Refusal>, DbErr> {
        Box::pin(self.sound.admit(batch, now)).await
    }

    pub(super) async fn flush(&self, batch: &Batch, now: Timestamp) -> Result<Decided, DbErr> {
        match (self.flaw, batch.guesses.first(), batch.sends.first().and_then(|send| send.slot)) {
            (Flaw::ReadThenWrite, Some(guess), _) => self.read_then_write(guess, now).await.map(judged),
            (Flaw::CompareThenCount, Some(guess), _) => self.compare_then_count(guess, now).await.map(judged),
            (Flaw::LookThenInsert, _, Some(slot)) => self.look_then_insert(batch, slot, now).await,
            (Flaw::LastLedgerWins, _, Some(_)) => self.last_ledger_wins(batch, now).await,
            _ => Box::pin(self.sound.flush(batch, now)).await,
        }
    }

    async fn read_then_write(&self, guess: &Attempt, now: Timestamp) -> Result<Met, DbErr> {
        let (met, tag) = self.look(guess).await?;
        let Some(mut row) = met.row else { return Ok(met) };
        if !matches!(row.guess(tag.as_deref() == Some(&guess.tags[0][..]), now), Guess::Accepted | Guess::Wrong { .. })
        {
            return Ok(met);
        }
        let (attempts, verified_at) = match row.state {
            State::Pending { wrong_guesses } => (i64::from(wrong_guesses), None),
            State::Verified { at } => (1, Some(at.millis())),
        };
        let sql = "UPDATE message SET attempts = $2, verified_at = $3 WHERE id = $1";
        self.run(sql, [guess.message.0.into(), attempts.into(), verified_at.into()]).await?;
        Ok(Met { counted: true, row: Some(row), ..met })
    }

    async fn compare_then_count(&self, guess: &Attempt, now: Timestamp) -> Result<Met, DbErr> {
        let compare = "UPDATE message SET verified_at = $3, attempts = attempts + 1
            WHERE id = $1 AND tag = $2 AND verified_at IS NULL AND attempts < max_attempts AND expires_at > $3";
        let tag = guess.tags[0].to_vec();
        let right = self.run(compare, [guess.message.0.into(), tag.into(), now.millis().into()]).await? == 1;
        let (met, _) = self.look(guess).await?;
        let Some(Verification { state: State::Pending { wrong_guesses }, .. }) = met.row else {
            return Ok(Met { counted: right, ..met });
        };
        if met.row.is_some_and(|row| row.refusal(now).is_some()) {
            return Ok(met);
        }
        self.run("UPDATE message SET attempts = attempts + 1 WHERE id = $1", [guess.message.0.into()]).await?;
        let state = State::Pending { wrong_guesses: wrong_guesses + 1 };
        Ok(Met { counted: true, row: met.row.map(|row| Verification { state, ..row }), ..met })
    }

    async fn look_then_insert(&self, batch: &Batch, slot: i64, now: Timestamp) -> Result<Decided, DbErr> {
        let look = "SELECT slot FROM send_window WHERE slot = $1 AND until > $2";
        if self.ask(look, [slot.into(), now.millis().into()]).await?.is_some() {
            let held = batch.sends.iter().map(|send| (send.id, NotWritten::WindowHeld));
            return Ok(Decided { sends: held.collect(), met: vec![] });
        }
        self.run("DELETE FROM send_window WHERE slot = $1", [slot.into()]).await?;
        Box::pin(self.sound.flush(batch, now)).await
    }

    async fn last_ledger_wins(&self, batch: &Batch, now: Timestamp) -> Result<Decided, DbErr> {
        for ledger in &batch.ledgers {
            let sql = "UPDATE ledger SET version = $2 WHERE key = $1";
            self.run(sql, [ledger.key.into(), ledger.previous.into()]).await?;
        }
        Box::pin(self.sound.flush(batch, now)).await
    }

    /// The row and its tag.
    async fn look(&self, guess: &Attempt) -> Result<(Met, Option<Vec<u8>>), DbErr> {
        let sql = "SELECT CAST($2 AS bigint) AS id, CAST(0 AS bigint) AS counted, CAST(attempts AS bigint) AS attempts,
                CAST(max_attempts AS bigint) AS max_attempts, verified_at, expires_at, tag
            FROM message WHERE id = $1 AND tag IS NOT NULL";
        match self.ask(sql, [guess.message.0.into(), guess.id.into()]).await? {
            Some(row) => Ok((met(&row)?, row.try_get("", "tag")?)),
            None => Ok((Met { attempt: guess.id, counted: false, row: None, attempts: 0 }, None)),
        }
    }

    async fn ask(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<Option<QueryResult>, DbErr> {
        let backend = self.db.get_database_backend();
        self.db.query_one_raw(Statement::from_sql_and_values(backend, sql, values)).await
    }

    async fn run(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, DbErr> {
        let backend = self.db.get_database_backend();
        Ok(self.db.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?.rows_affected())
    }
}

fn judged(met: Met) -> Decided {
    Decided { met: vec![met], ..Decided::default() }
}
