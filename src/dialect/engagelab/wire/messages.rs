//! Sending (spec 1.2, 1.3, 1.5).

use poem_openapi::{Enum, Object, types::Example};

use super::{custom_args::CustomArgs, targets::Targets, text};
use crate::{
    core::{
        channel::Channel, code::Code, language::Language, params::Params, plain_text::is_plain, recipient::Recipient,
    },
    dialect::engagelab::error::ApiError,
    http::{Required, Text, TextMap},
    service::{self, Receipt},
};

/// Most targets of one custom message (spec 10, row 20).
pub(super) const MAX_TARGETS: usize = 100;
/// Longest code of a caller's own, in characters; the original publishes no limit.
const MAX_OWN_CODE: usize = 64;

/// A code to be made and sent.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct SendMessage {
    /// A phone number in international form with `+`, or an email address.
    to: Required<Text>,
    /// What to send.
    template: Required<TemplateRef>,
    /// Returned in callbacks.
    #[oai(skip_serializing_if_is_none)]
    custom_args: Option<CustomArgs>,
}

/// A code of the caller's own to be sent.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct SendCode {
    /// A phone number in international form with `+`, or an email address.
    to: Required<Text>,
    /// The code to deliver; 1 to 64 characters.
    code: Required<Text>,
    /// What to send.
    template: Required<TemplateRef>,
    /// Returned in callbacks.
    #[oai(skip_serializing_if_is_none)]
    custom_args: Option<CustomArgs>,
}

/// A template's text to be sent.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct SendCustomMessage {
    /// Up to 100 targets. A single one may also be given as a string, without the list.
    to: Required<Targets>,
    /// What to send.
    template: Required<CustomTemplateRef>,
    /// Returned in callbacks.
    #[oai(skip_serializing_if_is_none)]
    custom_args: Option<CustomArgs>,
}

/// Which template, in which language, with which values.
#[derive(Debug, Clone, Object)]
pub(in super::super) struct TemplateRef {
    /// Name of the template.
    id: Required<Text>,
    /// `default`, `zh_CN`, `zh_HK`, `en`, `ja`, `th` or `es`; anything else means `default`.
    #[oai(skip_serializing_if_is_none)]
    language: Option<Text>,
    /// Values of the template's variables; a variable without one is sent as it is written.
    #[oai(skip_serializing_if_is_none)]
    params: Option<TextMap>,
}

/// Which template, with which values.
#[derive(Debug, Clone, Object)]
pub(in super::super) struct CustomTemplateRef {
    /// Name of the template.
    id: Required<Text>,
    /// Values of the template's variables; `code` is required where the template is of the verification-code type.
    #[oai(skip_serializing_if_is_none)]
    params: Option<TextMap>,
}

/// The message is on disk.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct MessageAccepted {
    /// Names the message; a decimal string, because it does not fit a JavaScript number.
    message_id: String,
    /// The channel used first.
    send_channel: SendChannel,
}

/// A channel.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename_all = "lowercase")]
enum SendChannel {
    /// `WhatsApp`.
    Whatsapp,
    /// Short message.
    Sms,
    /// Email.
    Email,
    /// Voice call.
    Voice,
}

impl SendMessage {
    pub(in super::super) fn into_command(self) -> Result<service::SendCode, ApiError> {
        command(self.to, self.template, self.custom_args)
    }
}

impl SendCode {
    pub(in super::super) fn into_command(self) -> Result<service::SendOwnCode, ApiError> {
        let code = text(self.code, "code");
        let message = command(self.to, self.template, self.custom_args)?;
        let code = code?;
        if code.chars().nth(MAX_OWN_CODE).is_some() || !is_plain(&code) {
            return Err(ApiError::invalid("code"));
        }
        Ok(service::SendOwnCode { message, code: Code::given(&code) })
    }
}

impl SendCustomMessage {
    pub(in super::super) fn into_command(self) -> Result<service::SendCustom, ApiError> {
        let Targets(targets) = self.to.0.ok_or_else(|| ApiError::missing("to"))?;
        if targets.is_empty() || targets.iter().any(String::is_empty) {
            return Err(ApiError::missing("to"));
        }
        if targets.len() > MAX_TARGETS {
            return Err(ApiError::invalid("to"));
        }
        let template = self.template.0.ok_or_else(|| ApiError::missing("template"))?;
        Ok(service::SendCustom {
            template: text(template.id, "template.id")?,
            params: params(template.params)?,
            recipients: targets.iter().map(|target| Recipient::parse(target)).collect::<Result<_, _>>()?,
            custom_args: self.custom_args.map(|args| args.0),
        })
    }
}

fn command(
    to: Required<Text>,
    template: Required<TemplateRef>,
    custom_args: Option<CustomArgs>,
) -> Result<service::SendCode, ApiError> {
    let to = text(to, "to")?;
    let template = template.0.ok_or_else(|| ApiError::missing("template"))?;
    Ok(service::SendCode {
        template: text(template.id, "template.id")?,
        language: template.language.and_then(|tag| Language::parse(&tag.0)).unwrap_or_default(),
        params: params(template.params)?,
        recipient: Recipient::parse(&to)?,
        custom_args: custom_args.map(|args| args.0),
    })
}

fn params(map: Option<TextMap>) -> Result<Params, ApiError> {
    Ok(Params::parse(map.map_or_else(Vec::new, |map| map.0))?)
}

impl From<Receipt> for MessageAccepted {
    fn from(receipt: Receipt) -> Self {
        Self { message_id: receipt.message.to_string(), send_channel: receipt.channel.into() }
    }
}

impl From<Channel> for SendChannel {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Whatsapp => Self::Whatsapp,
            Channel::Sms => Self::Sms,
            Channel::Email => Self::Email,
            Channel::Voice => Self::Voice,
        }
    }
}

fn given(example: &str) -> Required<Text> {
    Required(Some(Text(example.to_owned())))
}

fn template_example() -> TemplateRef {
    let params = TextMap(vec![("name".to_owned(), "Ada".to_owned())]);
    TemplateRef { id: given("test-template-1"), language: Some(Text("default".to_owned())), params: Some(params) }
}

impl Example for SendMessage {
    fn example() -> Self {
        Self { to: given("+6591234567"), template: Required(Some(template_example())), custom_args: None }
    }
}

impl Example for SendCode {
    fn example() -> Self {
        let template = Required(Some(template_example()));
        Self { to: given("+6591234567"), code: given("398210"), template, custom_args: None }
    }
}

impl Example for SendCustomMessage {
    fn example() -> Self {
        let params = TextMap(vec![("code".to_owned(), "398210".to_owned())]);
        let template = CustomTemplateRef { id: given("test-template-1"), params: Some(params) };
        let to = Targets(vec!["+6591234567".to_owned()]);
        Self { to: Required(Some(to)), template: Required(Some(template)), custom_args: None }
    }
}

impl Example for MessageAccepted {
    fn example() -> Self {
        Self { message_id: "1725407449772531712".to_owned(), send_channel: SendChannel::Sms }
    }
}
