//! A message as an operator looks at it.

use entity::{event, message, outbox};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use super::{Store, StoreError};
use crate::core::{channel::Channel, clock::Timestamp, event::EventKind, id::MessageId, money::Usd};

/// What is kept of a message.
pub struct MessageRow {
    /// Its id.
    pub id: MessageId,
    /// Owner.
    pub app: i64,
    /// Name of the template it was made from.
    pub template_id: String,
    /// The recipients, encrypted; empty when they are forgotten.
    pub recipient: Vec<u8>,
    /// First channel.
    pub channel: Channel,
    /// Guesses compared so far.
    pub guesses: i16,
    /// Wrong guesses that end the code; 0 where the server does not judge it.
    pub max_guesses: i16,
    /// When the right code came.
    pub verified_at: Option<Timestamp>,
    /// Accepted at.
    pub created_at: Timestamp,
    /// First instant at which the code is dead.
    pub expires_at: Timestamp,
    /// Deliveries that are not settled.
    pub waiting: u64,
    /// In their order.
    pub events: Vec<EventRow>,
}

/// One step of a message.
pub struct EventRow {
    /// Snowflake.
    pub id: i64,
    /// What happened, as [`EventKind::as_str`].
    pub kind: String,
    /// On which channel.
    pub channel: Option<Channel>,
    /// Name of the provider.
    pub provider: Option<String>,
    /// Which try of this channel it was, from 1.
    pub attempt: Option<i16>,
    /// 50xx of spec 2.1, 0 for none.
    pub error_code: i16,
    /// Reason or reference, free of recipient and code.
    pub detail: Option<String>,
    /// What it cost.
    pub cost: Option<Usd>,
    /// When.
    pub at: Timestamp,
    /// Which of the message's deliveries, where it is about one.
    pub delivery: Option<i64>,
}

impl Store {
    /// A message of whatever application, with its events.
    pub async fn message(&self, id: MessageId) -> Result<Option<MessageRow>, StoreError> {
        let Some(row) = message::Entity::find_by_id(id.0).one(&self.read).await? else { return Ok(None) };
        let events = event::Entity::find().filter(event::Column::MessageId.eq(id.0));
        let events = events.order_by_asc(event::Column::Id).all(&self.read).await?;
        let waiting = outbox::Entity::find().filter(outbox::Column::MessageId.eq(id.0)).count(&self.read).await?;
        Ok(Some(MessageRow {
            id,
            app: row.app_id,
            template_id: row.template_id,
            recipient: row.recipient,
            channel: channel("message", &row.channel)?,
            guesses: row.attempts,
            max_guesses: row.max_attempts,
            verified_at: row.verified_at.map(Timestamp::from_millis),
            created_at: Timestamp::from_millis(row.created_at),
            expires_at: Timestamp::from_millis(row.expires_at),
            waiting,
            events: events.into_iter().map(EventRow::try_from).collect::<Result<_, _>>()?,
        }))
    }
}

impl TryFrom<event::Model> for EventRow {
    type Error = StoreError;

    fn try_from(row: event::Model) -> Result<Self, StoreError> {
        let delivery = row.delivery.or_else(|| (row.kind == EventKind::Plan.as_str()).then_some(row.id));
        Ok(Self {
            id: row.id,
            kind: row.kind,
            channel: row.channel.as_deref().map(|word| channel("event", word)).transpose()?,
            provider: row.provider,
            attempt: row.attempt,
            error_code: row.error_code,
            detail: row.detail,
            cost: row.cost.map(Usd::from_micros),
            at: Timestamp::from_millis(row.at),
            delivery,
        })
    }
}

fn channel(table: &'static str, word: &str) -> Result<Channel, StoreError> {
    Channel::parse(word).ok_or_else(|| StoreError::Broken { table, reason: "a channel is unknown".to_owned() })
}
