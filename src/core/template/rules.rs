//! The rules of spec 4.1 for a template as a whole.

use super::{
    CodeConfig, CodeDraft, Definition, Draft, PwaConfig, Strategy, TemplateFault,
    TemplateFault::{Invalid, Missing},
    channels,
};
use crate::core::{
    channel::Channel,
    code::{Alphabet, CodeSpec, MAX_LENGTH, MIN_LENGTH},
    plain_text::is_plain,
};

/// Longest `template_id`, in characters.
const MAX_ID: usize = 128;
/// Longest `description`, in characters.
const MAX_DESCRIPTION: usize = 255;
/// Shortest `brand_name`, in characters.
const MIN_BRAND: usize = 2;
/// Longest `brand_name`, in characters.
const MAX_BRAND: usize = 10;
/// Longest life of a code, in minutes.
pub const MAX_TTL: u8 = 10;

impl Draft {
    /// Judges the draft; the first broken rule is the answer. Configurations of channels outside the strategy are not
    /// judged (spec 4.1: they are accepted): they are kept where they are well-formed, else dropped.
    pub fn validate(self) -> Result<Definition, TemplateFault> {
        let id = required(self.id, "template_id").and_then(checked(is_id, "template_id"))?;
        let description = self.description.map(checked(is_description, "description")).transpose()?;
        let strategy = Strategy::parse(&required(self.strategy, "send_channel_strategy")?)?;
        let brand_name = self.brand_name.map(checked(is_brand, "brand_name")).transpose()?;
        let wanted = |channel| strategy.contains(channel);
        let mut definition = Definition {
            whatsapp: channels::configured(self.whatsapp, wanted(Channel::Whatsapp), channels::whatsapp)?,
            sms: channels::configured(self.sms, wanted(Channel::Sms), channels::sms)?,
            voice: channels::configured(self.voice, wanted(Channel::Voice), channels::voice)?,
            email: channels::configured(self.email, wanted(Channel::Email), super::mail::email)?,
            pwa: self.pwa.map(pwa).transpose()?,
            id,
            description,
            strategy,
            brand_name,
            code: None,
        };
        let wants_code = definition.strategy.channels().iter().any(|&channel| definition.wants_code(channel));
        if wants_code {
            let draft = self.code.ok_or(Missing("verify_code_config"))?;
            definition.code = Some(code(&draft, definition.strategy.contains(Channel::Whatsapp))?);
        }
        Ok(definition)
    }
}

/// The value, which may not be empty.
pub(super) fn required(value: Option<String>, path: &'static str) -> Result<String, TemplateFault> {
    value.filter(|text| !text.is_empty()).ok_or(Missing(path))
}

/// A text that passes `rule`.
pub(super) fn checked(
    rule: fn(&str) -> bool,
    path: &'static str,
) -> impl FnOnce(String) -> Result<String, TemplateFault> {
    move |text| if rule(&text) { Ok(text) } else { Err(Invalid(path)) }
}

/// Printable ASCII without blank and `/`, so that it can stand in the path of the detail call.
fn is_id(id: &str) -> bool {
    id.len() <= MAX_ID && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/')
}

fn is_description(text: &str) -> bool {
    text.chars().count() <= MAX_DESCRIPTION && !text.contains('\0')
}

fn is_brand(text: &str) -> bool {
    (MIN_BRAND..=MAX_BRAND).contains(&text.chars().count()) && is_plain(text)
}

fn code(draft: &CodeDraft, whatsapp: bool) -> Result<CodeConfig, TemplateFault> {
    let mask = draft.mask.ok_or(Missing("verify_code_config.verify_code_type"))?;
    let length = draft.length.ok_or(Missing("verify_code_config.verify_code_len"))?;
    let ttl = draft.ttl.ok_or(Missing("verify_code_config.verify_code_ttl"))?;
    let alphabet = Alphabet::from_mask(mask).ok_or(Invalid("verify_code_config.verify_code_type"))?;
    let length = within(length, MIN_LENGTH, MAX_LENGTH).ok_or(Invalid("verify_code_config.verify_code_len"))?;
    let ttl_minutes = within(ttl, 1, MAX_TTL).ok_or(Invalid("verify_code_config.verify_code_ttl"))?;
    if whatsapp && ![1, 5, 10].contains(&ttl_minutes) {
        return Err(TemplateFault::TtlNotForWhatsapp);
    }
    Ok(CodeConfig { spec: CodeSpec { alphabet, length }, ttl_minutes })
}

fn within(number: i64, least: u8, most: u8) -> Option<u8> {
    u8::try_from(number).ok().filter(|number| (least..=most).contains(number))
}

/// Both become segments of a URL: only characters that mean nothing there.
fn pwa(config: PwaConfig) -> Result<PwaConfig, TemplateFault> {
    Ok(PwaConfig {
        platform: config.platform.map(checked(is_segment, "pwa_config.pwa_platform")).transpose()?,
        code: config.code.map(checked(is_segment, "pwa_config.pwa_code")).transpose()?,
    })
}

fn is_segment(text: &str) -> bool {
    let dots = text.bytes().all(|byte| byte == b'.') && !text.is_empty();
    text.len() <= MAX_ID && !dots && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

#[cfg(test)]
mod tests;
