//! An OTP as it is shown (spec 2.2). Because nobody knows how the answers of the original are nested, what a client must read
//! is given twice: at the top and inside `data`.

use poem_openapi::{Object, types::Example};
use serde::Serialize;

use super::time;
use crate::{
    core::{clock::Timestamp, session::DeliveryState},
    service::{Outlook, Session},
};

/// An OTP.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(example)]
pub(in super::super) struct Otp {
    /// Its id.
    verification_id: String,
    /// Whose it is.
    appid: String,
    /// Who got it; null once that is forgotten.
    recipient: Option<String>,
    /// `sms` or `whatsapp`.
    channel: String,
    /// In whose name it was sent.
    from: String,
    /// `pending`, `verified`, `expired` or `failed`.
    status: String,
    /// `pending`, `sent`, `delivered` or `failed`.
    delivery_status: String,
    /// Digits of its code.
    otp_length: i32,
    /// Seconds that the code still lives.
    expires_in: i64,
    /// When the code dies.
    expires_at: String,
    /// When it was sent first.
    created_at: String,
    /// Codes that were compared.
    attempts: i32,
    /// Wrong codes that end it.
    max_attempts: i32,
    /// How often it was sent again.
    resend_count: i32,
}

/// An OTP and what became of it.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct OtpStatus {
    #[oai(flatten)]
    otp: Otp,
    /// Wrong codes that it still takes.
    attempts_remaining: i32,
    /// When the right code came.
    verified_at: Option<String>,
}

/// The answer to a send.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(example)]
pub(in super::super) struct OtpSent {
    /// Always true.
    success: bool,
    /// What was done, in English.
    message: String,
    /// As in `data`.
    verification_id: String,
    /// As in `data`.
    status: String,
    /// As in `data`.
    expires_at: String,
    /// The OTP.
    data: Otp,
}

/// The answer to a question for one OTP.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct OtpShown {
    /// Always true.
    success: bool,
    /// As in `data`.
    verification_id: String,
    /// As in `data`.
    status: String,
    /// As in `data`.
    expires_at: String,
    /// The OTP.
    data: OtpStatus,
}

/// The word of a status.
pub(in super::super) const fn status_word(outlook: Outlook) -> &'static str {
    match outlook {
        Outlook::Pending => "pending",
        Outlook::Verified { .. } => "verified",
        Outlook::Expired => "expired",
        Outlook::Failed => "failed",
    }
}

/// Wrong codes that an OTP still takes.
pub(in super::super) fn remaining(session: &Session) -> i32 {
    session.max_attempts.saturating_sub(session.attempts).into()
}

impl Otp {
    pub(in super::super) fn of(session: &Session, now: Timestamp) -> Self {
        let left = session.expires_at.since(now).as_millis().div_ceil(1000);
        Self {
            verification_id: session.public_id.clone(),
            appid: session.scope.clone(),
            recipient: session.recipient.as_ref().map(|recipient| recipient.as_str().to_owned()),
            channel: session.channel.as_str().to_owned(),
            from: session.sender.clone().unwrap_or_default(),
            status: status_word(session.outlook()).to_owned(),
            delivery_status: delivery_word(session.delivery).to_owned(),
            otp_length: session.code_length.into(),
            expires_in: i64::try_from(left).unwrap_or(i64::MAX),
            expires_at: time(session.expires_at),
            created_at: time(session.created_at),
            attempts: session.attempts.into(),
            max_attempts: session.max_attempts.into(),
            resend_count: session.resends.into(),
        }
    }
}

const fn delivery_word(delivery: DeliveryState) -> &'static str {
    match delivery {
        DeliveryState::Pending => "pending",
        DeliveryState::Sent => "sent",
        DeliveryState::Delivered => "delivered",
        DeliveryState::Failed => "failed",
    }
}

impl OtpStatus {
    pub(in super::super) fn of(session: &Session, now: Timestamp) -> Self {
        let verified_at = match session.outlook() {
            Outlook::Verified { at } => Some(time(at)),
            Outlook::Pending | Outlook::Expired | Outlook::Failed => None,
        };
        Self { otp: Otp::of(session, now), attempts_remaining: remaining(session), verified_at }
    }
}

impl OtpSent {
    pub(in super::super) fn of(message: &str, session: &Session, now: Timestamp) -> Self {
        Self::with(message, Otp::of(session, now))
    }

    fn with(message: &str, data: Otp) -> Self {
        Self {
            success: true,
            message: message.to_owned(),
            verification_id: data.verification_id.clone(),
            status: data.status.clone(),
            expires_at: data.expires_at.clone(),
            data,
        }
    }
}

impl OtpShown {
    pub(in super::super) fn of(session: &Session, now: Timestamp) -> Self {
        Self::with(OtpStatus::of(session, now))
    }

    fn with(data: OtpStatus) -> Self {
        Self {
            success: true,
            verification_id: data.otp.verification_id.clone(),
            status: data.otp.status.clone(),
            expires_at: data.otp.expires_at.clone(),
            data,
        }
    }
}

impl Example for Otp {
    fn example() -> Self {
        let text = str::to_owned;
        Self {
            verification_id: text("otp_67890abcdef12345"),
            appid: text("your_app_id"),
            recipient: Some(text("+5511999888777")),
            channel: text("sms"),
            from: text("YourApp"),
            status: text("pending"),
            delivery_status: text("sent"),
            otp_length: 6,
            expires_in: 600,
            expires_at: text("2026-01-10T12:10:00Z"),
            created_at: text("2026-01-10T12:00:00Z"),
            attempts: 0,
            max_attempts: 5,
            resend_count: 0,
        }
    }
}

impl Example for OtpStatus {
    fn example() -> Self {
        Self { otp: Otp::example(), attempts_remaining: 5, verified_at: None }
    }
}

impl Example for OtpSent {
    fn example() -> Self {
        Self::with("OTP sent successfully", Otp::example())
    }
}

impl Example for OtpShown {
    fn example() -> Self {
        Self::with(OtpStatus::example())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::answer::is_as_documented;

    #[test]
    fn answers_are_as_documented() {
        assert!(is_as_documented(&OtpSent::example()));
    }
}
