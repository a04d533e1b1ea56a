//! What an operator says about an account at Twilio, and the checks of it.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::{Client, Url};

use crate::channel::{
    SettingsError,
    web::client::{ClientSettings, checked_headers, checked_url},
};

/// One account. Holds secrets: no `Debug`.
#[derive(Default)]
pub struct TwilioSettings {
    /// `AC…`.
    pub account_sid: String,
    /// Signs Twilio's requests to us; also the password of our requests where there is no API key.
    pub auth_token: String,
    /// `SK…` and its secret, for our requests.
    pub api_key: Option<(String, String)>,
    /// Number or sender of SMS, and number of calls.
    pub from: String,
    /// Number of `WhatsApp` messages, in E.164 form.
    pub whatsapp_from: String,
    /// `MG…`: Twilio chooses the sender.
    pub messaging_service_sid: String,
    /// `HX…`: the approved `WhatsApp` template, whose first variable is the code.
    pub whatsapp_content_sid: String,
    /// Voice for a language of ours, where Twilio's own choice will not do.
    pub voices: BTreeMap<String, String>,
    /// Where Twilio reports, and what it signs; reports are asked for only with one. Holds the secret of the path.
    pub webhook_url: Option<String>,
    /// Where the API is.
    pub base_url: String,
    /// Whom to trust and how long to wait.
    pub connection: ClientSettings,
}

impl TwilioSettings {
    pub(super) fn checked_url(&self, resource: &str) -> Result<Url, SettingsError> {
        let base = self.base_url.trim_end_matches('/');
        let sid = &self.account_sid;
        checked_url("base_url", &format!("{base}/2010-04-01/Accounts/{sid}/{resource}.json"), false)
    }

    /// A client that signs in with the API key, else with the account itself.
    pub(super) fn client(&self, url: &Url) -> Result<Client, SettingsError> {
        let (user, password) = match &self.api_key {
            Some((key, secret)) => (key, secret),
            None => (&self.account_sid, &self.auth_token),
        };
        let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")));
        self.connection.client(url, checked_headers("auth_token", [("authorization", basic.as_str())])?)
    }
}
