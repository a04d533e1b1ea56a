//! The codes that came back (spec 2.2, `attempts`).

use poem_openapi::{Object, types::Example};

use super::{
    otp::{remaining, status_word},
    time, whole,
};
use crate::service::{Page, Paged, Session, Try, TryResult};

/// The answer to a question for the codes that came back.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct AttemptsShown {
    /// Always true.
    success: bool,
    /// As in `data`.
    verification_id: String,
    /// As in `data`.
    status: String,
    /// As in `data`.
    attempts_remaining: i32,
    /// What was asked for.
    data: AttemptPage,
}

/// Some of the codes that came back, the newest first.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct AttemptPage {
    /// The OTP.
    verification_id: String,
    /// `pending`, `verified`, `expired` or `failed`.
    status: String,
    /// Codes that were compared.
    attempts: i32,
    /// Wrong codes that end it.
    max_attempts: i32,
    /// Wrong codes that it still takes.
    attempts_remaining: i32,
    /// How many entries there are in all.
    total: i64,
    /// Most of them in this answer.
    limit: i64,
    /// How many newer ones were left out.
    offset: i64,
    /// The codes.
    items: Vec<Attempt>,
}

/// A code that came back.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct Attempt {
    /// From 1, the oldest first.
    attempt: i64,
    /// `invalid`, `locked` for the wrong one that was the last, or `verified`.
    result: String,
    /// Where it came from.
    ip_address: Option<String>,
    /// When.
    created_at: String,
}

impl AttemptsShown {
    pub(in super::super) fn of(session: &Session, tries: &Paged<Try>, page: Page) -> Self {
        Self::with(AttemptPage {
            verification_id: session.public_id.clone(),
            status: status_word(session.outlook()).to_owned(),
            attempts: session.attempts.into(),
            max_attempts: session.max_attempts.into(),
            attempts_remaining: remaining(session),
            total: whole(tries.total),
            limit: whole(page.limit),
            offset: whole(page.offset),
            items: tries.rows.iter().map(Attempt::of).collect(),
        })
    }

    fn with(data: AttemptPage) -> Self {
        Self {
            success: true,
            verification_id: data.verification_id.clone(),
            status: data.status.clone(),
            attempts_remaining: data.attempts_remaining,
            data,
        }
    }
}

impl Attempt {
    fn of(guess: &Try) -> Self {
        let result = match guess.result {
            TryResult::Wrong => "invalid",
            TryResult::Last => "locked",
            TryResult::Right => "verified",
        };
        Self {
            attempt: whole(guess.number),
            result: result.to_owned(),
            ip_address: guess.address.clone(),
            created_at: time(guess.at),
        }
    }
}

impl Example for Attempt {
    fn example() -> Self {
        let (result, created_at) = ("invalid".to_owned(), "2026-01-10T12:01:00Z".to_owned());
        Self { attempt: 1, result, ip_address: Some("192.0.2.7".to_owned()), created_at }
    }
}

impl Example for AttemptPage {
    fn example() -> Self {
        Self {
            verification_id: "otp_67890abcdef12345".to_owned(),
            status: "pending".to_owned(),
            attempts: 1,
            max_attempts: 5,
            attempts_remaining: 4,
            total: 1,
            limit: 50,
            offset: 0,
            items: vec![Attempt::example()],
        }
    }
}

impl Example for AttemptsShown {
    fn example() -> Self {
        Self::with(AttemptPage::example())
    }
}
