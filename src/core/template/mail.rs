//! The rules of spec 4.1 for email.

use super::{
    EmailConfig, EmailDraft, MailDraft, MailText, TemplateFault,
    TemplateFault::Invalid,
    channels::is_body,
    rules::{checked, required},
};
use crate::core::{language::Language, params::Params, plain_text::is_plain, recipient::Email};

/// Longest name or subject, in characters.
const MAX_LINE: usize = 255;
/// Longest HTML of a mail, in bytes.
const MAX_HTML: usize = 64 * 1024;

const LANGUAGE: &str = "email_config.template_custom_configs.language";
const FROM_NAME: &str = "email_config.template_custom_configs.pre_from_name";
const FROM_MAIL: &str = "email_config.template_custom_configs.pre_from_mail";
const SUBJECT: &str = "email_config.template_custom_configs.pre_subject";
const CONTENT: &str = "email_config.template_custom_configs.template_content";
const PRESETS: &str = "email_config.template_custom_configs.pre_param_map";

pub(super) fn email(draft: EmailDraft) -> Result<EmailConfig, TemplateFault> {
    const NAME: &str = "email_config.template_name";
    let name = required(draft.name, NAME).and_then(checked(is_line, NAME))?;
    let mut texts: Vec<MailText> = Vec::with_capacity(draft.texts.len().min(Language::ALL.len()));
    for text in draft.texts {
        let text = mail_text(text)?;
        if texts.iter().any(|other| other.language == text.language) {
            return Err(Invalid(LANGUAGE));
        }
        texts.push(text);
    }
    Ok(EmailConfig { name, texts })
}

fn mail_text(draft: MailDraft) -> Result<MailText, TemplateFault> {
    Ok(MailText {
        language: Language::parse(&required(draft.language, LANGUAGE)?).ok_or(Invalid(LANGUAGE))?,
        from_name: draft.from_name.map(checked(is_line, FROM_NAME)).transpose()?,
        from_mail: required(draft.from_mail, FROM_MAIL).and_then(checked(is_address, FROM_MAIL))?,
        subject: required(draft.subject, SUBJECT).and_then(checked(is_line, SUBJECT))?,
        content: required(draft.content, CONTENT).and_then(checked(is_html, CONTENT))?,
        presets: Params::parse(draft.presets).map_err(|_| Invalid(PRESETS))?,
    })
}

/// One line of a mail's head: no line end may smuggle another in (security C6).
fn is_line(text: &str) -> bool {
    text.chars().count() <= MAX_LINE && is_plain(text)
}

fn is_address(text: &str) -> bool {
    Email::parse(text).is_ok()
}

fn is_html(text: &str) -> bool {
    text.len() <= MAX_HTML && is_body(text)
}
