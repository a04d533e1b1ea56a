//! What an operator says about a number of the `WhatsApp` Cloud API, and the checks of it.

use std::collections::BTreeMap;

use reqwest::{Client, Url};

use crate::channel::{
    SettingsError,
    web::client::{ClientSettings, checked_headers, checked_url},
};

/// One number. Holds secrets: no `Debug`.
#[derive(Default)]
pub struct WhatsappSettings {
    /// The number's id at Meta.
    pub phone_number_id: String,
    /// For our requests.
    pub access_token: String,
    /// Name of the authentication template.
    pub template: String,
    /// Another name for a language of ours.
    pub templates: BTreeMap<String, String>,
    /// The template's language at Meta for a language of ours, where it is not the usual one.
    pub languages: BTreeMap<String, String>,
    /// What Meta's requests are signed with; reports are expected only with it.
    pub app_secret: String,
    /// What Meta shows when it first comes to the webhook.
    pub verify_token: String,
    /// Whether Meta has been told where to report.
    pub reports: bool,
    /// Where the API is, version and all.
    pub base_url: String,
    /// Whom to trust and how long to wait.
    pub connection: ClientSettings,
}

impl WhatsappSettings {
    pub(super) fn checked_url(&self) -> Result<Url, SettingsError> {
        let (base, id) = (self.base_url.trim_end_matches('/'), &self.phone_number_id);
        checked_url("base_url", &format!("{base}/{id}/messages"), false)
    }

    pub(super) fn client(&self, url: &Url) -> Result<Client, SettingsError> {
        let bearer = format!("Bearer {}", self.access_token);
        self.connection.client(url, checked_headers("access_token", [("authorization", bearer.as_str())])?)
    }

    /// Name and language of the template for a language of ours.
    pub(super) fn template_for<'a>(&'a self, language: &'a str) -> (&'a str, &'a str) {
        let name = self.templates.get(language).unwrap_or(&self.template);
        let usual = if language == "default" { "en" } else { language };
        (name, self.languages.get(language).map_or(usual, String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::language::Language;

    #[test]
    fn every_language_has_a_template_and_a_language_of_metas() {
        let table = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
        let settings = WhatsappSettings {
            template: "code".to_owned(),
            templates: table("ja", "code_ja"),
            languages: table("default", "en_US"),
            ..WhatsappSettings::default()
        };
        let all = Language::ALL.map(|language| settings.template_for(language.tag()));
        let code = |language| ("code", language);
        assert_eq!(
            all,
            [code("en_US"), code("zh_CN"), code("zh_HK"), code("en"), ("code_ja", "ja"), code("th"), code("es")]
        );
    }
}
