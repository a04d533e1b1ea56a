//! How many codes are made, and how many come back.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

use super::{Store, StoreError};
use crate::core::{clock::Timestamp, id::first_at};

/// The codes of one application whose lives ended in some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateRow {
    /// Which.
    pub app: i64,
    /// How many ended.
    pub ended: i64,
    /// How many of those had been verified.
    pub verified: i64,
}

/// The codes of one application to one country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountryRow {
    /// Which application.
    pub app: i64,
    /// ISO 3166 code.
    pub country: String,
    /// How many there were.
    pub codes: i64,
    /// How many of those have been verified.
    pub verified: i64,
    /// When the last one was made.
    pub newest: Timestamp,
}

/// Ids are in the order of time, so the primary key finds the messages of the last hour among those of a month.
const ENDED: &str = "SELECT app_id, COUNT(*) AS ended, COUNT(verified_at) AS verified FROM message
    WHERE id >= $1 AND id < $2 AND expires_at > $3 AND expires_at <= $4 AND max_attempts > 0
      AND app_id IN (SELECT id FROM app WHERE verification_rate_alert IS NOT NULL)
    GROUP BY app_id";
const BY_COUNTRY: &str =
    "SELECT app_id, country, COUNT(*) AS codes, COUNT(verified_at) AS verified, MAX(created_at) AS newest
    FROM message WHERE id >= $1 AND id < $2 AND country IS NOT NULL GROUP BY app_id, country HAVING COUNT(*) >= $3";
const MADE: &str = "SELECT COUNT(*) FROM message WHERE id >= $1 AND app_id = $2 AND max_attempts > 0";

impl Store {
    /// How many codes the server made for an application from then on.
    pub async fn codes_since(&self, since: Timestamp, app: i64) -> Result<u64, StoreError> {
        let values = [first_at(since).into(), app.into()];
        let row = self.read.query_one_raw(Statement::from_sql_and_values(self.backend, MADE, values)).await?;
        let made: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        Ok(made.try_into().unwrap_or(0))
    }

    /// The codes that were made in `(from, to]`, of applications and countries with so many or more.
    pub async fn codes_by_country(
        &self,
        (from, to): (Timestamp, Timestamp),
        least: u32,
    ) -> Result<Vec<CountryRow>, StoreError> {
        let after = |at: Timestamp| first_at(at + Duration::from_millis(1));
        let values = [after(from).into(), after(to).into(), i64::from(least).into()];
        let rows = self.read.query_all_raw(Statement::from_sql_and_values(self.backend, BY_COUNTRY, values)).await?;
        let counted = |row: &QueryResult| {
            let (app, country) = (row.try_get("", "app_id")?, row.try_get("", "country")?);
            let (codes, verified) = (row.try_get("", "codes")?, row.try_get("", "verified")?);
            let newest = Timestamp::from_millis(row.try_get("", "newest")?);
            Ok::<_, DbErr>(CountryRow { app, country, codes, verified, newest })
        };
        Ok(rows.iter().map(counted).collect::<Result<_, _>>()?)
    }

    /// Of every application that is to be told of a low rate: the codes that the server judges and whose lives ended in
    /// `(from, to]`. None was made before `made`.
    pub async fn ended_codes(
        &self,
        made: Timestamp,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<RateRow>, StoreError> {
        let values = [first_at(made).into(), first_at(to).into(), from.millis().into(), to.millis().into()];
        let rows = self.read.query_all_raw(Statement::from_sql_and_values(self.backend, ENDED, values)).await?;
        let rate = |row: &QueryResult| {
            let (app, ended) = (row.try_get("", "app_id")?, row.try_get("", "ended")?);
            Ok::<_, DbErr>(RateRow { app, ended, verified: row.try_get("", "verified")? })
        };
        Ok(rows.iter().map(rate).collect::<Result<_, _>>()?)
    }
}
