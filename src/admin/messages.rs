//! What became of a message.

use poem::web::Data;
use poem_openapi::{Enum, Object, OpenApi, param::Path, payload::Json};

use super::{Tag, auth::Admin, error::ApiError, words::Channel};
use crate::{
    core::{clock::Timestamp, id::MessageId},
    service::{Error, EventRow, Life, MessageState, Service},
};

/// Where a message stands; the best that has happened to it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename = "MessageState", rename_all = "lowercase")]
enum State {
    Accepted,
    Sent,
    Delivered,
    Failed,
    Verified,
}

/// A message and its life. Neither its code nor its text is ever shown.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Message", skip_serializing_if_is_none)]
struct Message {
    /// Its id.
    id: String,
    /// The application that sent it.
    app_id: String,
    /// The template it was made from.
    template_id: String,
    /// Who gets it, the middle hidden; empty after 72 hours.
    recipients: Vec<String>,
    /// The channel used first.
    channel: Channel,
    /// Where it stands: `accepted` (no provider has it, one will be asked), `sent`, `delivered`, `failed` or
    /// `verified`.
    state: State,
    /// Guesses compared so far.
    attempts: u16,
    /// Wrong guesses that end the code; 0 where the server does not judge it.
    max_attempts: u16,
    /// When the right code came.
    verified_at: Option<String>,
    /// Accepted at.
    created_at: String,
    /// When the code ends.
    expires_at: String,
    /// Deliveries that still wait: for a provider, for another try or for the next channel.
    waiting: u64,
    /// What happened, in order.
    events: Vec<Event>,
}

/// One step of a message.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Event", skip_serializing_if_is_none)]
struct Event {
    /// When.
    at: String,
    /// What: `plan`, `target_valid`, `target_invalid`, `sent`, `sent_failed`, `delivered`, `delivered_failed`,
    /// `verified`, `verified_failed`, `verified_timeout`, or `unknown` where a provider's answer was lost; others may come.
    event: String,
    /// Over which channel.
    channel: Option<Channel>,
    /// Through which provider.
    provider: Option<String>,
    /// Which try of this channel it was, from 1.
    attempt: Option<u16>,
    /// 5001 or 5011 to 5020; absent where nothing failed.
    error_code: Option<u16>,
    /// What it cost in US dollars, such as `0.032`; of `sent` where there is a price.
    cost: Option<String>,
    /// The provider's reason or reference.
    detail: Option<String>,
}

impl From<EventRow> for Event {
    fn from(event: EventRow) -> Self {
        Self {
            at: event.at.rfc3339(),
            event: event.kind,
            channel: event.channel.map(Channel::from),
            provider: event.provider,
            attempt: event.attempt.and_then(|attempt| attempt.try_into().ok()),
            error_code: u16::try_from(event.error_code).ok().filter(|code| *code > 0),
            cost: event.cost.map(|cost| cost.to_string()),
            detail: event.detail,
        }
    }
}

impl From<Life> for Message {
    fn from(life: Life) -> Self {
        let state = State::from(life.state());
        let Life { message, recipients } = life;
        Self {
            id: message.id.to_string(),
            app_id: message.app.to_string(),
            template_id: message.template_id,
            recipients,
            channel: message.channel.into(),
            state,
            attempts: message.guesses.try_into().unwrap_or(0),
            max_attempts: message.max_guesses.try_into().unwrap_or(0),
            verified_at: message.verified_at.map(Timestamp::rfc3339),
            created_at: message.created_at.rfc3339(),
            expires_at: message.expires_at.rfc3339(),
            waiting: message.waiting,
            events: message.events.into_iter().map(Event::from).collect(),
        }
    }
}

impl From<MessageState> for State {
    fn from(state: MessageState) -> Self {
        match state {
            MessageState::Accepted => Self::Accepted,
            MessageState::Sent => Self::Sent,
            MessageState::Delivered => Self::Delivered,
            MessageState::Failed => Self::Failed,
            MessageState::Verified => Self::Verified,
        }
    }
}

pub(super) struct Api;

#[OpenApi(prefix_path = "/admin/v1", tag = "Tag::Messages")]
impl Api {
    /// Show the life of a message.
    #[oai(path = "/messages/:message_id", method = "get", operation_id = "getMessage")]
    async fn get(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the message.
        message_id: Path<String>,
    ) -> Result<Json<Message>, ApiError> {
        let id = MessageId::parse(&message_id).ok_or(Error::NoVerification)?;
        let life = service.life(id).await?.ok_or(Error::NoVerification)?;
        Ok(Json(life.into()))
    }
}
