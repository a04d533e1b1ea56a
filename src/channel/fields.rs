//! The fields of a gateway's request: `{{name}}` placeholders, checked when the settings are read, filled once per message.
//!
//! A value is data: it is put in whole, never read for placeholders again, and the body around it is written by a
//! serialiser (security C7).

use serde_json::{Map, Value};

use super::html_text;
use crate::core::{
    placeholder,
    plan::{Content, Outgoing},
};

/// Finds a placeholder's value.
type Field = for<'a> fn(&'a Values<'a>) -> &'a str;

/// Every placeholder with the value it stands for. A value that a message does not have is the empty text.
const FIELDS: [(&str, Field); 10] = [
    ("to", |values| values.message.recipient.as_str()),
    ("text", |values| &values.text),
    ("channel", |values| values.message.channel.as_str()),
    ("message_id", |values| &values.message_id),
    ("sender", |values| values.message.sender.unwrap_or_default()),
    ("language", |values| values.message.language),
    ("subject", |values| values.mail.subject),
    ("html", |values| values.mail.html),
    ("from_name", |values| values.mail.from_name),
    ("from_mail", |values| values.mail.from_mail),
];

/// One message, ready to be put into templates.
pub(super) struct Values<'a> {
    message: &'a Outgoing<'a>,
    message_id: String,
    /// The words; of an email, those of its HTML.
    text: std::borrow::Cow<'a, str>,
    mail: Letter<'a>,
}

#[derive(Default)]
struct Letter<'a> {
    subject: &'a str,
    html: &'a str,
    from_name: &'a str,
    from_mail: &'a str,
}

impl<'a> Values<'a> {
    pub(super) fn of(message: &'a Outgoing<'a>) -> Self {
        let (text, mail) = match message.content {
            Content::Text { text } => (text.into(), Letter::default()),
            Content::Mail { from_name, from_mail, subject, html } => {
                let from_name = from_name.as_deref().unwrap_or_default();
                let from_mail = from_mail.as_deref().unwrap_or_default();
                (html_text::of_html(html).into(), Letter { subject, html, from_name, from_mail })
            }
        };
        Self { message, message_id: message.message_id.to_string(), text, mail }
    }
}

/// A text with placeholders.
pub(super) struct Template(Vec<Piece>);

enum Piece {
    Fixed(String),
    Field(Field),
}

impl Template {
    /// Reads `{{name}}`, blanks inside allowed; the error names a placeholder that there is not.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let piece = |piece| match piece {
            placeholder::Piece::Text(text) => Ok(Piece::Fixed(text.to_owned())),
            placeholder::Piece::Variable { name, source } => {
                let field = FIELDS.iter().find(|(known, _)| *known == name);
                field
                    .map(|(_, value)| Piece::Field(*value))
                    .ok_or_else(|| format!("there is no placeholder `{source}`"))
            }
        };
        placeholder::pieces(text).map(piece).collect::<Result<_, _>>().map(Self)
    }

    /// The text for one message.
    pub(super) fn fill(&self, values: &Values<'_>) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Fixed(text) => text,
            Piece::Field(value) => value(values),
        });
        pieces.collect()
    }
}

/// A JSON value whose strings are templates; keys, numbers and the like are taken as they are.
pub(super) enum JsonTemplate {
    Fixed(Value),
    Text(Template),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl JsonTemplate {
    pub(super) fn parse(value: &Value) -> Result<Self, String> {
        Ok(match value {
            Value::String(text) => Self::Text(Template::parse(text)?),
            Value::Array(items) => Self::List(items.iter().map(Self::parse).collect::<Result<_, _>>()?),
            Value::Object(members) => {
                let members = members.iter().map(|(key, value)| Ok((key.clone(), Self::parse(value)?)));
                Self::Object(members.collect::<Result<_, String>>()?)
            }
            fixed => Self::Fixed(fixed.clone()),
        })
    }

    pub(super) fn fill(&self, values: &Values<'_>) -> Value {
        match self {
            Self::Fixed(value) => value.clone(),
            Self::Text(template) => Value::String(template.fill(values)),
            Self::List(items) => items.iter().map(|item| item.fill(values)).collect(),
            Self::Object(members) => {
                let members = members.iter().map(|(key, value)| (key.clone(), value.fill(values)));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }
}

/// A table of names and templates, for forms and query strings.
pub(super) struct TableTemplate(Vec<(String, Template)>);

impl TableTemplate {
    pub(super) fn parse(fields: &[(String, String)]) -> Result<Self, String> {
        let fields = fields.iter().map(|(name, text)| Ok((name.clone(), Template::parse(text)?)));
        fields.collect::<Result<_, String>>().map(Self)
    }

    pub(super) fn fill(&self, values: &Values<'_>) -> Vec<(&str, String)> {
        self.0.iter().map(|(name, template)| (name.as_str(), template.fill(values))).collect()
    }
}
