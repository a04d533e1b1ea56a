//! What happened to sessions.

use sea_orm::{ConnectionTrait, QueryResult, Statement};

use super::conditions::{Conditions, SessionFilter};
use crate::{
    core::{channel::Channel, clock::Timestamp, id::MessageId},
    store::{Store, StoreError},
};

/// One thing that happened to a session.
pub struct ActivityRow {
    /// The event.
    pub id: i64,
    /// Its session, as callers know it.
    pub public_id: String,
    /// The part of the application.
    pub scope: String,
    /// Its message.
    pub message: MessageId,
    /// The recipient of that, encrypted.
    pub recipient: Vec<u8>,
    /// On which channel.
    pub channel: Channel,
    /// The word of `HAPPENED`.
    pub happened: String,
    /// Reason, free of recipient and code.
    pub detail: Option<String>,
    /// Address of whoever caused it.
    pub address: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// A guess that was compared.
pub struct TryRow {
    /// From 1, the oldest first.
    pub number: i64,
    /// The word of `HAPPENED`.
    pub happened: String,
    /// Where it came from.
    pub address: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What an event means for its session: the wrong guess that was the last one locks it.
const HAPPENED: &str = "CASE e.kind WHEN 'sent' THEN CASE WHEN m.id = m.session_id THEN 'sent' ELSE 'resent' END
    WHEN 'delivered' THEN 'delivered' WHEN 'verified' THEN 'verified'
    WHEN 'verified_failed' THEN CASE WHEN e.id = m.last_guess AND m.verified_at IS NULL AND m.attempts >= m.max_attempts
      THEN 'locked' ELSE 'verify_failed' END
    ELSE 'delivery_failed' END";

const KINDS: &str =
    "('sent', 'delivered', 'sent_failed', 'target_invalid', 'delivered_failed', 'verified', 'verified_failed')";

/// The address of a send stands at its plan, that of a guess at the guess; other details are reasons or references.
const ADDRESS: &str = "CASE e.kind WHEN 'sent' THEN (SELECT p.detail FROM event AS p
      WHERE p.message_id = m.id AND p.kind = 'plan' ORDER BY p.id LIMIT 1)
    WHEN 'verified' THEN e.detail WHEN 'verified_failed' THEN e.detail END";

const REASON: &str = "CASE WHEN e.kind IN ('sent_failed', 'target_invalid', 'delivered_failed') THEN e.detail END";

impl Store {
    /// How much happened in `[from, to)` to the sessions, and one page of it, the newest first. `happened` is a word of
    /// `HAPPENED`, or `expired`: that a code's time has run out is no event, it follows from its row. It goes under the
    /// id of the message, which no other row here has.
    pub async fn activity(
        &self,
        filter: &SessionFilter<'_>,
        (from, to, now): (Timestamp, Timestamp, Timestamp),
        happened: Option<&'static str>,
        (limit, offset): (u64, u64),
    ) -> Result<(u64, Vec<ActivityRow>), StoreError> {
        let mut values = Conditions::of(filter);
        let wanted = values.text().to_owned();
        let [from, to, now] = [from, to, now].map(|at| values.place(at.millis()));
        let word = happened.map_or_else(String::new, |word| format!("WHERE happened = {}", values.place(word)));
        let rows = format!(
            "(SELECT e.id, s.public_id, s.scope, m.id AS message_id, m.recipient, COALESCE(e.channel, m.channel) AS channel,
                {HAPPENED} AS happened, {REASON} AS detail, {ADDRESS} AS address, e.at
              FROM session AS s JOIN message AS m ON m.session_id = s.id JOIN event AS e ON e.message_id = m.id
              WHERE {wanted} AND e.kind IN {KINDS} AND e.at >= {from} AND e.at < {to}
              UNION ALL
              SELECT m.id, s.public_id, s.scope, m.id, m.recipient, m.channel, 'expired', NULL, NULL, m.expires_at
              FROM session AS s JOIN message AS m ON m.id = s.message_id
              WHERE {wanted} AND m.verified_at IS NULL AND m.attempts < m.max_attempts
                AND m.expires_at >= {from} AND m.expires_at < {to} AND m.expires_at <= {now}) AS happenings {word}"
        );
        let total = self.count(&rows, values.values()).await?;
        let sql = format!("SELECT * FROM {rows} ORDER BY at DESC, id DESC LIMIT {limit} OFFSET {offset}");
        let found = Statement::from_sql_and_values(self.backend, sql, values.values());
        let found = self.read.query_all_raw(found).await?;
        Ok((total, found.iter().map(activity).collect::<Result<_, _>>()?))
    }

    /// How many guesses in `[from, to)` were compared for a session, and one page of them, the newest first.
    pub async fn tries(
        &self,
        session: i64,
        (from, to): (Timestamp, Timestamp),
        (limit, offset): (u64, u64),
    ) -> Result<(u64, Vec<TryRow>), StoreError> {
        let guesses = format!(
            "(SELECT ROW_NUMBER() OVER (ORDER BY e.id) AS number, {HAPPENED} AS happened, e.detail AS address, e.at
              FROM message AS m JOIN event AS e ON e.message_id = m.id
              WHERE m.session_id = $1 AND e.kind IN ('verified', 'verified_failed')) AS guess
             WHERE at >= $2 AND at < $3"
        );
        let values = vec![session.into(), from.millis().into(), to.millis().into()];
        let total = self.count(&guesses, values.clone()).await?;
        let sql = format!("SELECT * FROM {guesses} ORDER BY number DESC LIMIT {limit} OFFSET {offset}");
        let rows = self.read.query_all_raw(Statement::from_sql_and_values(self.backend, sql, values)).await?;
        Ok((total, rows.iter().map(guess).collect::<Result<_, _>>()?))
    }
}

fn activity(row: &QueryResult) -> Result<ActivityRow, StoreError> {
    let channel: String = row.try_get("", "channel")?;
    let broken = || StoreError::Broken { table: "event", reason: "a channel is unknown".to_owned() };
    Ok(ActivityRow {
        id: row.try_get("", "id")?,
        public_id: row.try_get("", "public_id")?,
        scope: row.try_get("", "scope")?,
        message: MessageId(row.try_get("", "message_id")?),
        recipient: row.try_get("", "recipient")?,
        channel: Channel::parse(&channel).ok_or_else(broken)?,
        happened: row.try_get("", "happened")?,
        detail: row.try_get("", "detail")?,
        address: row.try_get("", "address")?,
        at: Timestamp::from_millis(row.try_get("", "at")?),
    })
}

fn guess(row: &QueryResult) -> Result<TryRow, StoreError> {
    Ok(TryRow {
        number: row.try_get("", "number")?,
        happened: row.try_get("", "happened")?,
        address: row.try_get("", "address")?,
        at: Timestamp::from_millis(row.try_get("", "at")?),
    })
}
