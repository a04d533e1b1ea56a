//! What applications have spent. The writer counts it, with the events that it is the sum of (`batch`).

use std::collections::HashMap;

use entity::spend;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryResult, Statement};

use super::{NewNotice, Store, StoreError, callbacks};
use crate::core::money::Usd;

/// The balance of an application that has a limit.
#[derive(Clone, Copy, Debug)]
pub struct BalanceRow {
    /// Which.
    pub app: i64,
    /// What it may spend in all.
    pub limit: Usd,
    /// What it has spent.
    pub spent: Usd,
    /// Tell when less than this is left.
    pub alert: Option<Usd>,
    /// Whether that has been told since limit or alert were last changed.
    pub told: bool,
}

impl BalanceRow {
    /// What is left; negative when more was spent.
    #[must_use]
    pub fn left(&self) -> Usd {
        self.limit - self.spent
    }
}

impl Store {
    /// What has been spent, by application.
    pub async fn spent(&self) -> Result<HashMap<i64, Usd>, StoreError> {
        let rows = spend::Entity::find().all(&self.read).await?;
        Ok(rows.into_iter().map(|row| (row.app_id, Usd::from_micros(row.spent))).collect())
    }

    /// The balances of all applications that have a limit.
    pub async fn balances(&self) -> Result<Vec<BalanceRow>, StoreError> {
        let sql = "SELECT a.id, a.spend_limit, a.balance_alert, a.balance_told, COALESCE(s.spent, 0) AS spent
            FROM app AS a LEFT JOIN spend AS s ON s.app_id = a.id WHERE a.spend_limit IS NOT NULL";
        let rows = self.read.query_all_raw(Statement::from_string(self.backend, sql)).await?;
        let balance = |row: &QueryResult| {
            Ok::<_, DbErr>(BalanceRow {
                app: row.try_get("", "id")?,
                limit: Usd::from_micros(row.try_get("", "spend_limit")?),
                spent: Usd::from_micros(row.try_get("", "spent")?),
                alert: row.try_get::<Option<i64>>("", "balance_alert")?.map(Usd::from_micros),
                told: row.try_get("", "balance_told")?,
            })
        };
        Ok(rows.iter().map(balance).collect::<Result<_, _>>()?)
    }

    /// Keeps the notice of a low balance unless one was kept since limit and alert became what they are. What is spent only
    /// grows, so a balance that was low under them is so still.
    pub async fn tell_balance(&self, row: &BalanceRow, notice: NewNotice) -> Result<(), StoreError> {
        let sql = "UPDATE app SET balance_told = true
            WHERE id = $1 AND NOT balance_told AND spend_limit = $2 AND balance_alert = $3";
        let values = [row.app.into(), row.limit.micros().into(), row.alert.map(Usd::micros).into()];
        let change = self.change().await?;
        let first = change.execute_raw(Statement::from_sql_and_values(self.backend, sql, values)).await?;
        if first.rows_affected() == 1 {
            callbacks::keep_notice(&change, notice).await?;
        }
        Ok(change.commit().await?)
    }
}
