//! Sessions: the ids that dialects give out, and the message that counts.

mod activity;
mod conditions;
mod hooks;
mod list;
mod look;
mod tallies;

use sea_orm::QueryResult;

use super::{Store, StoreError};
use crate::core::{channel::Channel, clock::Timestamp, id::MessageId, session::DeliveryState};

pub use activity::{ActivityRow, TryRow};
pub use conditions::SessionFilter;
pub use hooks::{DueHook, HookRow};
pub(super) use look::Looks;
pub use tallies::{Tally, TallyRow};

/// A session with its newest message.
#[derive(Clone)]
pub struct SessionRow {
    /// Id of its first message.
    pub id: i64,
    /// Name of its dialect.
    pub dialect: String,
    /// The id that callers know.
    pub public_id: String,
    /// Owner.
    pub app: i64,
    /// The part of the application.
    pub scope: String,
    /// Keyed digest of whom it is for.
    pub slot: i64,
    /// The message whose code counts.
    pub message: MessageId,
    /// How often it was sent again.
    pub resends: u8,
    /// Begun at.
    pub created_at: Timestamp,
    /// Sent last at.
    pub sent_at: Timestamp,
    /// SHA-256 of the token of its link.
    pub link: Option<Vec<u8>>,
    /// The window that its message holds, if any.
    pub window: Option<i64>,
    /// The recipient of that message and what the dialect keeps, encrypted; empty when they are forgotten.
    pub recipient: Vec<u8>,
    /// Its channel.
    pub channel: Channel,
    /// Guesses that were compared.
    pub attempts: u8,
    /// Guesses that would have been.
    pub max_attempts: u8,
    /// When the right one came.
    pub verified_at: Option<Timestamp>,
    /// First instant at which its code is dead.
    pub expires_at: Timestamp,
    /// How it fared.
    pub delivery: DeliveryState,
}

/// Of a session `s` and its message `m`, with the newest event of the message that says where it is.
const COLUMNS: &str = "
SELECT s.id, s.dialect, s.public_id, s.app_id, s.scope, s.slot, s.message_id, CAST(s.sends AS bigint) AS sends, s.sent_at,
       s.created_at, s.link, m.slot AS holds, m.recipient, m.channel, CAST(m.attempts AS bigint) AS attempts,
       CAST(m.max_attempts AS bigint) AS max_attempts, m.verified_at, m.expires_at,
       (SELECT e.kind FROM event AS e WHERE e.message_id = m.id
        AND e.kind IN ('sent', 'sent_failed', 'delivered', 'delivered_failed', 'target_invalid')
        ORDER BY e.id DESC LIMIT 1) AS told";
const FROM: &str = "FROM session AS s JOIN message AS m ON m.id = s.message_id";

impl Store {
    /// Forgets a session whose message nobody took, unless it was sent again since.
    pub async fn drop_session(&self, id: i64, message: MessageId) -> Result<(), StoreError> {
        let sql = "DELETE FROM session WHERE id = $1 AND message_id = $2";
        self.run(sql, [id.into(), message.0.into()]).await.map(drop)
    }
}

fn read(row: &QueryResult) -> Result<SessionRow, StoreError> {
    let small = |column| row.try_get::<i64>("", column).map(|number| u8::try_from(number).unwrap_or(u8::MAX));
    let time = |column| row.try_get("", column).map(Timestamp::from_millis);
    let channel: String = row.try_get("", "channel")?;
    let broken = || StoreError::Broken { table: "message", reason: "channel".to_owned() };
    Ok(SessionRow {
        id: row.try_get("", "id")?,
        dialect: row.try_get("", "dialect")?,
        public_id: row.try_get("", "public_id")?,
        app: row.try_get("", "app_id")?,
        scope: row.try_get("", "scope")?,
        slot: row.try_get("", "slot")?,
        message: MessageId(row.try_get("", "message_id")?),
        resends: small("sends")?.saturating_sub(1),
        created_at: time("created_at")?,
        sent_at: time("sent_at")?,
        link: row.try_get("", "link")?,
        window: row.try_get("", "holds")?,
        recipient: row.try_get("", "recipient")?,
        channel: Channel::parse(&channel).ok_or_else(broken)?,
        attempts: small("attempts")?,
        max_attempts: small("max_attempts")?,
        verified_at: row.try_get::<Option<i64>>("", "verified_at")?.map(Timestamp::from_millis),
        expires_at: time("expires_at")?,
        delivery: DeliveryState::of(row.try_get::<Option<String>>("", "told")?.as_deref()),
    })
}
