//! What clients send. Unknown fields are passed over; nothing has a `Debug`, because codes are among it.

use std::time::Duration;

use poem_openapi::Object;
use serde_json::{Map, json};

use super::{
    super::{
        DIALECT, Language,
        error::ApiError,
        texts::{self, Template},
    },
    loose::Loose,
};
use crate::{
    core::{
        channel::Channel,
        code::{Alphabet, CodeSpec},
        policy::Policy,
        recipient::{Email, Recipient},
    },
    http::{Int, Text},
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
    email: Loose<Text>,
    /// What the code is for: `login`, `signup` or `reset`; it is said in the mail.
    template: Option<Loose<Text>>,
    /// How long the code lives, in seconds; 300 unless the operator says otherwise.
    expires_in: Option<Loose<Int>>,
    /// Digits of the code; 6 unless given.
    code_length: Option<Loose<Int>>,
}

/// A session and the code that came by email.
#[derive(Object)]
#[oai(rename = "VerifyOtp")]
pub(in super::super) struct VerifyOtp {
    /// Id of the session.
    session_id: Loose<Text>,
    /// The code.
    code: Loose<Text>,
}

/// A session to be sent again.
#[derive(Object)]
#[oai(rename = "ResendOtp")]
pub(in super::super) struct ResendOtp {
    /// Id of the session.
    session_id: Loose<Text>,
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
        let email = self.email.text().map_err(|_| ApiError::bad_address())?;
        let email = email.ok_or_else(|| ApiError::required("email"))?;
        let recipient = Email::parse(&email).map_err(|_| ApiError::bad_address())?;
        let no_template = || ApiError::invalid("The template field must be one of: login, signup, reset.");
        let template = match given(self.template.as_ref(), Loose::text).map_err(|_| no_template())? {
            Some(word) => Template::parse(&word).ok_or_else(no_template)?,
            None => Template::Neutral,
        };
        let life = number(self.expires_in.as_ref(), LIVES, "expires_in")?;
        let length = number(self.code_length.as_ref(), LENGTHS, "code_length")?;
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
    pub(in super::super) fn into_spec(self, public_id: String, policy: &Policy, language: Language) -> SessionSpec<'_> {
        let mut extra = Map::new();
        extra.insert("email".to_owned(), json!(self.email));
        extra.insert("template".to_owned(), json!(self.template.as_str()));
        SessionSpec {
            dialect: DIALECT.name,
            public_id,
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
        Ok((required(&self.session_id, "session_id")?, required(&self.code, "code")?))
    }
}

impl ResendOtp {
    pub(in super::super) fn into_session_id(self) -> Result<String, ApiError> {
        required(&self.session_id, "session_id")
    }
}

fn required(field: &Loose<Text>, name: &str) -> Result<String, ApiError> {
    field.text().ok().flatten().ok_or_else(|| ApiError::required(name))
}

fn given<T, V, E>(
    field: Option<&Loose<T>>,
    read: impl FnOnce(&Loose<T>) -> Result<Option<V>, E>,
) -> Result<Option<V>, E> {
    field.map_or(Ok(None), read)
}

/// A number within its bounds, both of them included.
fn number(
    field: Option<&Loose<Int>>,
    bounds: std::ops::RangeInclusive<i64>,
    name: &str,
) -> Result<Option<u64>, ApiError> {
    let (least, most) = (bounds.start(), bounds.end());
    let wrong = || ApiError::invalid(format!("The {name} field must be between {least} and {most}."));
    let number = given(field, Loose::number).map_err(|_| wrong())?;
    if number.is_some_and(|number| !bounds.contains(&number)) {
        return Err(wrong());
    }
    Ok(number.and_then(|number| number.try_into().ok()))
}
