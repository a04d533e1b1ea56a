//! Recipients' ledgers: reading them, lifting what they refuse, and forgetting them. The writer writes them (`store/batch`).

mod read;
mod sweep;

use sea_orm::{ConnectionTrait, Statement};

use super::{Store, StoreError};
use crate::core::{
    clock::Timestamp,
    ledger::{Ledger, Unreadable},
};

pub(super) use read::{Kept, settled};

/// How often forgiving is begun anew when a send came between.
const TRIES: usize = 16;

impl Store {
    /// Forgives a recipient what an application may not send it any more; false when nothing was known of it. Sends that read
    /// the ledger before read it again: it has another version now.
    pub async fn forgive(&self, key: i64, app: i64, version: i64, now: Timestamp) -> Result<bool, StoreError> {
        for _ in 0..TRIES {
            let Some((read, mut ledger)) = self.ledger(key).await? else { return Ok(false) };
            ledger.forgive(app, now);
            let log = ledger.to_bytes().map_err(|err| broken(&err))?;
            let sql = "UPDATE ledger SET previous = version, version = $2, log = $3 WHERE key = $1 AND version = $4";
            if self.run(sql, [key.into(), version.into(), log.into(), read.into()]).await? == 1 {
                return Ok(true);
            }
        }
        Err(StoreError::Overloaded)
    }

    /// A ledger and its version.
    pub async fn ledger(&self, key: i64) -> Result<Option<(i64, Ledger)>, StoreError> {
        let sql = "SELECT version, log FROM ledger WHERE key = $1";
        let row = self.write.query_one_raw(Statement::from_sql_and_values(self.backend, sql, [key.into()])).await?;
        let Some(row) = row else { return Ok(None) };
        let log: Vec<u8> = row.try_get("", "log")?;
        Ok(Some((row.try_get("", "version")?, Ledger::from_bytes(&log).map_err(|err| broken(&err))?)))
    }
}

fn broken(err: &Unreadable) -> StoreError {
    StoreError::Broken { table: "ledger", reason: err.to_string() }
}
