//! Templates as they go out: the list's elements (spec 4.3), and the detail (spec 4.4).

use poem_openapi::{Object, types::Example};

use crate::core::{
    channel::Channel,
    template::{self, Definition, Template},
};

/// An element of the list: everything but the contents.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct TemplateSummary {
    /// Name.
    template_id: String,
    /// Free text.
    description: String,
    /// Channels joined by `|`.
    send_channel_strategy: String,
    /// Fills `{{brand_name}}`.
    brand_name: String,
    /// What the codes look like; only where there are codes.
    #[oai(skip_serializing_if_is_none)]
    verify_code_config: Option<CodeShape>,
    /// Only where the strategy contains whatsapp.
    #[oai(skip_serializing_if_is_none)]
    whatsapp_config: Option<Kind>,
    /// Only where the strategy contains sms.
    #[oai(skip_serializing_if_is_none)]
    sms_config: Option<SmsSummary>,
    /// Only where the strategy contains voice.
    #[oai(skip_serializing_if_is_none)]
    voice_config: Option<Kind>,
    /// Only where the strategy contains email.
    #[oai(skip_serializing_if_is_none)]
    email_config: Option<EmailSummary>,
    /// As it was given.
    #[oai(skip_serializing_if_is_none)]
    pwa_config: Option<PwaShape>,
    /// Made at, in seconds since 1970.
    created_time: i64,
    /// 1 pending, 2 approved, 3 rejected.
    status: i32,
    /// Reason of a rejection.
    audit_remark: String,
}

/// One template with its contents.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct TemplateDetail {
    /// Name.
    template_id: String,
    /// Free text.
    description: String,
    /// Channels joined by `|`.
    send_channel_strategy: String,
    /// Fills `{{brand_name}}`.
    brand_name: String,
    /// What the codes look like; only where there are codes.
    #[oai(skip_serializing_if_is_none)]
    verify_code_config: Option<CodeShape>,
    /// Only where the strategy contains whatsapp.
    #[oai(skip_serializing_if_is_none)]
    whatsapp_config: Option<SpokenDetail>,
    /// Only where the strategy contains sms.
    #[oai(skip_serializing_if_is_none)]
    sms_config: Option<SmsDetail>,
    /// Only where the strategy contains voice.
    #[oai(skip_serializing_if_is_none)]
    voice_config: Option<SpokenDetail>,
    /// Only where the strategy contains email.
    #[oai(skip_serializing_if_is_none)]
    email_config: Option<EmailDetail>,
    /// As it was given.
    #[oai(skip_serializing_if_is_none)]
    pwa_config: Option<PwaShape>,
    /// Made at, in seconds since 1970.
    created_time: i64,
    /// 1 pending, 2 approved, 3 rejected.
    status: i32,
    /// Reason of a rejection.
    audit_remark: String,
}

/// What the codes look like and how long they live.
#[derive(Debug, Clone, Object)]
struct CodeShape {
    /// Bit mask: 1 digits, 2 lower case, 4 upper case.
    verify_code_type: i32,
    /// Characters.
    verify_code_len: i32,
    /// Minutes.
    verify_code_ttl: i32,
}

/// Which kind of text a channel has.
#[derive(Debug, Clone, Object)]
struct Kind {
    /// Always 1.
    template_type: i32,
}

/// The SMS without its text.
#[derive(Debug, Clone, Object)]
struct SmsSummary {
    /// 1 for a text of the server's own, 2 for the application's.
    template_type: i32,
    /// Estimated parts of one message.
    template_parts: i32,
}

/// The email without its texts.
#[derive(Debug, Clone, Object)]
struct EmailSummary {
    /// Its name.
    template_name: String,
}

/// A channel with a text of the server's own.
#[derive(Debug, Clone, Object)]
struct SpokenDetail {
    /// Always 1.
    template_type: i32,
    /// What the text contains.
    template_default_config: DefaultShape,
}

/// What a text of the server's own contains.
#[derive(Debug, Clone, Object)]
struct DefaultShape {
    /// A tip not to share the code.
    contain_security: bool,
    /// How long the code is valid.
    contain_expire: bool,
}

/// The SMS.
#[derive(Debug, Clone, Object)]
struct SmsDetail {
    /// 1 for a text of the server's own, 2 for the application's.
    template_type: i32,
    /// Estimated parts of one message.
    template_parts: i32,
    /// As it was given.
    #[oai(skip_serializing_if_is_none)]
    template_default_config: Option<DefaultShape>,
    /// As it was given.
    #[oai(skip_serializing_if_is_none)]
    template_custom_config: Option<CustomShape>,
}

/// An SMS text of the application's.
#[derive(Debug, Clone, Object)]
struct CustomShape {
    /// `authentication`, `marketing` or `utility`.
    custom_sub_type: String,
    /// The text.
    custom_content: String,
    /// Countries joined by commas.
    #[oai(skip_serializing_if_is_none)]
    custom_country_codes: Option<String>,
}

/// The email.
#[derive(Debug, Clone, Object)]
struct EmailDetail {
    /// Its name.
    template_name: String,
    /// One text per language.
    template_custom_configs: Vec<MailShape>,
}

/// An email text.
#[derive(Debug, Clone, Object)]
struct MailShape {
    /// Its language.
    language: String,
    /// Display name of the sender.
    #[oai(skip_serializing_if_is_none)]
    pre_from_name: Option<String>,
    /// Address of the sender.
    pre_from_mail: String,
    /// Subject line.
    pre_subject: String,
    /// HTML.
    template_content: String,
    /// Default values of variables.
    pre_param_map: std::collections::BTreeMap<String, String>,
}

/// A progressive web application.
#[derive(Debug, Clone, Object)]
struct PwaShape {
    /// Its platform.
    #[oai(skip_serializing_if_is_none)]
    pwa_platform: Option<String>,
    /// Its code.
    #[oai(skip_serializing_if_is_none)]
    pwa_code: Option<String>,
}

impl TemplateSummary {
    pub(in super::super) fn of(template: &Template) -> Self {
        let definition = &template.definition;
        let kind = |_| Kind { template_type: 1 };
        Self {
            template_id: definition.id.clone(),
            description: definition.description.clone().unwrap_or_default(),
            send_channel_strategy: definition.strategy.to_string(),
            brand_name: definition.brand_name.clone().unwrap_or_default(),
            verify_code_config: definition.code.map(CodeShape::from),
            whatsapp_config: used(definition, Channel::Whatsapp, definition.whatsapp.map(kind)),
            sms_config: used(definition, Channel::Sms, definition.sms.as_ref())
                .map(|sms| SmsSummary { template_type: sms.kind().into(), template_parts: parts(definition) }),
            voice_config: used(definition, Channel::Voice, definition.voice.map(kind)),
            email_config: used(definition, Channel::Email, definition.email.as_ref())
                .map(|email| EmailSummary { template_name: email.name.clone() }),
            pwa_config: definition.pwa.as_ref().map(PwaShape::from),
            created_time: template.created_at.seconds(),
            status: template.status.number().into(),
            audit_remark: template.audit_remark.clone(),
        }
    }
}

impl TemplateDetail {
    pub(in super::super) fn of(template: &Template) -> Self {
        let definition = &template.definition;
        let summary = TemplateSummary::of(template);
        Self {
            template_id: summary.template_id,
            description: summary.description,
            send_channel_strategy: summary.send_channel_strategy,
            brand_name: summary.brand_name,
            verify_code_config: summary.verify_code_config,
            whatsapp_config: used(definition, Channel::Whatsapp, definition.whatsapp.map(SpokenDetail::from)),
            sms_config: used(definition, Channel::Sms, definition.sms.as_ref()).map(|sms| SmsDetail {
                template_type: sms.kind().into(),
                template_parts: parts(definition),
                template_default_config: sms.default_text().map(DefaultShape::from),
                template_custom_config: sms.custom_text().map(CustomShape::from),
            }),
            voice_config: used(definition, Channel::Voice, definition.voice.map(SpokenDetail::from)),
            email_config: used(definition, Channel::Email, definition.email.as_ref()).map(EmailDetail::from),
            pwa_config: summary.pwa_config,
            created_time: summary.created_time,
            status: summary.status,
            audit_remark: summary.audit_remark,
        }
    }
}

/// The configuration of a channel, where the strategy has that channel.
fn used<C>(definition: &Definition, channel: Channel, config: Option<C>) -> Option<C> {
    config.filter(|_| definition.strategy.contains(channel))
}

fn parts(definition: &Definition) -> i32 {
    definition.template_parts().and_then(|parts| i32::try_from(parts).ok()).unwrap_or(0)
}

impl From<template::CodeConfig> for CodeShape {
    fn from(config: template::CodeConfig) -> Self {
        Self {
            verify_code_type: config.spec.alphabet.mask().into(),
            verify_code_len: config.spec.length.into(),
            verify_code_ttl: config.ttl_minutes.into(),
        }
    }
}

impl From<template::DefaultText> for DefaultShape {
    fn from(text: template::DefaultText) -> Self {
        Self { contain_security: text.contain_security, contain_expire: text.contain_expire }
    }
}

impl From<template::DefaultText> for SpokenDetail {
    fn from(text: template::DefaultText) -> Self {
        Self { template_type: 1, template_default_config: text.into() }
    }
}

impl From<&template::CustomSms> for CustomShape {
    fn from(custom: &template::CustomSms) -> Self {
        Self {
            custom_sub_type: custom.sub_type.as_str().to_owned(),
            custom_content: custom.content.clone(),
            custom_country_codes: custom.country_codes.clone(),
        }
    }
}

impl From<&template::EmailConfig> for EmailDetail {
    fn from(email: &template::EmailConfig) -> Self {
        Self {
            template_name: email.name.clone(),
            template_custom_configs: email.texts.iter().map(MailShape::from).collect(),
        }
    }
}

impl From<&template::MailText> for MailShape {
    fn from(mail: &template::MailText) -> Self {
        let presets = mail.presets.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            language: mail.language.tag().to_owned(),
            pre_from_name: mail.from_name.clone(),
            pre_from_mail: mail.from_mail.clone(),
            pre_subject: mail.subject.clone(),
            template_content: mail.content.clone(),
            pre_param_map: presets.collect(),
        }
    }
}

impl From<&template::PwaConfig> for PwaShape {
    fn from(pwa: &template::PwaConfig) -> Self {
        Self { pwa_platform: pwa.platform.clone(), pwa_code: pwa.code.clone() }
    }
}

impl Example for TemplateSummary {
    fn example() -> Self {
        Self {
            template_id: "test-template-1".to_owned(),
            description: "Test Template 1".to_owned(),
            send_channel_strategy: "whatsapp|sms".to_owned(),
            brand_name: "Brand Name".to_owned(),
            verify_code_config: Some(CodeShape { verify_code_type: 1, verify_code_len: 6, verify_code_ttl: 1 }),
            whatsapp_config: Some(Kind { template_type: 1 }),
            sms_config: Some(SmsSummary { template_type: 2, template_parts: 1 }),
            voice_config: None,
            email_config: None,
            pwa_config: None,
            created_time: 1_234_567_890,
            status: 2,
            audit_remark: String::new(),
        }
    }
}

impl Example for TemplateDetail {
    fn example() -> Self {
        let summary = TemplateSummary::example();
        let text = DefaultShape { contain_security: false, contain_expire: false };
        Self {
            template_id: summary.template_id,
            description: summary.description,
            send_channel_strategy: summary.send_channel_strategy,
            brand_name: summary.brand_name,
            verify_code_config: summary.verify_code_config,
            whatsapp_config: Some(SpokenDetail { template_type: 1, template_default_config: text }),
            sms_config: Some(SmsDetail {
                template_type: 2,
                template_parts: 1,
                template_default_config: None,
                template_custom_config: Some(CustomShape {
                    custom_sub_type: "authentication".to_owned(),
                    custom_content: "Your code is {{code}}".to_owned(),
                    custom_country_codes: Some("HK,PH".to_owned()),
                }),
            }),
            voice_config: None,
            email_config: None,
            pwa_config: None,
            created_time: summary.created_time,
            status: summary.status,
            audit_remark: summary.audit_remark,
        }
    }
}
