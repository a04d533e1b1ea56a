//! AirTexts' OTP API under `/otp` (its specification is the contract of record).

mod api;
mod auth;
mod document;
mod error;
mod find;
mod hook;
mod limits;
mod management;
mod texts;
mod wire;

use std::{collections::BTreeMap, time::Duration};

use poem::{EndpointExt, Response, endpoint::BoxEndpoint};
use poem_openapi::OpenApiService;
use zeroize::Zeroizing;

use super::Dialect;
use crate::{
    core::{
        code::LeadingZero,
        ledger::Pace,
        policy::{FirstDelivery, OnRepeat, Policy, Resend, SecretForm},
    },
    http::mount,
};

pub use auth::{Proxies, Signer};
pub use error::rejected;
pub use hook::Hooks;
pub use texts::Texts;

/// Its name, also that of its keys, its document and its sessions.
pub const NAME: &str = "airtexts";

/// See the module.
pub const DIALECT: Dialect = Dialect {
    name: NAME,
    title: "AirTexts OTP API",
    prefix: "/otp",
    any_case: false,
    endpoint,
    document: document::document,
};

/// What an operator may set (spec 2.7). No `Debug`: it holds secrets.
pub struct Settings {
    /// How long a code lives.
    pub ttl: Duration,
    /// Wrong guesses that end a code, 1 to 5.
    pub max_attempts: u8,
    /// Resends of one OTP.
    pub max_resends: u8,
    /// Least time between two sends to one recipient.
    pub resend_interval: Duration,
    /// Requests of one key in a minute; 0 for any number.
    pub rate_per_minute: u32,
    /// Sends to one recipient of one appid in an hour, 64 at most; 0 for any number.
    pub recipient_per_hour: u16,
    /// `from` where a request names none.
    pub default_from: String,
    /// Values that `from` may have, beside the default; none for any that is well-formed.
    pub senders: Vec<String>,
    /// Texts by `templateId`.
    pub texts: Texts,
    /// Who may call by name and password, beside the keys.
    pub users: BTreeMap<String, User>,
    /// What JSON Web Tokens are signed with.
    pub signer: Option<Signer>,
    /// Whether requests may name a receiver for what becomes of them.
    pub webhooks: bool,
}

/// A user of the configuration. No `Debug`.
pub struct User {
    /// The key in whose name it calls.
    pub key: String,
    /// What proves it.
    pub password: Zeroizing<String>,
}

impl Settings {
    /// How often one appid sends to one recipient (spec 2.5).
    fn pace(&self) -> Pace {
        Pace { gap: self.resend_interval, per_hour: self.recipient_per_hour, ..Pace::default() }
    }

    /// How this dialect's codes behave (spec 2.4).
    fn policy(&self) -> Policy {
        Policy {
            ttl: self.ttl,
            max_guesses: self.max_attempts,
            pace: self.pace(),
            on_repeat: OnRepeat::ExpireOlder,
            resend: Resend::NewCode {
                reset_guesses: false,
                restart_clock: true,
                max: self.max_resends,
                gap: self.resend_interval,
            },
            secret: SecretForm::Digest,
            first_delivery: FirstDelivery::Await,
            leading_zero: LeadingZero::Allowed,
            keep_after_end: Duration::from_hours(24),
        }
    }
}

fn service() -> OpenApiService<(api::Api, management::Api), ()> {
    let apis = (api::Api, management::Api);
    OpenApiService::new(apis, "verifyd: AirTexts OTP API", env!("CARGO_PKG_VERSION"))
        .description("Sends one-time passwords over SMS and WhatsApp and verifies them, as AirTexts' OTP API does.")
        .license(poem_openapi::LicenseObject::new(env!("CARGO_PKG_LICENSE"))) // no URL is that of either licence
        .server(poem_openapi::ServerObject::new("/").description("This server"))
}

fn endpoint() -> BoxEndpoint<'static, Response> {
    mount(service(), rejected).boxed()
}
