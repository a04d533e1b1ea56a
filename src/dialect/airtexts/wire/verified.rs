//! What became of a code that came back (spec 2.2).

use poem_openapi::{Object, types::Example};
use serde::Serialize;

use super::{
    otp::{remaining, status_word},
    time,
};
use crate::{
    core::verification::Guess,
    dialect::airtexts::error::{self, ApiError},
    service::{Judged, Outlook, Session},
};

/// The answer to the right code.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(example)]
pub(in super::super) struct OtpVerified {
    /// Always true.
    success: bool,
    /// What was done, in English.
    message: String,
    /// Always true.
    verified: bool,
    /// As in `data`.
    verification_id: String,
    /// As in `data`.
    status: String,
    /// The OTP.
    data: Verified,
}

/// An OTP whose code came back.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(example)]
pub(in super::super) struct Verified {
    /// Always true.
    verified: bool,
    /// Its id.
    verification_id: String,
    /// Who got it; null once that is forgotten.
    recipient: Option<String>,
    /// Always `verified`.
    status: String,
    /// Codes that were compared, with the right one.
    attempts: i32,
    /// When the right code came.
    verified_at: Option<String>,
}

/// An OTP after a wrong code.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct Refused {
    /// Always false.
    verified: bool,
    /// Its id.
    verification_id: String,
    /// `pending`, or `failed` after the last one.
    status: String,
    /// Codes that were compared.
    attempts: i32,
    /// Wrong codes that end it.
    max_attempts: i32,
    /// Wrong codes that it still takes.
    attempts_remaining: i32,
}

/// The answer to a guess, whatever came of it.
pub(in super::super) fn answer(judged: &Judged) -> Result<OtpVerified, ApiError> {
    let session = &judged.session;
    match judged.guess {
        Guess::Accepted => Ok(OtpVerified::of(session)),
        Guess::Wrong { .. } => {
            let data = Refused::of(session);
            Err(ApiError::not_verified(error::INVALID_OTP, Some(data.attempts_remaining), Some(Box::new(data))))
        }
        Guess::Expired => Err(ApiError::not_verified(error::OTP_EXPIRED, None, None)),
        Guess::AlreadyVerified => Err(ApiError::not_verified(error::OTP_ALREADY_VERIFIED, None, None)),
        Guess::Exhausted => Err(ApiError::not_verified(error::MAX_ATTEMPTS, Some(0), None)),
    }
}

impl OtpVerified {
    fn of(session: &Session) -> Self {
        let verified_at = match session.outlook() {
            Outlook::Verified { at } => Some(time(at)),
            Outlook::Pending | Outlook::Expired | Outlook::Failed => None,
        };
        Self::with(Verified {
            verified: true,
            verification_id: session.public_id.clone(),
            recipient: session.recipient.as_ref().map(|recipient| recipient.as_str().to_owned()),
            status: status_word(session.outlook()).to_owned(),
            attempts: session.attempts.into(),
            verified_at,
        })
    }

    fn with(data: Verified) -> Self {
        Self {
            success: true,
            message: "OTP verified successfully".to_owned(),
            verified: true,
            verification_id: data.verification_id.clone(),
            status: data.status.clone(),
            data,
        }
    }
}

impl Refused {
    fn of(session: &Session) -> Self {
        Self {
            verified: false,
            verification_id: session.public_id.clone(),
            status: status_word(session.outlook()).to_owned(),
            attempts: session.attempts.into(),
            max_attempts: session.max_attempts.into(),
            attempts_remaining: remaining(session),
        }
    }
}

impl Example for Verified {
    fn example() -> Self {
        Self {
            verified: true,
            verification_id: "otp_67890abcdef12345".to_owned(),
            recipient: Some("+5511999888777".to_owned()),
            status: "verified".to_owned(),
            attempts: 1,
            verified_at: Some("2026-01-10T12:01:30Z".to_owned()),
        }
    }
}

impl Example for OtpVerified {
    fn example() -> Self {
        Self::with(Verified::example())
    }
}

impl Example for Refused {
    fn example() -> Self {
        Self {
            verified: false,
            verification_id: "otp_67890abcdef12345".to_owned(),
            status: "pending".to_owned(),
            attempts: 1,
            max_attempts: 5,
            attempts_remaining: 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::answer::is_as_documented;

    #[test]
    fn answers_are_as_documented() {
        assert!(is_as_documented(&OtpVerified::example()));
    }
}
