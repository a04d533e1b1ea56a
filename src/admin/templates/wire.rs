//! The shapes of templates, as a reviewer sees them.

use poem_openapi::{Enum, Object};

use crate::{
    admin::words::Channel,
    core::template::{Audit, DefaultText, Definition, MailText, SmsConfig, Template},
    http::{Required, Text},
};

/// Where the review of a template stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename = "Review", rename_all = "lowercase")]
enum Review {
    Pending,
    Approved,
    Rejected,
}

/// A template, without its texts.
#[derive(Debug, Clone, Object)]
#[oai(rename = "TemplateSummary", skip_serializing_if_is_none)]
pub(super) struct TemplateSummary {
    /// Its name, unique in the application.
    template_id: String,
    /// What the application says of it.
    description: Option<String>,
    /// Where its review stands.
    status: Review,
    /// Why it was rejected; often empty.
    audit_remark: String,
    /// The channels it is sent over, the first one first.
    channels: Vec<Channel>,
    /// Made at.
    created_at: String,
}

#[derive(Debug, Clone, Object)]
#[oai(rename = "TemplateList", skip_serializing_if_is_none)]
pub(super) struct TemplateList {
    /// In the order of their names.
    pub(super) items: Vec<TemplateSummary>,
    /// Where the next page begins; absent on the last one.
    pub(super) next_cursor: Option<String>,
}

/// A template with its texts.
#[derive(Debug, Clone, Object)]
#[oai(rename = "TemplateDetail", skip_serializing_if_is_none)]
pub(super) struct TemplateDetail {
    /// The template.
    template: TemplateSummary,
    /// Who it says it is from.
    brand_name: Option<String>,
    /// Length of its codes; absent where it makes none.
    code_length: Option<u16>,
    /// Life of its codes in minutes; absent where it makes none.
    code_minutes: Option<u16>,
    /// What is sent over its channels.
    texts: Vec<TemplateText>,
}

/// What is sent over one channel, in one language.
#[derive(Debug, Clone, Object)]
#[oai(rename = "TemplateText", skip_serializing_if_is_none)]
struct TemplateText {
    /// The channel.
    channel: Channel,
    /// Whether it is the server's own text, in the language that each message asks for.
    own: bool,
    /// The language it is written in; absent where it is one for all.
    language: Option<String>,
    /// Sender of a mail.
    from: Option<String>,
    /// Subject of a mail, with variables.
    subject: Option<String>,
    /// The application's text, with variables; HTML in a mail.
    content: Option<String>,
}

#[derive(Debug, Clone, Object)]
#[oai(rename = "TemplateRejection", deny_unknown_fields)]
pub(super) struct Rejection {
    /// The reason, shown to the application.
    pub(super) remark: Required<Text>,
}

impl TemplateSummary {
    pub(super) fn of(template: &Template) -> Self {
        let definition = &template.definition;
        Self {
            template_id: definition.id.clone(),
            description: definition.description.clone(),
            status: match template.status {
                Audit::Pending => Review::Pending,
                Audit::Approved => Review::Approved,
                Audit::Rejected => Review::Rejected,
            },
            audit_remark: template.audit_remark.clone(),
            channels: definition.strategy.channels().iter().copied().map(Channel::from).collect(),
            created_at: template.created_at.rfc3339(),
        }
    }
}

impl TemplateDetail {
    pub(super) fn of(template: &Template) -> Self {
        let definition = &template.definition;
        Self {
            template: TemplateSummary::of(template),
            brand_name: definition.brand_name.clone(),
            code_length: definition.code.map(|code| code.spec.length.into()),
            code_minutes: definition.code.map(|code| code.ttl_minutes.into()),
            texts: texts(definition),
        }
    }
}

fn texts(definition: &Definition) -> Vec<TemplateText> {
    let own = |channel| move |_: DefaultText| TemplateText::own(channel);
    let mut texts: Vec<_> = definition.whatsapp.map(own(Channel::Whatsapp)).into_iter().collect();
    texts.extend(definition.sms.as_ref().map(|sms| match sms {
        SmsConfig::Default { .. } => TemplateText::own(Channel::Sms),
        SmsConfig::Custom { text, .. } => {
            TemplateText { own: false, content: Some(text.content.clone()), ..TemplateText::own(Channel::Sms) }
        }
    }));
    texts.extend(definition.voice.map(own(Channel::Voice)));
    match definition.email.as_ref() {
        Some(email) if email.texts.is_empty() => texts.push(TemplateText::own(Channel::Email)),
        Some(email) => texts.extend(email.texts.iter().map(TemplateText::from)),
        None => {}
    }
    texts
}

impl TemplateText {
    const fn own(channel: Channel) -> Self {
        Self { channel, own: true, language: None, from: None, subject: None, content: None }
    }
}

impl From<&MailText> for TemplateText {
    fn from(mail: &MailText) -> Self {
        let from = match &mail.from_name {
            Some(name) => format!("{name} <{}>", mail.from_mail),
            None => mail.from_mail.clone(),
        };
        Self {
            own: false,
            language: Some(mail.language.tag().to_owned()),
            from: Some(from),
            subject: Some(mail.subject.clone()),
            content: Some(mail.content.clone()),
            ..Self::own(Channel::Email)
        }
    }
}
