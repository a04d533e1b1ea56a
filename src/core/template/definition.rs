//! A template that keeps every rule. Values are made by [`super::Draft::validate`] only.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Strategy;
use crate::core::{channel::Channel, code::CodeSpec, language::Language, params::Params, render, sms};

/// Everything an application said of a template (spec 4.1). `Serialize` is the shape of the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// Unique in the application; 1 to 128 printable ASCII characters without `/`.
    pub id: String,
    /// At most 255 characters.
    pub description: Option<String>,
    /// Channels to try.
    pub strategy: Strategy,
    /// 2 to 10 characters.
    pub brand_name: Option<String>,
    /// Present exactly when the template is of the code type.
    pub code: Option<CodeConfig>,
    /// Present when the strategy has the channel; may be present besides.
    pub whatsapp: Option<DefaultText>,
    /// Present when the strategy has the channel; may be present besides.
    pub sms: Option<SmsConfig>,
    /// Present when the strategy has the channel; may be present besides.
    pub voice: Option<DefaultText>,
    /// Present when the strategy has the channel; may be present besides.
    pub email: Option<EmailConfig>,
    /// What `{{pwa_url}}` is made of.
    pub pwa: Option<PwaConfig>,
}

impl Definition {
    /// Whether its messages carry a code.
    #[must_use]
    pub const fn is_code_template(&self) -> bool {
        self.code.is_some()
    }

    /// Estimated SMS parts of a message in the default language (spec 4.3); `None` without an SMS text.
    #[must_use]
    pub fn template_parts(&self) -> Option<u32> {
        render::sample_sms(self).map(|text| sms::parts(&text))
    }

    /// Whether the text of `channel` names the code, in some language; our own texts do.
    pub(super) fn wants_code(&self, channel: Channel) -> bool {
        match channel {
            Channel::Whatsapp => self.whatsapp.is_some(),
            Channel::Voice => self.voice.is_some(),
            Channel::Sms => self.sms.as_ref().is_some_and(SmsConfig::wants_code),
            Channel::Email => self.email.as_ref().is_some_and(EmailConfig::wants_code),
        }
    }
}

/// `verify_code_config`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeConfig {
    /// Characters and length.
    pub spec: CodeSpec,
    /// Life of a code, 1 to 10 minutes.
    pub ttl_minutes: u8,
}

impl CodeConfig {
    /// Life of a code.
    #[must_use]
    pub fn ttl(&self) -> Duration {
        Duration::from_mins(self.ttl_minutes.into())
    }
}

/// `template_default_config`: what is added to our own text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultText {
    /// The security tip.
    pub contain_security: bool,
    /// The sentence that says how long the code is good.
    pub contain_expire: bool,
}

/// `sms_config`. The part that `template_type` does not choose is kept for the detail call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmsConfig {
    /// `template_type` 1: our own text.
    Default {
        /// What is sent.
        text: DefaultText,
        /// Kept, not sent.
        unused: Option<CustomSms>,
    },
    /// `template_type` 2: the application's text.
    Custom {
        /// What is sent.
        text: CustomSms,
        /// Kept, not sent.
        unused: Option<DefaultText>,
    },
}

impl SmsConfig {
    /// `template_type` on the wire.
    #[must_use]
    pub const fn kind(&self) -> u8 {
        match self {
            Self::Default { .. } => 1,
            Self::Custom { .. } => 2,
        }
    }

    /// `template_default_config`, used or not.
    #[must_use]
    pub const fn default_text(&self) -> Option<DefaultText> {
        match self {
            Self::Default { text, .. } => Some(*text),
            Self::Custom { unused, .. } => *unused,
        }
    }

    /// `template_custom_config`, used or not.
    #[must_use]
    pub const fn custom_text(&self) -> Option<&CustomSms> {
        match self {
            Self::Default { unused, .. } => unused.as_ref(),
            Self::Custom { text, .. } => Some(text),
        }
    }

    fn wants_code(&self) -> bool {
        match self {
            Self::Default { .. } => true,
            Self::Custom { text, .. } => text.wants_code(),
        }
    }
}

/// What an application's own SMS text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmsSubType {
    /// Carries a code.
    Authentication,
    /// Advertises.
    Marketing,
    /// Notifies.
    Utility,
}

impl SmsSubType {
    const ALL: [Self; 3] = [Self::Authentication, Self::Marketing, Self::Utility];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Marketing => "marketing",
            Self::Utility => "utility",
        }
    }

    /// Reads the exact word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// `sms_config.template_custom_config`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomSms {
    /// What the text is for.
    pub sub_type: SmsSubType,
    /// The text, with variables.
    pub content: String,
    /// Countries it is meant for (`HK,PH`); informs the review only.
    pub country_codes: Option<String>,
}

impl CustomSms {
    fn wants_code(&self) -> bool {
        self.sub_type == SmsSubType::Authentication || mentions_code(&self.content)
    }
}

/// `email_config`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailConfig {
    /// The application's name for it.
    pub name: String,
    /// One per language; none means our own mail.
    pub texts: Vec<MailText>,
}

impl EmailConfig {
    /// The text for `language`: the exact one, else the default one, else the first (spec 4.1; spec 10, row 18).
    #[must_use]
    pub fn text(&self, language: Language) -> Option<&MailText> {
        let of = |language| self.texts.iter().find(|text| text.language == language);
        of(language).or_else(|| of(Language::Default)).or_else(|| self.texts.first())
    }

    fn wants_code(&self) -> bool {
        self.texts.is_empty()
            || self.texts.iter().any(|text| mentions_code(&text.content) || mentions_code(&text.subject))
    }
}

/// One of `email_config.template_custom_configs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailText {
    /// The language it is written in.
    pub language: Language,
    /// Display name of the sender.
    pub from_name: Option<String>,
    /// Address of the sender.
    pub from_mail: String,
    /// Subject line, with variables.
    pub subject: String,
    /// HTML, with variables.
    pub content: String,
    /// Values of variables the caller does not set (`pre_param_map`).
    pub presets: Params,
}

/// `pwa_config`: what `{{pwa_url}}` is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PwaConfig {
    /// `pwa_platform`.
    pub platform: Option<String>,
    /// `pwa_code`.
    pub code: Option<String>,
}

fn mentions_code(text: &str) -> bool {
    crate::core::placeholder::mentions(text, "code")
}
