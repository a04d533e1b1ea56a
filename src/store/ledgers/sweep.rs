//! Ledgers of no more use are forgotten. Of the others is written down how their codes ended, before the messages go that tell:
//! what was guessed wrong since the last right guess counts until there is one, or an operator forgives it, however long that takes.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde::Serialize;

use super::{broken, settled};
use crate::{
    core::{clock::Timestamp, hex::hex, ledger::Ledger},
    store::{Store, StoreError, retention::oldest},
};

const CHUNK: &str = "SELECT MAX(key) FROM (SELECT key FROM ledger WHERE key > $1 ORDER BY key LIMIT $2) AS chunk";
const QUIET: &str = "SELECT key FROM ledger WHERE key > $1 AND key <= $2 AND version < $3";
/// Those of a version of `$1` or later have been changed meanwhile.
const DROP: [&str; 2] = [
    "DELETE FROM ledger WHERE version < $1 AND key IN (SELECT value FROM json_each($2))",
    "DELETE FROM ledger WHERE version < $1 AND key IN (SELECT value::bigint FROM json_array_elements_text($2::json))",
];
/// Likewise. They keep their version: whoever has read one has seen the same messages.
const WRITE: [&str; 2] = [
    "UPDATE ledger SET log = unhex(said.value->>1) FROM json_each($2) AS said
     WHERE ledger.key = said.value->>0 AND version < $1",
    "UPDATE ledger SET log = decode(said.value->>1, 'hex') FROM json_array_elements($2::json) AS said (value)
     WHERE ledger.key = (said.value->>0)::bigint AND version < $1",
];

impl Store {
    /// Looks at the next `limit` ledgers, around and around; how many were dropped or written anew.
    /// Reading them holds up no send.
    pub(in crate::store) async fn sweep_ledgers(&self, limit: i64, now: Timestamp) -> Result<u64, StoreError> {
        let done = self.watermark("ledgers").await?;
        let statement = Statement::from_sql_and_values(self.backend, CHUNK, [done.into(), limit.into()]);
        let row = self.read.query_one_raw(statement).await?;
        let Some(upto) = row.map(|row| row.try_get_by_index::<Option<i64>>(0)).transpose()?.flatten() else {
            if done != i64::MIN {
                self.set_watermark("ledgers", i64::MIN).await?;
            }
            return Ok(0);
        };
        let old = oldest(Ledger::RECENT, now);
        let statement = Statement::from_sql_and_values(self.backend, QUIET, [done.into(), upto.into(), old.into()]);
        let rows = self.read.query_all_raw(statement).await?;
        let quiet = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<BTreeSet<_>, _>>()?;
        let touched = if quiet.is_empty() { 0 } else { self.settle_ledgers(&quiet, old, now).await? };
        self.set_watermark("ledgers", upto).await?;
        Ok(touched)
    }

    async fn settle_ledgers(&self, quiet: &BTreeSet<i64>, old: i64, now: Timestamp) -> Result<u64, StoreError> {
        let (mut gone, mut changed) = (vec![], vec![]);
        for (key, kept) in settled(&self.read, quiet, now).await? {
            let log = kept.ledger.to_bytes().map_err(|err| broken(&err))?;
            if kept.ledger.is_empty() {
                gone.push(key);
            } else if log != kept.log {
                changed.push((key, hex(&log)));
            }
        }
        Ok(self.change_ledgers(DROP, old, &gone).await? + self.change_ledgers(WRITE, old, &changed).await?)
    }

    async fn change_ledgers<T: Serialize>(&self, sql: [&str; 2], old: i64, rows: &[T]) -> Result<u64, StoreError> {
        if rows.is_empty() {
            return Ok(0);
        }
        let rows = serde_json::to_string(rows).map_err(|err| broken(&err.into()))?;
        let [sqlite, postgres] = sql;
        let sql = if self.backend == DbBackend::Postgres { postgres } else { sqlite };
        self.run(sql, [old.into(), rows.into()]).await
    }
}
