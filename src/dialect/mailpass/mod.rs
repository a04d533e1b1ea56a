//! `MailPass`' OTP API under `/api/v1`: codes by email (its specification is the contract of record).

mod answers;
mod api;
mod auth;
mod document;
mod error;
mod texts;
mod wire;

use std::time::Duration;

use poem::{EndpointExt, Response, endpoint::BoxEndpoint};
use poem_openapi::OpenApiService;

use super::Dialect;
use crate::{
    core::{
        code::LeadingZero,
        ledger::Pace,
        policy::{FirstDelivery, OnRepeat, Policy, Resend, SecretForm},
    },
    http::mount,
};

pub use error::rejected;
pub use texts::Language;

/// See the module.
pub const DIALECT: Dialect = Dialect {
    name: "mailpass",
    title: "MailPass OTP API",
    prefix: "/api/v1",
    any_case: false,
    endpoint,
    document: document::document,
};

/// How often one session may be sent again (spec 1.3, point 5).
const RESENDS: u8 = 5;

/// What an operator may set (spec 1.6).
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long a code lives where the request does not say.
    pub default_ttl: Duration,
    /// Wrong guesses that end a code, 1 to 5.
    pub max_attempts: u8,
    /// Requests of one key in a minute; 0 is any number (spec 1.4).
    pub rate_per_minute: u32,
    /// How often one recipient is sent to (spec 1.4).
    pub pace: Pace,
    /// What mails are written in.
    pub language: Language,
    /// Whether failures are answered with status 200 (spec 1.2).
    pub errors_as_200: bool,
}

impl Settings {
    /// How this dialect's codes behave (spec 1.3).
    fn policy(self, ttl: Duration) -> Policy {
        Policy {
            ttl,
            max_guesses: self.max_attempts,
            pace: self.pace,
            on_repeat: OnRepeat::KeepBoth,
            resend: Resend::NewCode { reset_guesses: true, restart_clock: true, max: RESENDS, gap: Duration::ZERO },
            secret: SecretForm::Digest,
            first_delivery: FirstDelivery::Await,
            leading_zero: LeadingZero::Allowed,
            keep_after_end: Duration::from_hours(24),
        }
    }
}

fn service() -> OpenApiService<api::Api, ()> {
    OpenApiService::new(api::Api, "verifyd: MailPass OTP API", env!("CARGO_PKG_VERSION"))
        .description(
            "Sends one-time passwords by email and verifies them, as MailPass' OTP API does. Every answer to a known key says \
             how many requests are left in its minute: `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset` \
             (Unix time in seconds).",
        )
        .license(poem_openapi::LicenseObject::new(env!("CARGO_PKG_LICENSE"))) // no URL is that of either licence
        .server(poem_openapi::ServerObject::new("/").description("This server"))
}

fn endpoint() -> BoxEndpoint<'static, Response> {
    answers::Answers(mount(service(), rejected)).boxed()
}
