//! Phone numbers (security C3).

use std::borrow::Cow;

use phonenumber::Type;
use serde::{Deserialize, Serialize};

use super::{
    RecipientError,
    plans::{Kind, PLANS, as_written, country, kind},
};

/// Satellite and global services: dear, and nobody's own phone (security C1).
const REFUSED_CODES: [u16; 7] = [870, 878, 881, 882, 883, 888, 979];
/// Digits of an E.164 number, without `+`.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// A valid number in E.164 form: `+` and 7 to 15 digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Phone(String);

impl Phone {
    /// Reads a number in international form. Nothing is guessed: no blanks, no `00`, no letters; but a trunk zero after
    /// the country code is folded away, so that all spellings of a number become one.
    pub fn parse(text: &str) -> Result<Self, RecipientError> {
        let canonical = canonical(text)?;
        // A number that goes on changing has no one spelling: its counters could be dodged.
        if canonical != text && self::canonical(&canonical)? != canonical {
            return Err(RecipientError::BadNumber);
        }
        Ok(Self(canonical))
    }

    /// `+6598765432`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number; in Argentina without the 9 of mobile numbers, because messages find a phone with it and without.
    #[must_use]
    pub fn counter_key(&self) -> Cow<'_, str> {
        match self.0.strip_prefix("+549") {
            Some(national) => format!("+54{national}").into(),
            None => self.as_str().into(),
        }
    }

    /// ISO 3166 code of its country, where it has one.
    #[must_use]
    pub fn country(&self) -> Option<&'static str> {
        country(&self.0[1..])
    }

    /// The first two and the last three digits: `+65•••••432`.
    #[must_use]
    pub fn masked(&self) -> String {
        let (head, rest) = self.0.split_at(3);
        let (hidden, tail) = rest.split_at(rest.len() - 3);
        format!("{head}{}{tail}", "•".repeat(hidden.len()))
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

impl TryFrom<String> for Phone {
    type Error = RecipientError;

    fn try_from(text: String) -> Result<Self, RecipientError> {
        if is_e164(&text) { Ok(Self(text)) } else { Err(RecipientError::BadNumber) }
    }
}

/// `^\+[1-9][0-9]{6,14}$`. The library alone would take line ends, letters and other scripts' digits.
fn is_e164(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    DIGITS.contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn canonical(text: &str) -> Result<String, RecipientError> {
    if !is_e164(text) {
        return Err(RecipientError::BadNumber);
    }
    match as_written(&text[1..]) {
        Some((code, Kind::Common)) if !REFUSED_CODES.contains(&code) => Ok(text.to_owned()),
        Some(_) => Err(RecipientError::BadNumber),
        None => folded(text),
    }
}

/// What the library makes of it, looked at once more: it looks no further than where a good number ends, and for what is dear without
/// the zeros in front, so it would take digits behind a number, and dear numbers of Niger.
fn folded(text: &str) -> Result<String, RecipientError> {
    let canonical = by_library(text)?;
    if kind(&canonical[1..]) == Kind::Common { Ok(canonical) } else { Err(RecipientError::BadNumber) }
}

fn by_library(text: &str) -> Result<String, RecipientError> {
    let number = phonenumber::parse_with(&PLANS, None, text).map_err(|_| RecipientError::BadNumber)?;
    let kind = number.number_type(&PLANS);
    // The library types a number without its leading zeros, so it takes a second look at those that have them (Italy).
    let valid = if number.national().zeros() == 0 { kind != Type::Unknown } else { number.is_valid_with(&PLANS) };
    let dear = matches!(kind, Type::PremiumRate | Type::SharedCost);
    if !valid || dear || REFUSED_CODES.contains(&number.country().code()) {
        return Err(RecipientError::BadNumber);
    }
    let canonical = format!("+{}{}", number.country().code(), number.national());
    if is_e164(&canonical) { Ok(canonical) } else { Err(RecipientError::BadNumber) }
}

#[cfg(test)]
mod tests;
