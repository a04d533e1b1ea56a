//! What clients send (spec 1.1). Unknown fields are passed over, and what is wrong is named in its own sentence; nothing has a
//! `Debug`, because codes are among it.

use std::time::Duration;

use poem_openapi::Object;
use serde_json::{Map, json};

use super::super::{
    DIALECT, Language,
    error::ApiError,
    texts::{self, Template},
};
use crate::{
    core::{
        channel::Channel,
        code::{Alphabet, CodeSpec},
        policy::Policy,
        recipient::{Email, Recipient},
        session_ids::IdForm,
    },
    http::{Loose, Whole, Word, Wrong},
    service::SessionSpec,
};

/// How long a code may live, in seconds (spec 1.1).
pub(in super::super) const LIVES: std::ops::RangeInclusive<i64> = 60..=3600;
/// How many digits it may have (spec 1.1).
pub(in super::super) const LENGTHS: std::ops::RangeInclusive<i64> = 4..=8;
const DEFAULT_LENGTH: u8 = 6;

/// Whom to send a code to.
#[derive(Object)]
#[oai(rename = "SendOtp")]
pub(in super::super) struct SendOtp {
    /// Email address.
    email: Loose<Word>,
    /// What the code is for: `login`, `signup` or `reset`; it is said in the mail.
    template: Option<Loose<Word>>,
    /// How long the code lives, in seconds; 300 unless the operator says otherwise.
    expires_in: Option<Loose<Whole>>,
    /// Digits of the code; 6 unless given.
    code_length: Option<Loose<Whole>>,
}

/// A session and the code that came by email.
#[derive(Object)]
#[oai(rename = "VerifyOtp")]
pub(in super::super) struct VerifyOtp {
    /// Id of the session.
    session_id: Loose<Word>,
    /// The code.
    code: Loose<Word>,
}

/// A session to be sent again.
#[derive(Object)]
#[oai(rename = "ResendOtp")]
pub(in super::super) struct ResendOtp {
    /// Id of the session.
    session_id: Loose<Word>,
}

/// A send whose fields are good.
pub(in super::super) struct Order {
    email: String,
    recipient: Email,
    template: Template,
    /// How long the code lives.
    pub(in super::super) life: Duration,
    length: u8,
}

impl SendOtp {
    pub(in super::super) fn into_order(self, default_life: Duration) -> Result<Order, ApiError> {
        let email = self.email.0.map_err(|Wrong| ApiError::bad_address())?.0;
        let email = email.ok_or_else(|| ApiError::required("email"))?;
        let recipient = Email::parse(&email).map_err(|_| ApiError::bad_address())?;
        let no_template = || ApiError::invalid("The template field must be one of: login, signup, reset.");
        let template = match self.template.unwrap_or_default().0.map_err(|Wrong| no_template())?.0 {
            Some(word) => Template::parse(&word).ok_or_else(no_template)?,
            None => Template::Neutral,
        };
        let life = number(self.expires_in, LIVES, "expires_in")?;
        let length = number(self.code_length, LENGTHS, "code_length")?;
        Ok(Order {
            email,
            recipient,
            template,
            life: life.map_or(default_life, Duration::from_secs),
            length: length.and_then(|length| length.try_into().ok()).unwrap_or(DEFAULT_LENGTH),
        })
    }
}

impl Order {
    /// What the core is told. The address as it was written is kept, to be answered with (spec 1.1).
    pub(in super::super) fn into_spec(self, policy: &Policy, language: Language) -> SessionSpec<'_> {
        let mut extra = Map::new();
        extra.insert("email".to_owned(), json!(self.email));
        extra.insert("template".to_owned(), json!(self.template.as_str()));
        SessionSpec {
            dialect: DIALECT.name,
            id_form: IdForm::Wide,
            scope: "",
            recipient: Recipient::Email(self.recipient),
            channel: Channel::Email,
            spec: CodeSpec { alphabet: Alphabet::DIGITS, length: self.length },
            policy,
            sender: None,
            language: language.tag().to_owned(),
            template: self.template.as_str(),
            with_link: false,
            extra,
            compose: &texts::mail,
        }
    }
}

impl VerifyOtp {
    /// Session and code.
    pub(in super::super) fn into_parts(self) -> Result<(String, String), ApiError> {
        Ok((required(self.session_id, "session_id")?, required(self.code, "code")?))
    }
}

impl ResendOtp {
    pub(in super::super) fn into_session_id(self) -> Result<String, ApiError> {
        required(self.session_id, "session_id")
    }
}

fn required(field: Loose<Word>, name: &str) -> Result<String, ApiError> {
    field.0.ok().and_then(|word| word.0).ok_or_else(|| ApiError::required(name))
}

/// A number within its bounds, both of them included.
fn number(
    field: Option<Loose<Whole>>,
    bounds: std::ops::RangeInclusive<i64>,
    name: &str,
) -> Result<Option<u64>, ApiError> {
    let (least, most) = (bounds.start(), bounds.end());
    let wrong = || ApiError::invalid(format!("The {name} field must be between {least} and {most}."));
    let number = field.unwrap_or_default().0.map_err(|Wrong| wrong())?.0;
    if number.is_some_and(|number| !bounds.contains(&number)) {
        return Err(wrong());
    }
    Ok(number.and_then(|number| number.try_into().ok()))
}
