//! Who a message goes to.
use serde::{Deserialize, Serialize};

/// A phone number or an email address in its one canonical spelling.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Recipient {
    /// A phone number in E.164 form.
    Phone(Phone),
    /// An email address.
    Email(Email),
}

impl Recipient {
    /// The number or address, as a provider wants it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Phone(Phone(text)) | Self::Email(Email(text)) => text,
        }
    }
}

/// E.164, `+` and digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phone(String);
/// Address as delivered.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);
