//! `kind = "whatsapp"`: a number at Meta's Cloud API.

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

/// `kind = "whatsapp"`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Whatsapp {
    /// The number's id at Meta.
    pub phone_number_id: String,
    /// For our requests.
    pub access_token: Secret,
    /// The authentication template.
    pub template: String,
    /// Another one for a language.
    pub templates: BTreeMap<String, String>,
    /// Meta's language for a language of ours.
    pub languages: BTreeMap<String, String>,
    /// Of the app; signs its webhooks.
    pub app_secret: Secret,
    /// What Meta shows on its first visit.
    pub verify_token: Secret,
    /// Where the API is, version and all.
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

impl Whatsapp {
    pub(super) fn validate(&self, section: &str, channels: &[Channel], webhook: &Webhook) -> Result<(), ConfigError> {
        let key = |key| format!("{section}.{key}");
        let only = channels.iter().all(|channel| *channel == Channel::Whatsapp);
        require(only, &key("channels"), "must be [\"whatsapp\"]: it carries nothing else")?;
        let id = !self.phone_number_id.is_empty() && self.phone_number_id.bytes().all(|byte| byte.is_ascii_digit());
        require(id, &key("phone_number_id"), "is missing or no id: Meta shows it beside the number, digits only")?;
        require(!self.access_token.is_empty(), &key("access_token"), "is missing: set it or `access_token_file`")?;
        require(!self.template.is_empty(), &key("template"), "is missing: name an authentication template")?;
        let unsigned = "is missing: `webhook_secret` is set, and without it no report can be believed";
        require(!webhook.is_open() || !self.app_secret.is_empty(), &key("app_secret"), unsigned)?;
        let unmet = "is missing: `webhook_secret` is set, and Meta shows this on its first visit";
        require(!webhook.is_open() || !self.verify_token.is_empty(), &key("verify_token"), unmet)?;
        connection::validate(section, ("base_url", &self.base_url), self.connect_timeout, self.timeout)
    }
}
