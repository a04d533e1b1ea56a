//! Recipients' ledgers beside the writer: forgetting them, and lifting what they refuse.

use sea_orm::{ConnectionTrait, Statement};

use super::{Store, StoreError, retention::oldest};
use crate::core::{
    clock::Timestamp,
    ledger::{Ledger, Unreadable},
};

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

    /// Looks at the next `limit` ledgers, around and around, and drops those of no more use; how many.
    pub(super) async fn sweep_ledgers(&self, limit: i64, now: Timestamp) -> Result<u64, StoreError> {
        let done = self.watermark("ledgers").await?;
        let next = "SELECT MAX(key) FROM (SELECT key FROM ledger WHERE key > $1 ORDER BY key LIMIT $2) AS chunk";
        let statement = Statement::from_sql_and_values(self.backend, next, [done.into(), limit.into()]);
        let row = self.write.query_one_raw(statement).await?;
        let Some(upto) = row.map(|row| row.try_get_by_index::<Option<i64>>(0)).transpose()?.flatten() else {
            if done != i64::MIN {
                self.set_watermark("ledgers", i64::MIN).await?;
            }
            return Ok(0);
        };
        let sql = "DELETE FROM ledger WHERE key > $1 AND key <= $2 AND version < $3";
        let dropped = self.run(sql, [done.into(), upto.into(), oldest(Ledger::KEPT, now).into()]).await?;
        self.set_watermark("ledgers", upto).await?;
        Ok(dropped)
    }
}

fn broken(err: &Unreadable) -> StoreError {
    StoreError::Broken { table: "ledger", reason: err.to_string() }
}
