//! The shapes of callbacks.

use poem_openapi::{Object, types::MaybeUndefined};

use crate::{
    admin::{
        error::ApiError,
        words::{given, time},
    },
    core::{
        callback::{self, Topic, Topics},
        clock::Timestamp,
    },
    http::{Required, Text},
    service,
};

/// An address that is told what happens, without its secrets.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Callback", skip_serializing_if_is_none)]
pub(super) struct Callback {
    /// Its id.
    id: String,
    /// Where requests go.
    url: String,
    /// Free text.
    description: String,
    /// Name in `X-CALLBACK-ID`; where it is empty that header is not sent.
    username: String,
    /// What it is told.
    events: Vec<String>,
    /// Off when false.
    enabled: bool,
    /// Why the server switched it off; absent where it did not.
    disabled_reason: Option<String>,
    /// Whether the last request was taken; true before the first.
    healthy: bool,
    /// First failure after the last success.
    failing_since: Option<String>,
    /// Status of the last answer; absent when there was none, or no request yet.
    last_status: Option<u16>,
    /// Requests that were taken.
    delivered: i64,
    /// Requests that were not.
    failed: i64,
    /// Made at.
    created_at: String,
}

#[derive(Debug, Clone, Object)]
#[oai(rename = "CallbackList", skip_serializing_if_is_none)]
pub(super) struct CallbackList {
    /// The oldest first.
    pub(super) items: Vec<Callback>,
    /// Where the next page begins; absent on the last one.
    pub(super) next_cursor: Option<String>,
}

/// What signs for a callback; shown only now.
#[derive(Clone, Object)]
#[oai(rename = "CallbackSecrets", skip_serializing_if_is_none)]
pub(super) struct CallbackSecrets {
    /// Id of the callback.
    id: String,
    /// Signs the body, as Standard Webhooks says.
    webhook_secret: String,
    /// Signs `X-CALLBACK-ID`; absent where there is no user name.
    secret: Option<String>,
}

#[derive(Clone, Object)]
#[oai(rename = "NewCallback", deny_unknown_fields)]
pub(super) struct NewCallback {
    /// Where requests go: a public https address, unique in the application.
    url: Required<Text>,
    /// Free text.
    description: Option<Text>,
    /// Name in `X-CALLBACK-ID`; without one that header is not sent.
    username: Option<Text>,
    /// Signs `X-CALLBACK-ID`; one is made unless given.
    secret: Option<Text>,
    /// Value of the `Authorization` header that is sent along.
    authorization: Option<Text>,
    /// What it is told; everything but `api_call` and `account_login` unless given.
    events: Option<Vec<Text>>,
}

/// What is to be otherwise.
#[derive(Clone, Object)]
#[oai(rename = "CallbackChange", deny_unknown_fields)]
pub(super) struct CallbackChange {
    /// Where requests go. The stored `authorization` is not sent to another host: give it anew.
    url: Option<Text>,
    /// Free text.
    description: Option<Text>,
    /// Name in `X-CALLBACK-ID`; empty for none.
    username: Option<Text>,
    /// Signs `X-CALLBACK-ID`; the old one still does for a day.
    secret: Option<Text>,
    /// Value of the `Authorization` header that is sent along; null for none.
    authorization: MaybeUndefined<Text>,
    /// What it is told.
    events: Option<Vec<Text>>,
    /// Switch it on or off. What waits for one that is off waits on.
    enabled: Option<bool>,
}

/// How a receiver answered a probe.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Probe", skip_serializing_if_is_none)]
pub(super) struct Probe {
    /// Whether it answered with a 2xx.
    healthy: bool,
    /// The status; absent when there was no answer in time.
    status: Option<u16>,
}

#[derive(Debug, Clone, Object)]
#[oai(rename = "Replay", deny_unknown_fields)]
pub(super) struct Replay {
    /// From then on (RFC 3339).
    from: Required<Text>,
    /// Until then (RFC 3339).
    to: Required<Text>,
}

#[derive(Debug, Clone, Object)]
#[oai(rename = "Replayed")]
pub(super) struct Replayed {
    /// Rows that wait to be told.
    pub(super) rows: u64,
}

impl From<callback::Callback> for Callback {
    fn from(callback: callback::Callback) -> Self {
        let health = callback.health;
        Self {
            id: callback.id.to_string(),
            url: callback.url,
            description: callback.description,
            username: callback.username,
            events: callback.topics.iter().map(|topic| topic.as_str().to_owned()).collect(),
            enabled: callback.enabled,
            disabled_reason: Some(health.disabled_reason).filter(|reason| !reason.is_empty()),
            healthy: health.failing_since.is_none(),
            failing_since: health.failing_since.map(Timestamp::rfc3339),
            last_status: health.last_status,
            delivered: health.delivered,
            failed: health.failed,
            created_at: callback.created_at.rfc3339(),
        }
    }
}

impl From<service::CallbackSecrets> for CallbackSecrets {
    fn from(made: service::CallbackSecrets) -> Self {
        let named = !made.callback.username.is_empty();
        Self {
            id: made.callback.id.to_string(),
            webhook_secret: made.secrets.webhook.clone(),
            secret: named.then(|| made.secrets.callback.clone()),
        }
    }
}

impl From<callback::Ending> for Probe {
    fn from(ending: callback::Ending) -> Self {
        Self { healthy: ending.is_success(), status: ending.status }
    }
}

impl NewCallback {
    pub(super) fn into_command(self) -> Result<service::NewCallback, ApiError> {
        Ok(service::NewCallback {
            url: given("url", self.url)?.into(),
            description: self.description.map(String::from).unwrap_or_default(),
            username: self.username.map(String::from).unwrap_or_default(),
            secret: self.secret.map(String::from),
            authorization: self.authorization.map(String::from).filter(|value| !value.is_empty()),
            topics: self.events.as_deref().map_or_else(|| Ok(Topics::usual()), topics)?,
        })
    }
}

impl CallbackChange {
    pub(super) fn into_command(self) -> Result<service::CallbackChange, ApiError> {
        Ok(service::CallbackChange {
            url: self.url.map(String::from),
            description: self.description.map(String::from),
            username: self.username.map(String::from),
            secret: self.secret.map(String::from),
            authorization: match self.authorization {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(String::new()),
                MaybeUndefined::Value(value) => Some(value.into()),
            },
            topics: self.events.as_deref().map(topics).transpose()?,
            enabled: self.enabled,
        })
    }
}

impl Replay {
    pub(super) fn into_times(self) -> Result<(Timestamp, Timestamp), ApiError> {
        Ok((time("from", &given("from", self.from)?)?, time("to", &given("to", self.to)?)?))
    }
}

fn topics(words: &[Text]) -> Result<Topics, ApiError> {
    let wrong = || {
        let words: Vec<_> = Topic::all().map(Topic::as_str).collect();
        ApiError::invalid(format!("events may only have {}", words.join(", ")))
    };
    let topics: Option<Vec<_>> = words.iter().map(|Text(word)| Topic::parse(word)).collect();
    topics.map(Topics::of).ok_or_else(wrong)
}
