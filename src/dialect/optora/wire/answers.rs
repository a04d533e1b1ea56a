//! What clients get.

use poem_openapi::{
    Object,
    types::{Example, MaybeUndefined},
};
use serde::Serialize;

use crate::{
    core::{clock::Timestamp, session::SessionState},
    dialect::optora::settings::{Messages, Settings},
    service::Session,
};

/// A mail has been taken by a provider.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(example, rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub(in crate::dialect::optora) struct Sent {
    /// What a person may be shown.
    message: String,
    /// `code` or `link`.
    mode: String,
    /// Under which the status can be asked for, 32 hexadecimal digits.
    request_id: String,
    /// How long code and link live, in minutes from the first mail on.
    validity_minutes: u8,
    /// Always true.
    success: bool,
    /// Always true: somebody will be told. Absent where nobody is.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_registered: Option<bool>,
}

/// The code was right.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(example)]
pub(in crate::dialect::optora) struct Verified {
    /// What a person may be shown.
    message: String,
    /// Always true.
    verified: bool,
    /// Always true.
    success: bool,
}

/// How a request stands.
#[derive(Debug, Clone, Object)]
#[oai(example, rename_all = "camelCase")]
pub(in crate::dialect::optora) struct Status {
    /// Whether there is one of this id. Without one, `verified` is false, `expired` is true, and nothing else is said.
    found: bool,
    /// Whether code or link has been used.
    verified: bool,
    /// Whether its time is over; also of one that was verified.
    expired: bool,
    /// Its id.
    #[oai(skip_serializing_if_is_none)]
    request_id: Option<String>,
    /// Whose it is, where the operator lets that be seen.
    #[oai(skip_serializing_if_is_none)]
    email: Option<String>,
    /// When it was verified; null before.
    #[oai(nullable)]
    verified_at: MaybeUndefined<String>,
    /// When its time is over.
    #[oai(skip_serializing_if_is_none)]
    expires_at: Option<String>,
}

impl Sent {
    /// A code.
    pub(in crate::dialect::optora) fn code(session: &Session, settings: &Settings) -> Self {
        let message = match settings.messages {
            Messages::Optora => "Verification code sent to your email",
            Messages::OtpService => "OTP is generated and sent to your email",
        };
        Self::new(message, "code", session, settings)
    }

    /// A link, and whether somebody will be told when it has been followed.
    pub(in crate::dialect::optora) fn link(session: &Session, settings: &Settings, registered: bool) -> Self {
        let sent = Self::new("Verification link sent to your email", "link", session, settings);
        Self { webhook_registered: registered.then_some(true), ..sent }
    }

    fn new(message: &str, mode: &str, session: &Session, settings: &Settings) -> Self {
        Self {
            message: message.to_owned(),
            mode: mode.to_owned(),
            request_id: session.public_id.clone(),
            validity_minutes: settings.validity_minutes,
            success: true,
            webhook_registered: None,
        }
    }
}

impl Verified {
    pub(in crate::dialect::optora) fn new(settings: &Settings) -> Self {
        let message = match settings.messages {
            Messages::Optora => "Email verified successfully",
            Messages::OtpService => "OTP is verified",
        };
        Self { message: message.to_owned(), verified: true, success: true }
    }
}

impl Status {
    /// Of no request of ours.
    pub(in crate::dialect::optora) const fn unknown() -> Self {
        Self {
            found: false,
            verified: false,
            expired: true,
            request_id: None,
            email: None,
            verified_at: MaybeUndefined::Undefined,
            expires_at: None,
        }
    }

    pub(in crate::dialect::optora) fn of(session: Session, settings: &Settings, now: Timestamp) -> Self {
        let verified_at = match session.state {
            SessionState::Verified { at } => Some(at.rfc3339_millis()),
            SessionState::Pending | SessionState::Expired | SessionState::Exhausted => None,
        };
        Self {
            found: true,
            verified: verified_at.is_some(),
            expired: now >= session.expires_at,
            request_id: Some(session.public_id),
            email: session.recipient.filter(|_| settings.status_email).map(String::from),
            verified_at: MaybeUndefined::from_opt_null(verified_at),
            expires_at: Some(session.expires_at.rfc3339_millis()),
        }
    }
}

const SAMPLE_ID: &str = "b7e3a2f1c4d8e9a0b1c2d3e4f5a6b7c8";

impl Example for Sent {
    fn example() -> Self {
        Self {
            message: "Verification code sent to your email".to_owned(),
            mode: "code".to_owned(),
            request_id: SAMPLE_ID.to_owned(),
            validity_minutes: 5,
            success: true,
            webhook_registered: None,
        }
    }
}

impl Example for Verified {
    fn example() -> Self {
        Self { message: "Email verified successfully".to_owned(), verified: true, success: true }
    }
}

impl Example for Status {
    fn example() -> Self {
        Self {
            found: true,
            verified: true,
            expired: false,
            request_id: Some(SAMPLE_ID.to_owned()),
            email: Some("user@example.com".to_owned()),
            verified_at: MaybeUndefined::Value("2026-05-28T10:30:00.000Z".to_owned()),
            expires_at: Some("2026-05-28T10:35:00.000Z".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::answer::is_as_documented;

    #[test]
    fn answers_are_as_documented() {
        for webhook_registered in [None, Some(true)] {
            assert!(is_as_documented(&Sent { webhook_registered, ..Sent::example() }));
        }
        assert!(is_as_documented(&Verified::example()));
    }
}
