//! A template as it comes in (spec 4.1). Every field may be absent here; the core names what is missing.

use poem_openapi::{Object, types::Example};

use crate::{
    core::template::{
        CodeDraft, CustomSmsDraft, DefaultTextDraft, Draft, EmailDraft, MailDraft, PwaConfig, SmsDraft, SpokenDraft,
    },
    http::{Int, Required, Text, TextMap},
};

/// A template to be made.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct CreateTemplate {
    /// Name, unique in the application.
    template_id: Required<Text>,
    /// Free text.
    #[oai(skip_serializing_if_is_none)]
    description: Option<Text>,
    /// `whatsapp`, `sms` and `voice` joined by `|`, tried from left to right, at most three; or `email` alone.
    send_channel_strategy: Required<Text>,
    /// Fills `{{brand_name}}`.
    #[oai(skip_serializing_if_is_none)]
    brand_name: Option<Text>,
    /// Required where the template is of the verification-code type.
    #[oai(skip_serializing_if_is_none)]
    verify_code_config: Option<VerifyCodeConfig>,
    /// Required where the strategy contains whatsapp.
    #[oai(skip_serializing_if_is_none)]
    whatsapp_config: Option<SpokenConfig>,
    /// Required where the strategy contains sms.
    #[oai(skip_serializing_if_is_none)]
    sms_config: Option<SmsConfig>,
    /// Required where the strategy contains voice.
    #[oai(skip_serializing_if_is_none)]
    voice_config: Option<SpokenConfig>,
    /// Required where the strategy contains email.
    #[oai(skip_serializing_if_is_none)]
    email_config: Option<EmailConfig>,
    /// Feeds `{{pwa_url}}`.
    #[oai(skip_serializing_if_is_none)]
    pwa_config: Option<Pwa>,
}

/// What the codes look like and how long they live.
#[derive(Debug, Clone, Object)]
pub(in super::super) struct VerifyCodeConfig {
    /// Bit mask: 1 digits, 2 lower case, 4 upper case.
    pub(super) verify_code_type: Required<Int>,
    /// Characters.
    pub(super) verify_code_len: Required<Int>,
    /// Minutes; 1, 5 or 10 where the strategy contains whatsapp.
    pub(super) verify_code_ttl: Required<Int>,
}

/// A channel with a text of the server's own.
#[derive(Debug, Clone, Object)]
pub(in super::super) struct SpokenConfig {
    /// Always 1.
    template_type: Required<Int>,
    /// What the text contains.
    template_default_config: Required<TemplateDefaultConfig>,
}

/// What a text of the server's own contains.
#[derive(Debug, Clone, Object)]
pub(in super::super) struct TemplateDefaultConfig {
    /// A tip not to share the code.
    pub(super) contain_security: Required<bool>,
    /// How long the code is valid.
    pub(super) contain_expire: Required<bool>,
}

/// The SMS.
#[derive(Debug, Clone, Object)]
pub(in super::super) struct SmsConfig {
    /// 1 for a text of the server's own, 2 for yours.
    template_type: Required<Int>,
    /// Required for type 1.
    #[oai(skip_serializing_if_is_none)]
    template_default_config: Option<TemplateDefaultConfig>,
    /// Required for type 2.
    #[oai(skip_serializing_if_is_none)]
    template_custom_config: Option<TemplateCustomConfig>,
}

/// An SMS text of your own.
#[derive(Debug, Clone, Object)]
pub(in super::super) struct TemplateCustomConfig {
    /// `authentication`, `marketing` or `utility`.
    pub(super) custom_sub_type: Required<Text>,
    /// The text; must contain `{{code}}` for `authentication`.
    pub(super) custom_content: Required<Text>,
    /// Countries joined by commas; informs the review only.
    #[oai(skip_serializing_if_is_none)]
    pub(super) custom_country_codes: Option<Text>,
}

/// The email.
#[derive(Debug, Clone, Object)]
pub(in super::super) struct EmailConfig {
    /// A name for it.
    template_name: Required<Text>,
    /// One text per language; without any the server's own is sent.
    #[oai(skip_serializing_if_is_none)]
    template_custom_configs: Option<Vec<MailConfig>>,
}

/// An email text.
#[derive(Debug, Clone, Object)]
pub(in super::super) struct MailConfig {
    /// `default`, `zh_CN`, `zh_HK`, `en`, `ja`, `th` or `es`.
    pub(super) language: Required<Text>,
    /// Display name of the sender.
    #[oai(skip_serializing_if_is_none)]
    pub(super) pre_from_name: Option<Text>,
    /// Address of the sender.
    pub(super) pre_from_mail: Required<Text>,
    /// Subject line, with variables.
    pub(super) pre_subject: Required<Text>,
    /// HTML, with variables.
    pub(super) template_content: Required<Text>,
    /// Default values of variables.
    #[oai(skip_serializing_if_is_none)]
    pub(super) pre_param_map: Option<TextMap>,
}

/// A progressive web application.
#[derive(Debug, Clone, Object)]
pub(in super::super) struct Pwa {
    /// Its platform.
    #[oai(skip_serializing_if_is_none)]
    pub(super) pwa_platform: Option<Text>,
    /// Its code.
    #[oai(skip_serializing_if_is_none)]
    pub(super) pwa_code: Option<Text>,
}

impl CreateTemplate {
    pub(in super::super) fn into_draft(self) -> Draft {
        Draft {
            id: maybe(self.template_id.0),
            description: maybe(self.description),
            strategy: maybe(self.send_channel_strategy.0),
            brand_name: maybe(self.brand_name),
            code: self.verify_code_config.map(VerifyCodeConfig::into_draft),
            whatsapp: self.whatsapp_config.map(SpokenConfig::into_draft),
            sms: self.sms_config.map(SmsConfig::into_draft),
            voice: self.voice_config.map(SpokenConfig::into_draft),
            email: self.email_config.map(EmailConfig::into_draft),
            pwa: self.pwa_config.map(|pwa| PwaConfig { platform: maybe(pwa.pwa_platform), code: maybe(pwa.pwa_code) }),
        }
    }
}

impl VerifyCodeConfig {
    fn into_draft(self) -> CodeDraft {
        let number = |field: Required<Int>| field.0.map(|number| number.0);
        CodeDraft {
            mask: number(self.verify_code_type),
            length: number(self.verify_code_len),
            ttl: number(self.verify_code_ttl),
        }
    }
}

impl SpokenConfig {
    fn into_draft(self) -> SpokenDraft {
        let text = self.template_default_config.0.map(TemplateDefaultConfig::into_draft);
        SpokenDraft { kind: self.template_type.0.map(|kind| kind.0), text }
    }
}

impl TemplateDefaultConfig {
    const fn into_draft(self) -> DefaultTextDraft {
        DefaultTextDraft { security: self.contain_security.0, expire: self.contain_expire.0 }
    }
}

impl SmsConfig {
    fn into_draft(self) -> SmsDraft {
        SmsDraft {
            kind: self.template_type.0.map(|kind| kind.0),
            default: self.template_default_config.map(TemplateDefaultConfig::into_draft),
            custom: self.template_custom_config.map(TemplateCustomConfig::into_draft),
        }
    }
}

impl TemplateCustomConfig {
    fn into_draft(self) -> CustomSmsDraft {
        CustomSmsDraft {
            sub_type: maybe(self.custom_sub_type.0),
            content: maybe(self.custom_content.0),
            country_codes: maybe(self.custom_country_codes),
        }
    }
}

impl EmailConfig {
    fn into_draft(self) -> EmailDraft {
        let texts = self.template_custom_configs.unwrap_or_default();
        EmailDraft { name: maybe(self.template_name.0), texts: texts.into_iter().map(MailConfig::into_draft).collect() }
    }
}

impl MailConfig {
    fn into_draft(self) -> MailDraft {
        MailDraft {
            language: maybe(self.language.0),
            from_name: maybe(self.pre_from_name),
            from_mail: maybe(self.pre_from_mail.0),
            subject: maybe(self.pre_subject.0),
            content: maybe(self.template_content.0),
            presets: self.pre_param_map.map_or_else(Vec::new, |map| map.0),
        }
    }
}

fn maybe(text: Option<Text>) -> Option<String> {
    text.map(String::from)
}

impl Example for CreateTemplate {
    fn example() -> Self {
        let given = |example: &str| Text(example.to_owned());
        let number = |number| Required(Some(Int(number)));
        let code =
            VerifyCodeConfig { verify_code_type: number(1), verify_code_len: number(6), verify_code_ttl: number(1) };
        let own =
            TemplateDefaultConfig { contain_security: Required(Some(false)), contain_expire: Required(Some(false)) };
        Self {
            template_id: Required(Some(given("test-template-1"))),
            description: Some(given("Test Template 1")),
            send_channel_strategy: Required(Some(given("sms"))),
            brand_name: Some(given("Brand Name")),
            verify_code_config: Some(code),
            whatsapp_config: None,
            sms_config: Some(SmsConfig {
                template_type: number(1),
                template_default_config: Some(own),
                template_custom_config: None,
            }),
            voice_config: None,
            email_config: None,
            pwa_config: None,
        }
    }
}
