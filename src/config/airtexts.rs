//! `[airtexts]`.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;

use super::{
    Secret,
    error::{ConfigError, require},
    value::{duration, optional},
};
use crate::core::ledger;

/// Longest name in which a message can be sent.
const MAX_SENDER: usize = 11;
/// Least length of a secret that signs tokens, in bytes: that of what it makes (RFC 7518, 3.2).
const MIN_JWT_SECRET: usize = 32;

/// `[airtexts]`. No `Debug`: it holds secrets.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Airtexts {
    /// Whether `/otp` is served.
    pub enabled: bool,
    /// The host name whose paths are all its own.
    #[serde(deserialize_with = "optional")]
    pub host: Option<String>,
    /// How long a code lives.
    #[serde(deserialize_with = "duration")]
    pub ttl: Duration,
    /// Wrong guesses that end a code, 1 to 5.
    pub max_attempts: u8,
    /// Resends of one OTP.
    pub max_resends: u8,
    /// Least time between two sends to one recipient.
    #[serde(deserialize_with = "duration")]
    pub resend_interval: Duration,
    /// Requests of one key in a minute; 0 for any number.
    pub rate_per_minute: u32,
    /// Sends to one recipient of one appid in an hour; 0 for any number.
    pub recipient_per_hour: u16,
    /// `from` where a request names none.
    pub default_from: String,
    /// Values that `from` may have.
    pub senders: Vec<String>,
    /// What tokens are signed with.
    pub jwt_secret: Secret,
    /// Whether requests may name a receiver.
    pub webhooks: bool,
    /// Texts by number, then by language.
    pub templates: BTreeMap<String, BTreeMap<String, String>>,
    /// Who may call by name and password.
    pub users: BTreeMap<String, AirtextsUser>,
}

/// One of `[airtexts.users]`. No `Debug`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AirtextsUser {
    /// The key in whose name it calls.
    pub key: String,
    /// What proves it.
    pub password: Secret,
}

impl Airtexts {
    /// The texts by their numbers; a name that is none is not there, see `validate`.
    #[must_use]
    pub fn texts(&self) -> BTreeMap<i64, BTreeMap<String, String>> {
        self.templates.iter().filter_map(|(name, texts)| Some((number(name)?, texts.clone()))).collect()
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let in_minutes = (Duration::from_mins(1)..=Duration::from_hours(24)).contains(&self.ttl);
        require(in_minutes, "airtexts.ttl", "must be 1m to 24h")?;
        require((1..=5).contains(&self.max_attempts), "airtexts.max_attempts", "must be 1 to 5")?;
        let remembered = self.recipient_per_hour <= ledger::Limits::MOST;
        require(remembered, "airtexts.recipient_per_hour", "must be 64 or less, or 0 for any")?;
        let day = Duration::from_hours(24);
        require(self.resend_interval <= day, "airtexts.resend_interval", "must be 24h or less")?;
        require(is_sender(&self.default_from), "airtexts.default_from", "must be 1 to 11 letters and digits")?;
        let senders = self.senders.iter().all(|sender| is_sender(sender));
        require(senders, "airtexts.senders", "may only have texts of 1 to 11 letters and digits")?;
        let signs = self.jwt_secret.is_empty() || self.jwt_secret.expose().len() >= MIN_JWT_SECRET;
        require(signs, "airtexts.jwt_secret", "must have at least 32 characters")?;
        for (name, texts) in &self.templates {
            let key = format!("airtexts.templates.{name}");
            require(number(name).is_some(), &key, "must be named by a whole number")?;
            require(!texts.is_empty(), &key, "is empty: give the text in at least one language, such as `en`")?;
            let with_code = texts.values().all(|text| text.contains("{code}"));
            require(with_code, &key, "has a text without {code}")?;
        }
        for (name, user) in &self.users {
            let key = format!("airtexts.users.{name}");
            require(!name.is_empty() && !name.contains(':'), &key, "must have a name without \":\"")?;
            require(!user.key.is_empty(), &key, "needs the `key` in whose name it calls")?;
            require(!user.password.is_empty(), &key, "needs a `password`")?;
        }
        Ok(())
    }
}

fn number(name: &str) -> Option<i64> {
    name.parse().ok().filter(|number: &i64| number.to_string() == name)
}

fn is_sender(text: &str) -> bool {
    (1..=MAX_SENDER).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
