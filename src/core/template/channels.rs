//! The rules of spec 4.1 for `WhatsApp`, SMS and voice.

use super::{
    CustomSms, CustomSmsDraft, DefaultText, DefaultTextDraft, SmsConfig, SmsDraft, SmsSubType, SpokenDraft,
    TemplateFault,
    TemplateFault::{Invalid, Missing},
    rules::{checked, required},
};
use crate::core::placeholder::{count, mentions};

/// Longest SMS text, in characters; about ten parts.
const MAX_SMS: usize = 1530;
/// Most variables in one text: with the limits of values it bounds what a message can grow to (security C5).
const MAX_VARIABLES: usize = 64;
/// Longest `custom_country_codes`, in bytes.
const MAX_COUNTRIES: usize = 255;

/// The configuration of one channel: demanded and judged when the strategy has the channel, else kept if it is good.
pub(super) fn configured<D, C>(
    draft: Option<D>,
    wanted: bool,
    judge: fn(D) -> Result<C, TemplateFault>,
) -> Result<Option<C>, TemplateFault> {
    match draft.map(judge) {
        Some(Err(fault)) if wanted => Err(fault),
        None if wanted => Err(TemplateFault::NoChannelConfig),
        result => Ok(result.and_then(Result::ok)),
    }
}

/// Wire names of a channel with a text of our own.
struct Paths {
    kind: &'static str,
    text: &'static str,
    security: &'static str,
    expire: &'static str,
}

const WHATSAPP: Paths = Paths {
    kind: "whatsapp_config.template_type",
    text: "whatsapp_config.template_default_config",
    security: "whatsapp_config.template_default_config.contain_security",
    expire: "whatsapp_config.template_default_config.contain_expire",
};
const VOICE: Paths = Paths {
    kind: "voice_config.template_type",
    text: "voice_config.template_default_config",
    security: "voice_config.template_default_config.contain_security",
    expire: "voice_config.template_default_config.contain_expire",
};
const SMS: Paths = Paths {
    kind: "sms_config.template_type",
    text: "sms_config.template_default_config",
    security: "sms_config.template_default_config.contain_security",
    expire: "sms_config.template_default_config.contain_expire",
};

pub(super) fn whatsapp(draft: SpokenDraft) -> Result<DefaultText, TemplateFault> {
    spoken(draft, &WHATSAPP)
}

pub(super) fn voice(draft: SpokenDraft) -> Result<DefaultText, TemplateFault> {
    spoken(draft, &VOICE)
}

fn spoken(draft: SpokenDraft, paths: &Paths) -> Result<DefaultText, TemplateFault> {
    match draft.kind.ok_or(Missing(paths.kind))? {
        1 => default_text(draft.text, paths),
        _ => Err(Invalid(paths.kind)),
    }
}

fn default_text(draft: Option<DefaultTextDraft>, paths: &Paths) -> Result<DefaultText, TemplateFault> {
    let draft = draft.ok_or(Missing(paths.text))?;
    Ok(DefaultText {
        contain_security: draft.security.ok_or(Missing(paths.security))?,
        contain_expire: draft.expire.ok_or(Missing(paths.expire))?,
    })
}

pub(super) fn sms(draft: SmsDraft) -> Result<SmsConfig, TemplateFault> {
    let default = default_text(draft.default, &SMS);
    let custom = draft.custom.ok_or(Missing("sms_config.template_custom_config")).and_then(custom_sms);
    match draft.kind.ok_or(Missing(SMS.kind))? {
        1 => Ok(SmsConfig::Default { text: default?, unused: custom.ok() }),
        2 => Ok(SmsConfig::Custom { text: custom?, unused: default.ok() }),
        _ => Err(Invalid(SMS.kind)),
    }
}

fn custom_sms(draft: CustomSmsDraft) -> Result<CustomSms, TemplateFault> {
    const KIND: &str = "sms_config.template_custom_config.custom_sub_type";
    const CONTENT: &str = "sms_config.template_custom_config.custom_content";
    const COUNTRIES: &str = "sms_config.template_custom_config.custom_country_codes";
    let sub_type = SmsSubType::parse(&required(draft.sub_type, KIND)?).ok_or(Invalid(KIND))?;
    let content = required(draft.content, CONTENT).and_then(checked(is_sms, CONTENT))?;
    let country_codes = draft.country_codes.map(checked(is_countries, COUNTRIES)).transpose()?;
    if sub_type == SmsSubType::Authentication && !mentions(&content, "code") {
        return Err(TemplateFault::CodeNotInContent);
    }
    Ok(CustomSms { sub_type, content, country_codes })
}

/// Line ends and tabs are all the controls a body may have.
pub(super) fn is_body(text: &str) -> bool {
    count(text) <= MAX_VARIABLES
        && !text.chars().any(|character| character.is_control() && !matches!(character, '\n' | '\r' | '\t'))
}

fn is_sms(text: &str) -> bool {
    text.chars().count() <= MAX_SMS && is_body(text)
}

/// Informs the review only, so nothing is asked of it but to be short ASCII.
fn is_countries(text: &str) -> bool {
    text.len() <= MAX_COUNTRIES && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}
