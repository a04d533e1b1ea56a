//! What clients are answered: `{"success": true, "data": {…}}` (spec 1.0).

use poem_openapi::{Enum, Object};
use serde::Serialize;
use serde_json::Value;

use crate::{
    core::{clock::Timestamp, session::SessionState},
    service::Session,
};

/// A session has begun.
#[derive(Object, Serialize)]
#[oai(rename = "SentAnswer")]
pub(in super::super) struct SentAnswer {
    /// Always true.
    success: bool,
    /// The session.
    data: Sent,
}

#[derive(Object, Serialize)]
#[oai(rename = "Sent")]
struct Sent {
    /// Id of the session, for all later calls.
    session_id: String,
    /// The recipient as it was given.
    email: String,
    /// When the code dies.
    expires_at: String,
}

/// The code was right.
#[derive(Object, Serialize)]
#[oai(rename = "VerifiedAnswer")]
pub(in super::super) struct VerifiedAnswer {
    /// Always true.
    success: bool,
    /// Whose it was.
    data: Verified,
}

#[derive(Object, Serialize)]
#[oai(rename = "Verified")]
struct Verified {
    /// Always true.
    verified: bool,
    /// The recipient as it was given.
    email: String,
}

/// The session has a new code.
#[derive(Object)]
#[oai(rename = "ResentAnswer")]
pub(in super::super) struct ResentAnswer {
    /// Always true.
    success: bool,
    /// The session.
    data: Resent,
}

#[derive(Object)]
#[oai(rename = "Resent")]
struct Resent {
    /// Id of the session, the same as before.
    session_id: String,
    /// When the new code dies.
    expires_at: String,
}

/// How a session stands.
#[derive(Object)]
#[oai(rename = "StatusAnswer")]
pub(in super::super) struct StatusAnswer {
    /// Always true.
    success: bool,
    /// The session.
    data: Status,
}

#[derive(Object)]
#[oai(rename = "Status")]
struct Status {
    /// Id of the session.
    session_id: String,
    /// The recipient as it was given.
    email: String,
    /// How it stands.
    status: State,
    /// Guesses at the last code.
    attempts: u8,
    /// Wrong guesses that end a code.
    max_attempts: u8,
    /// When the last code dies, or died.
    expires_at: String,
}

/// Where a session stands; one that was guessed at too often is `expired` (spec 1.3, point 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename = "State", rename_all = "lowercase")]
enum State {
    Pending,
    Verified,
    Expired,
}

impl From<&Session> for SentAnswer {
    fn from(session: &Session) -> Self {
        let (session_id, expires_at) = (session.public_id.clone(), seconds(session.expires_at));
        Self { success: true, data: Sent { session_id, email: email(session), expires_at } }
    }
}

impl From<Session> for VerifiedAnswer {
    fn from(session: Session) -> Self {
        Self { success: true, data: Verified { verified: true, email: email(&session) } }
    }
}

impl From<&Session> for ResentAnswer {
    fn from(session: &Session) -> Self {
        let (session_id, expires_at) = (session.public_id.clone(), seconds(session.expires_at));
        Self { success: true, data: Resent { session_id, expires_at } }
    }
}

impl From<Session> for StatusAnswer {
    fn from(session: Session) -> Self {
        let data = Status {
            email: email(&session),
            status: match session.state {
                SessionState::Pending => State::Pending,
                SessionState::Verified { .. } => State::Verified,
                SessionState::Expired | SessionState::Exhausted => State::Expired,
            },
            attempts: session.attempts,
            max_attempts: session.max_attempts,
            expires_at: seconds(session.expires_at),
            session_id: session.public_id,
        };
        Self { success: true, data }
    }
}

fn email(session: &Session) -> String {
    session.extra.get("email").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Whole seconds, as the API writes times (spec 1.0).
fn seconds(time: Timestamp) -> String {
    Timestamp::from_millis(time.seconds() * 1000).rfc3339()
}
