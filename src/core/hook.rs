//! What somebody is told of a session because the request that began it named them (AirTexts spec 2.6). A dialect words it.

use super::{clock::Timestamp, signature::sign};

/// What they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The message arrived.
    Delivered,
    /// It will not.
    Failed,
    /// The right code came back.
    Verified,
}

impl Told {
    /// Its bit in what the database keeps.
    #[must_use]
    pub const fn bit(self) -> i16 {
        match self {
            Self::Delivered => 1,
            Self::Failed => 2,
            Self::Verified => 4,
        }
    }
}

/// One thing to tell. It names a person: no `Debug`.
#[derive(Clone, Copy)]
pub struct HookNews<'a> {
    /// What happened.
    pub told: Told,
    /// The session, as callers know it.
    pub public_id: &'a str,
    /// The part of the application.
    pub scope: &'a str,
    /// Whose it is.
    pub recipient: &'a str,
    /// When.
    pub at: Timestamp,
}

/// How a dialect words it.
pub trait HookFormat: Send + Sync {
    /// The body of the request.
    fn body(&self, news: &HookNews<'_>) -> String;
}

/// The header, name and value, that proves to whoever shares the secret that a request is ours (AirTexts spec 2.6, Optora
/// spec 3.5).
#[must_use]
pub fn proof(secret: &str, body: &str) -> (&'static str, String) {
    ("x-webhook-signature", format!("sha256={}", sign(secret, &[body])))
}
