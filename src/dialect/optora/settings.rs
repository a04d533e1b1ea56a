//! What an operator may choose, and how this API's codes behave.

use std::time::Duration;

use ipnet::IpNet;
use zeroize::Zeroizing;

use crate::core::{
    code::LeadingZero,
    ledger::Pace,
    policy::{FirstDelivery, OnRepeat, Policy, Resend, SecretForm},
};

/// Sends again within the life of a code (spec 3.3).
const RESENDS: u8 = 3;
/// Wrong guesses that end a code (spec 3.3).
const GUESSES: u8 = 5;

/// See the module.
pub struct Settings {
    /// The application that everything belongs to.
    pub app: String,
    /// Whose clients are heard; the link in a mail may be followed from anywhere.
    pub allow: Vec<IpNet>,
    /// What links begin with, such as `https://otp.example.com`; none are sent without it.
    pub base_url: Option<String>,
    /// What following a link does.
    pub link: LinkMode,
    /// Which words a success has.
    pub messages: Messages,
    /// Characters of a code, 1 to 10.
    pub code_length: u8,
    /// How long codes and links live, in minutes.
    pub validity_minutes: u8,
    /// Calls that send, in one window, of one client and for one address.
    pub max_requests: u32,
    /// Length of the window.
    pub window: Duration,
    /// Words that no field may hold, in lower case.
    pub blocked_keywords: Vec<String>,
    /// Domains that mail goes to, in lower case; all where there is none.
    pub allowed_domains: Vec<String>,
    /// Whether a status shows the address.
    pub status_email: bool,
    /// Where the page's tester sends its requests, if not to where it came from.
    pub docs_api_url: Option<String>,
    /// What webhooks are signed with.
    pub webhook_secret: Option<Zeroizing<String>>,
}

/// What following a link does (security E2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkMode {
    /// It confirms at once.
    Get,
    /// It shows a page that confirms by a script.
    Auto,
    /// It shows a page with a button that confirms.
    Button,
}

/// Whose words a success has (spec 3.0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Messages {
    /// Those of version 2.
    Optora,
    /// Those of its ancestor, which some clients compare.
    OtpService,
}

impl Settings {
    /// The application that everything belongs to, and the key of the configuration that says so.
    pub(super) fn named_app(&self) -> (&'static str, &str) {
        ("optora.app", &self.app)
    }

    /// How this dialect's codes behave; their characters come with the request.
    pub(super) fn policy(&self) -> Policy {
        Policy {
            ttl: Duration::from_mins(self.validity_minutes.into()),
            max_guesses: GUESSES,
            pace: Pace::default(), // the limiter counts in its own way
            on_repeat: OnRepeat::ReuseLive,
            resend: Resend::ByRepeat { max: RESENDS },
            secret: SecretForm::Sealed,
            first_delivery: FirstDelivery::Await,
            leading_zero: LeadingZero::Allowed,
            keep_after_end: Duration::from_hours(24),
        }
    }
}
