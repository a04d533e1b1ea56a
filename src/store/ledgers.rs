//! Recipients' ledgers beside the writer: forgetting them, and lifting what they refuse.

use sea_orm::{ConnectionTrait, Statement};

use super::{Store, StoreError};
use crate::core::clock::Timestamp;

impl Store {
    /// Forgives a recipient everything. Sends that read the ledger before read it again: it has another version now.
    pub async fn clear_ledger(&self, key: i64, version: i64) -> Result<bool, StoreError> {
        let sql =
            r#"UPDATE ledger SET previous = version, version = $2, log = '{"entries":[],"wrong":0}' WHERE key = $1"#;
        Ok(self.run(sql, [key.into(), version.into()]).await? == 1)
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
        let sql = "DELETE FROM ledger WHERE key > $1 AND key <= $2 AND until <= $3";
        let dropped = self.run(sql, [done.into(), upto.into(), now.millis().into()]).await?;
        self.set_watermark("ledgers", upto).await?;
        Ok(dropped)
    }
}
