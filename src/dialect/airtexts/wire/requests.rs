//! What is sent, verified and sent again (spec 2.2).
//!
//! Fields of several names stand in each request: a group of its own would cost it a copy of all that is left of the body.

use poem_openapi::{Object, types::Example};

use super::{
    aliases::{Given, first, word},
    number,
};
use crate::{
    core::{
        channel::Channel,
        code::{Alphabet, CodeSpec},
        recipient::Recipient,
    },
    dialect::airtexts::{
        error::{self, ApiError},
        find::Sought,
    },
    http::{Loose, Whole, Wrong},
};

/// Digits of a code where the request does not say.
const LENGTH: u8 = 6;
/// Longest text that is taken for a code; none of ours is longer than 8.
const MAX_CODE: usize = 32;

/// Send an OTP.
#[derive(Debug, Clone, Default, Object)]
#[oai(example)]
pub(in super::super) struct SendOtp {
    /// Name of an application that the credentials own; `app_id` and `appId` are read as well.
    appid: Given,
    app_id: Given,
    #[oai(rename = "appId")]
    app_id_in_one: Given,
    /// Phone number in international form; `+`, blanks, dashes and brackets do not matter.
    recipient: Given,
    /// Another name of `recipient`.
    phone: Given,
    /// Another name of `recipient`.
    to: Given,
    /// `sms` or `whatsapp`; `sms` unless given.
    channel: Given,
    /// Digits of the code; 6 unless given.
    otp_length: Option<Loose<Whole>>,
    /// Number of a text of the configuration; without one the built-in text is sent. `template_id` is read as well.
    #[oai(rename = "templateId")]
    template_id: Option<Loose<Whole>>,
    #[oai(rename = "template_id")]
    template_id_in_two: Option<Loose<Whole>>,
    /// Language of the text; `en` unless given.
    lang: Given,
    /// Where to tell what becomes of it; ignored unless the server is set up for that.
    webhook_url: Given,
    /// Name in the text, up to 11 letters and digits; the configuration may allow certain ones only.
    from: Given,
    /// Another name of `from`.
    sender: Given,
    /// Another name of `from`.
    sender_id: Given,
}

/// Verify a code.
#[derive(Debug, Clone, Default, Object)]
#[oai(example)]
pub(in super::super) struct VerifyOtp {
    /// Name of an application that the credentials own; `app_id` and `appId` are read as well.
    appid: Given,
    app_id: Given,
    #[oai(rename = "appId")]
    app_id_in_one: Given,
    /// Phone number in international form; `+`, blanks, dashes and brackets do not matter.
    recipient: Given,
    /// Another name of `recipient`.
    phone: Given,
    /// Another name of `recipient`.
    to: Given,
    /// The code.
    otp_code: Given,
    /// Another name of `otp_code`.
    code: Given,
    /// The OTP; may be left out where `recipient` is given, then it is the newest of that recipient.
    verification_id: Given,
}

/// Send an OTP again.
#[derive(Debug, Clone, Default, Object)]
#[oai(example)]
pub(in super::super) struct ResendOtp {
    /// Name of an application that the credentials own; `app_id` and `appId` are read as well.
    appid: Given,
    app_id: Given,
    #[oai(rename = "appId")]
    app_id_in_one: Given,
    /// Phone number in international form; `+`, blanks, dashes and brackets do not matter.
    recipient: Given,
    /// Another name of `recipient`.
    phone: Given,
    /// Another name of `recipient`.
    to: Given,
    /// The OTP; may be left out where `recipient` is given, then it is the newest of that recipient.
    verification_id: Given,
    /// `sms` or `whatsapp`, where another one is wanted.
    channel: Given,
    /// Language of the text, where another one is wanted.
    lang: Given,
    /// Name in the text, up to 11 letters and digits; the configuration may allow certain ones only.
    from: Given,
    /// Another name of `from`.
    sender: Given,
    /// Another name of `from`.
    sender_id: Given,
}

/// A send whose fields can be used.
pub(in super::super) struct Send {
    pub(in super::super) appid: String,
    pub(in super::super) recipient: Recipient,
    pub(in super::super) wish: Wish,
    pub(in super::super) code: CodeSpec,
    pub(in super::super) template: Option<i64>,
    pub(in super::super) webhook_url: Option<String>,
}

/// What may be said anew with every send.
pub(in super::super) struct Wish {
    pub(in super::super) channel: Option<Channel>,
    pub(in super::super) from: Option<String>,
    pub(in super::super) lang: Option<String>,
}

/// A code for some OTP.
pub(in super::super) struct Verify {
    pub(in super::super) sought: Sought,
    pub(in super::super) code: String,
}

impl SendOtp {
    /// Missing fields come first, in the order of the specification.
    pub(in super::super) fn into_command(self) -> Result<Send, ApiError> {
        let appid = appid([self.appid, self.app_id, self.app_id_in_one])?;
        let recipient = first([self.recipient, self.phone, self.to]).ok_or_else(|| ApiError::missing("recipient"))?;
        let channel = channel(self.channel)?;
        let code = CodeSpec { alphabet: Alphabet::DIGITS, length: length(self.otp_length)? };
        let recipient = number::recipient(&recipient)?;
        let (from, lang) = (first([self.from, self.sender, self.sender_id]), first([self.lang]));
        Ok(Send {
            appid,
            recipient,
            wish: Wish { channel, from, lang },
            code,
            template: template(self.template_id.or(self.template_id_in_two))?,
            webhook_url: first([self.webhook_url]),
        })
    }
}

impl VerifyOtp {
    /// What cannot be a code of ours is wrong without being compared: it does not come back as an error of its form.
    pub(in super::super) fn into_command(self) -> Result<Verify, ApiError> {
        let appid = appid([self.appid, self.app_id, self.app_id_in_one])?;
        let code = first([self.otp_code, self.code]).ok_or_else(|| ApiError::missing("otp_code"))?;
        let code = code.chars().take(MAX_CODE).collect();
        Ok(Verify { sought: sought(appid, self.verification_id, [self.recipient, self.phone, self.to])?, code })
    }
}

impl ResendOtp {
    pub(in super::super) fn into_command(self) -> Result<(Sought, Wish), ApiError> {
        let appid = appid([self.appid, self.app_id, self.app_id_in_one])?;
        let sought = sought(appid, self.verification_id, [self.recipient, self.phone, self.to])?;
        let (channel, lang) = (channel(self.channel)?, first([self.lang]));
        Ok((sought, Wish { channel, from: first([self.from, self.sender, self.sender_id]), lang }))
    }
}

fn appid(names: [Given; 3]) -> Result<String, ApiError> {
    first(names).ok_or_else(|| ApiError::missing("appid"))
}

fn sought(appid: String, id: Given, to: [Given; 3]) -> Result<Sought, ApiError> {
    let recipient = first(to).map(|text| number::recipient(&text)).transpose()?;
    let id = first([id]);
    if id.is_none() && recipient.is_none() {
        return Err(ApiError::missing("verification_id"));
    }
    Ok(Sought { appid: Some(appid), id, recipient })
}

/// The channel, where one is named.
fn channel(word: Given) -> Result<Option<Channel>, ApiError> {
    first([word]).map(|word| named_channel(&word)).transpose()
}

/// One of the two that this API knows.
pub(in super::super) fn named_channel(word: &str) -> Result<Channel, ApiError> {
    let channel = Channel::parse(&word.to_ascii_lowercase());
    let known = channel.filter(|channel| matches!(channel, Channel::Sms | Channel::Whatsapp));
    known.ok_or_else(|| ApiError::refused(error::INVALID_CHANNEL))
}

fn length(given: Option<Loose<Whole>>) -> Result<u8, ApiError> {
    match given.unwrap_or_default().0 {
        Ok(Whole(None)) => Ok(LENGTH),
        Ok(Whole(Some(length @ 4..=8))) => Ok(u8::try_from(length).unwrap_or(LENGTH)),
        Ok(Whole(Some(_))) | Err(Wrong) => Err(ApiError::refused(error::INVALID_OTP_LENGTH)),
    }
}

fn template(given: Option<Loose<Whole>>) -> Result<Option<i64>, ApiError> {
    let number = given.unwrap_or_default().0;
    number.map(|number| number.0).map_err(|Wrong| ApiError::not_found(error::TEMPLATE_NOT_FOUND))
}

impl Example for SendOtp {
    fn example() -> Self {
        Self {
            appid: Some(word("your_app_id")),
            recipient: Some(word("+5511999888777")),
            channel: Some(word("sms")),
            from: Some(word("YourApp")),
            ..Self::default()
        }
    }
}

impl Example for VerifyOtp {
    fn example() -> Self {
        Self {
            appid: Some(word("your_app_id")),
            otp_code: Some(word("123456")),
            verification_id: Some(word("otp_67890abcdef12345")),
            recipient: Some(word("+5511999888777")),
            ..Self::default()
        }
    }
}

impl Example for ResendOtp {
    fn example() -> Self {
        Self {
            appid: Some(word("your_app_id")),
            verification_id: Some(word("otp_67890abcdef12345")),
            channel: Some(word("whatsapp")),
            ..Self::default()
        }
    }
}
