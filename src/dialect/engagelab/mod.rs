//! EngageLab's OTP API under `/v1` (its specification is the contract of record).

mod api;
mod auth;
mod callback;
mod document;
mod error;
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

pub use auth::Proxies;
pub use callback::Callbacks;
pub use error::rejected;

/// See the module.
pub const DIALECT: Dialect = Dialect {
    name: "engagelab",
    title: "EngageLab OTP API",
    prefix: "/v1",
    any_case: false,
    endpoint,
    document: document::document,
};

/// What an operator may set.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Wrong guesses that end a code, 1 to 5 (spec 10, row 7).
    pub max_guesses: u8,
    /// Requests of one key in a minute; 0 is any number (spec 10, row 25).
    pub rate_per_minute: u32,
    /// How often one recipient is sent to (security 5).
    pub pace: Pace,
}

impl Settings {
    /// How this dialect's codes behave; length, alphabet and life come from the template.
    const fn policy(self) -> Policy {
        Policy {
            ttl: Duration::from_mins(5),
            max_guesses: self.max_guesses,
            pace: self.pace,
            on_repeat: OnRepeat::Refuse,
            resend: Resend::None,
            secret: SecretForm::Digest,
            first_delivery: FirstDelivery::Queue,
            leading_zero: LeadingZero::Forbidden,
            keep_after_end: Duration::from_hours(24),
        }
    }
}

fn service() -> OpenApiService<api::Api, ()> {
    OpenApiService::new(api::Api, "verifyd: EngageLab OTP API", env!("CARGO_PKG_VERSION"))
        .description("Sends one-time passwords and verifies them, as EngageLab's OTP API does.")
        .license(poem_openapi::LicenseObject::new(env!("CARGO_PKG_LICENSE"))) // no URL is that of either licence
        .server(poem_openapi::ServerObject::new("/").description("This server"))
}

fn endpoint() -> BoxEndpoint<'static, Response> {
    mount(service(), rejected).boxed()
}
