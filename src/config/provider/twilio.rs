//! `kind = "twilio"`: an account at Twilio.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use serde::Deserialize;

use super::{Webhook, connection};
use crate::{
    config::{
        error::{ConfigError, require},
        secret::Secret,
        value::{duration, optional_path},
    },
    core::channel::Channel,
};

/// `kind = "twilio"`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Twilio {
    /// `AC…`.
    pub account_sid: String,
    /// Of the account; signs its webhooks.
    pub auth_token: Secret,
    /// `SK…`; requests use it instead of the account's token.
    pub api_key: String,
    /// Goes with `api_key`.
    pub api_key_secret: Secret,
    /// Sender of SMS and number of calls.
    pub from: String,
    /// `MG…`: chooses the sender of SMS.
    pub messaging_service_sid: String,
    /// Number of `WhatsApp` messages.
    pub whatsapp_from: String,
    /// `HX…`: the approved template whose first variable is the code.
    pub whatsapp_content_sid: String,
    /// Voice for a language.
    pub voices: BTreeMap<String, String>,
    /// Where the API is.
    pub base_url: String,
    /// For connecting.
    #[serde(deserialize_with = "duration")]
    pub connect_timeout: Duration,
    /// For the whole request.
    #[serde(deserialize_with = "duration")]
    pub timeout: Duration,
    /// More trusted certificates, PEM.
    #[serde(deserialize_with = "optional_path")]
    pub ca_file: Option<PathBuf>,
}

impl Twilio {
    pub(super) fn validate(&self, section: &str, channels: &[Channel], webhook: &Webhook) -> Result<(), ConfigError> {
        let key = |key| format!("{section}.{key}");
        let carries = |channel| channels.contains(&channel);
        require(!carries(Channel::Email), &key("channels"), "may have \"sms\", \"whatsapp\" and \"voice\" only")?;
        let sid =
            self.account_sid.starts_with("AC") && self.account_sid.bytes().all(|byte| byte.is_ascii_alphanumeric());
        require(sid, &key("account_sid"), "is missing or no account SID, which begins with \"AC\"")?;
        let lone = "and `api_key_secret` go together: set both or neither";
        require(self.api_key.is_empty() == self.api_key_secret.is_empty(), &key("api_key"), lone)?;
        let login = !self.auth_token.is_empty() || !self.api_key.is_empty();
        require(login, &key("auth_token"), "is missing: set it, or `api_key` and `api_key_secret`")?;
        let unsigned = "is missing: Twilio signs its reports with it, so `webhook_secret` needs it";
        require(!webhook.is_open() || !self.auth_token.is_empty(), &key("auth_token"), unsigned)?;
        let sms = !carries(Channel::Sms) || !self.from.is_empty() || !self.messaging_service_sid.is_empty();
        require(sms, &key("from"), "is missing: name the sender of SMS, or set `messaging_service_sid`")?;
        let voice = !carries(Channel::Voice) || self.from.starts_with('+');
        require(voice, &key("from"), "must be a number such as \"+15005550006\": calls come from it")?;
        let whatsapp = !carries(Channel::Whatsapp) || self.whatsapp_from.starts_with('+');
        require(whatsapp, &key("whatsapp_from"), "is missing or no number such as \"+15005550006\"")?;
        connection::validate(section, ("base_url", &self.base_url), self.connect_timeout, self.timeout)
    }
}
