//! `[optora]`.

use std::time::Duration;

use ipnet::IpNet;
use serde::Deserialize;

use super::{
    Config, Secret,
    error::{ConfigError, require},
    value::{networks, optional},
};

/// `[optora]` (Optora spec 3.6).
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Optora {
    /// Whether `/api/otp` is served.
    pub enabled: bool,
    /// The host name whose paths are all its own.
    #[serde(deserialize_with = "optional")]
    pub host: Option<String>,
    /// The application that everything belongs to.
    pub app: String,
    /// Networks whose clients are heard.
    #[serde(deserialize_with = "networks")]
    pub allow: Vec<IpNet>,
    #[serde(deserialize_with = "optional")]
    base_url: Option<String>,
    /// What following a link does.
    pub link: LinkMode,
    /// Which words a success has.
    pub messages: Messages,
    /// Characters of a code, 1 to 10.
    pub code_length: u8,
    /// How long codes and links live, 1 to 10 minutes.
    pub validity_minutes: u8,
    /// Calls that send in one window, of one client and for one address.
    pub max_requests: u32,
    window_minutes: u32,
    /// Words that no field may hold.
    pub blocked_keywords: Vec<String>,
    /// Domains that mail goes to; empty is all.
    pub allowed_domains: Vec<String>,
    /// Whether a status shows the address.
    pub status_email: bool,
    /// Where the page's tester sends its requests.
    #[serde(deserialize_with = "optional")]
    pub docs_api_url: Option<String>,
    /// What webhooks are signed with; not, where it is empty.
    pub webhook_secret: Secret,
    /// Whether webhooks may lead to machines that are not on the public network.
    pub webhook_allow_private: bool,
}

/// `optora.link` (security E2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkMode {
    /// Following it confirms.
    Get,
    /// A page confirms by its script.
    Auto,
    /// A page has a button that confirms.
    Button,
}

/// `optora.messages`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Messages {
    /// Version 2.
    Optora,
    /// Its ancestor.
    OtpService,
}

impl Optora {
    /// Length of a window of the limiter.
    #[must_use]
    pub fn window(&self) -> Duration {
        Duration::from_mins(self.window_minutes.into())
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        require(!self.app.is_empty(), "optora.app", "is empty: name an application such as \"default\"")?;
        require((1..=10).contains(&self.code_length), "optora.code_length", "must be 1 to 10")?;
        require((1..=10).contains(&self.validity_minutes), "optora.validity_minutes", "must be 1 to 10")?;
        require(self.max_requests > 0, "optora.max_requests", "must be at least 1")?;
        let windows = 1..=24 * 60;
        require(windows.contains(&self.window_minutes), "optora.window_minutes", "must be 1 to 1440")?;
        let shape = "must begin with \"https://\" (or \"http://\"), hold no blanks or quotes and have no \"/\" at its end, or be \"\"";
        for (key, url) in [("optora.base_url", &self.base_url), ("optora.docs_api_url", &self.docs_api_url)] {
            require(url.as_deref().is_none_or(is_base), key, shape)?;
        }
        Ok(())
    }
}

impl Config {
    /// What links of this dialect begin with: `optora.base_url`, else `http.public_url`. Never what a request says
    /// (security E1).
    #[must_use]
    pub fn link_base(&self) -> Option<&str> {
        self.optora.base_url.as_deref().or(self.http.public_url.as_deref())
    }
}

fn is_base(url: &str) -> bool {
    let rest = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    let plain = |byte: u8| byte.is_ascii_graphic() && !b"?#;,'\"<>\\".contains(&byte);
    rest.is_some_and(|rest| !rest.is_empty() && !rest.ends_with('/') && rest.bytes().all(plain))
}
