//! What happened to sessions, added up.

use std::{ops::Add, time::Duration};

use sea_orm::{ConnectionTrait, QueryResult, Statement};

use super::conditions::{Conditions, SessionFilter};
use crate::{
    core::{channel::Channel, clock::Timestamp},
    store::{Store, StoreError},
};

/// One day of one channel of one part of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TallyRow {
    /// Days since 1970, in UTC.
    pub day: i64,
    /// The channel.
    pub channel: Channel,
    /// The part of the application.
    pub scope: String,
    /// How much.
    pub tally: Tally,
}

/// How much happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Sessions that were begun.
    pub sent: u64,
    /// How often one was sent again.
    pub resent: u64,
    /// Messages that arrived.
    pub delivered: u64,
    /// Messages that did not.
    pub failed: u64,
    /// Right guesses.
    pub verified: u64,
    /// Wrong guesses.
    pub verify_failed: u64,
    /// Codes whose time ran out before somebody sent them back.
    pub expired: u64,
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            sent: self.sent + other.sent,
            resent: self.resent + other.resent,
            delivered: self.delivered + other.delivered,
            failed: self.failed + other.failed,
            verified: self.verified + other.verified,
            verify_failed: self.verify_failed + other.verify_failed,
            expired: self.expired + other.expired,
        }
    }
}

/// No event of a session comes later: it can be sent again for a day after its end, a few times.
const LATEST: Duration = Duration::from_hours(120);

/// Milliseconds of a day.
const DAY: i64 = 24 * 3600 * 1000;

/// What happened, by the day it happened on.
const HAPPENED: &str = "COUNT(CASE WHEN e.kind = 'plan' AND m.id = s.id THEN 1 END) AS sent,
    COUNT(CASE WHEN e.kind = 'plan' AND m.id <> s.id THEN 1 END) AS resent,
    COUNT(DISTINCT CASE WHEN e.kind = 'delivered' THEN m.id END) AS delivered,
    COUNT(DISTINCT CASE WHEN e.kind IN ('sent_failed', 'target_invalid', 'delivered_failed') THEN m.id END) AS failed,
    COUNT(CASE WHEN e.kind = 'verified' THEN 1 END) AS verified,
    COUNT(CASE WHEN e.kind = 'verified_failed' THEN 1 END) AS verify_failed
  FROM session AS s JOIN message AS m ON m.session_id = s.id JOIN event AS e ON e.message_id = m.id";

/// Codes that ran out of time, by the day they did. Nobody writes that down when it happens.
const EXPIRED: &str = "COUNT(*) AS expired FROM session AS s JOIN message AS m ON m.id = s.message_id";

impl Store {
    /// What happened in `[from, to)` to the sessions of the filter, whose own time is not looked at.
    pub async fn tallies(
        &self,
        filter: &SessionFilter<'_>,
        (from, to): (Timestamp, Timestamp),
        now: Timestamp,
    ) -> Result<Vec<TallyRow>, StoreError> {
        let begun = Timestamp::from_millis(from.millis() - i64::try_from(LATEST.as_millis()).unwrap_or(0));
        let filter = SessionFilter { from: Some(begun), to: Some(to), ..*filter };
        let within = |at: &str, end: Timestamp| {
            let mut conditions = Conditions::of(&filter);
            conditions.and(&format!("{at} >= ? AND {at} < ?"), [from.millis().into(), end.millis().into()]);
            conditions
        };
        let mut rows = self.grouped("e.at", HAPPENED, within("e.at", to)).await?;
        let past = Timestamp::from_millis(now.millis() + 1); // a code is dead at the instant of its expiry
        let mut ended = within("m.expires_at", to.min(past));
        ended.and("m.verified_at IS NULL AND m.attempts < m.max_attempts", []);
        rows.extend(self.grouped("m.expires_at", EXPIRED, ended).await?);
        Ok(rows)
    }

    async fn grouped(&self, at: &str, counts: &str, wanted: Conditions) -> Result<Vec<TallyRow>, StoreError> {
        let day = format!("{at} / {DAY}");
        let sql = format!(
            "SELECT {day} AS day, m.channel AS channel, s.scope AS scope, {counts} WHERE {} GROUP BY {day}, m.channel, s.scope",
            wanted.text()
        );
        let rows = Statement::from_sql_and_values(self.backend, sql, wanted.values());
        self.read.query_all_raw(rows).await?.iter().map(tally).collect()
    }
}

/// A column that the query does not have counts nothing.
fn tally(row: &QueryResult) -> Result<TallyRow, StoreError> {
    let channel: String = row.try_get("", "channel")?;
    let broken = || StoreError::Broken { table: "message", reason: "a channel is unknown".to_owned() };
    let count = |column| row.try_get::<i64>("", column).map_or(0, |count| u64::try_from(count).unwrap_or(0));
    Ok(TallyRow {
        day: row.try_get("", "day")?,
        channel: Channel::parse(&channel).ok_or_else(broken)?,
        scope: row.try_get("", "scope")?,
        tally: Tally {
            sent: count("sent"),
            resent: count("resent"),
            delivered: count("delivered"),
            failed: count("failed"),
            verified: count("verified"),
            verify_failed: count("verify_failed"),
            expired: count("expired"),
        },
    })
}
