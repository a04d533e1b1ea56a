//! Turns a template, a language and values into what is sent. Values are data: one pass, no nesting, no logic (security C5).

mod fill;
mod own;
mod phrases;

use super::{
    channel::Channel,
    code::Code,
    language::Language,
    params::Params,
    plan::{Content, Hop},
    template::{DefaultText, Definition, EmailConfig, MailText, SmsConfig},
};
use fill::{Form, Scope, fill};

/// What a send call brings along.
#[derive(Clone, Copy)]
pub struct Variables<'a> {
    /// The code of the message; it wins over a parameter of that name (spec 1.2). Without one, `params.code` is it (spec 1.5).
    pub code: Option<&'a Code>,
    /// The caller's values.
    pub params: &'a Params,
    /// What `{{pwa_url}}` begins with, without a slash at its end: `{base}/{platform}/{code}`.
    pub pwa_base: Option<&'a str>,
}

/// One hop for each of `channels` that the template has a text for, in the order given.
#[must_use]
pub fn plan(template: &Definition, channels: &[Channel], language: Language, variables: Variables<'_>) -> Vec<Hop> {
    let hop = |&channel| render(template, channel, language, variables).map(|content| Hop { channel, content });
    channels.iter().filter_map(hop).collect()
}

/// The message for one channel; `None` when the template has no text for it.
///
/// A variable that nobody set goes out as written, braces included (spec 1.2).
#[must_use]
pub fn render(
    template: &Definition,
    channel: Channel,
    language: Language,
    variables: Variables<'_>,
) -> Option<Content> {
    let scope = Scope::new(template, variables);
    match channel {
        Channel::Whatsapp => template.whatsapp.map(|text| words(own::short(language, text, &scope))),
        Channel::Voice => template.voice.map(|text| words(own::spoken(language, text, &scope))),
        Channel::Sms => template.sms.as_ref().map(|config| words(sms(config, language, &scope))),
        Channel::Email => template.email.as_ref().map(|config| mail(config, language, &scope)),
    }
}

/// An SMS of the template in the default language with a code of its length; what parts are counted on (spec 4.3).
pub(super) fn sample_sms(template: &Definition) -> Option<String> {
    let code = template.code.map(|config| Code::given(&"0".repeat(config.spec.length.into())));
    let params = Params::default();
    let scope = Scope::new(template, Variables { code: code.as_ref(), params: &params, pwa_base: None });
    template.sms.as_ref().map(|config| sms(config, Language::Default, &scope))
}

fn sms(config: &SmsConfig, language: Language, scope: &Scope<'_>) -> String {
    match config {
        SmsConfig::Default { text, .. } => own::short(language, *text, scope),
        SmsConfig::Custom { text, .. } => fill(&text.content, scope, Form::Plain),
    }
}

fn mail(config: &EmailConfig, language: Language, scope: &Scope<'_>) -> Content {
    match config.text(language) {
        Some(text) => custom_mail(text, &scope.with_presets(&text.presets)),
        None => own::mail(language, DefaultText { contain_security: true, contain_expire: true }, scope),
    }
}

fn custom_mail(text: &MailText, scope: &Scope<'_>) -> Content {
    Content::Mail {
        from_name: text.from_name.as_ref().map(|name| fill(name, scope, Form::Line)),
        from_mail: Some(text.from_mail.clone()),
        subject: fill(&text.subject, scope, Form::Line),
        html: fill(&text.content, scope, Form::Html),
    }
}

const fn words(text: String) -> Content {
    Content::Text { text }
}

#[cfg(test)]
mod tests;
