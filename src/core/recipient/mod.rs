//! Who a message goes to, in one canonical spelling.

mod email;
mod phone;
mod plans;

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

pub use email::Email;
pub use phone::Phone;
pub use plans::{is_country, load_numbering_plans};

/// Why a text is no recipient. The text itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecipientError {
    /// Not a number that can be called; 5011 on the wire.
    #[error("invalid phone number")]
    BadNumber,
    /// Not an address mail is sent to; 3002 on the wire (spec 10, row 17).
    #[error("invalid email address")]
    BadEmail,
}

/// A phone number or an email address. `Debug` shows the mask only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Recipient {
    /// A phone number in E.164 form.
    Phone(Phone),
    /// An email address.
    Email(Email),
}

impl Recipient {
    /// Reads what a caller wrote: an email address where there is an `@`, else a phone number.
    pub fn parse(text: &str) -> Result<Self, RecipientError> {
        if text.contains('@') { Email::parse(text).map(Self::Email) } else { Phone::parse(text).map(Self::Phone) }
    }

    /// The canonical spelling: what is stored and delivered to.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Phone(phone) => phone.as_str(),
            Self::Email(email) => email.as_str(),
        }
    }

    /// The key of every counter: aliases of one person share it (security C3, C4). Never delivered to.
    #[must_use]
    pub fn counter_key(&self) -> Cow<'_, str> {
        match self {
            Self::Phone(phone) => phone.counter_key(),
            Self::Email(email) => email.counter_key().into(),
        }
    }

    /// ISO 3166 code of the country that a phone number belongs to; `None` for numbers of none, and for mail.
    #[must_use]
    pub fn country(&self) -> Option<&'static str> {
        match self {
            Self::Phone(phone) => phone.country(),
            Self::Email(_) => None,
        }
    }

    /// What a phone number shares with its 9,999 neighbours: all but its last four digits (security C1). Mail has none.
    #[must_use]
    pub fn prefix(&self) -> Option<&str> {
        match self {
            Self::Phone(phone) => Some(&phone.as_str()[..phone.as_str().len() - 4]),
            Self::Email(_) => None,
        }
    }

    /// Enough for a person to recognise their own: `+65•••••567`, `j•••@example.com`.
    #[must_use]
    pub fn masked(&self) -> String {
        match self {
            Self::Phone(phone) => phone.masked(),
            Self::Email(email) => email.masked(),
        }
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> Self {
        match recipient {
            Recipient::Phone(phone) => phone.into(),
            Recipient::Email(email) => email.into(),
        }
    }
}

/// Reads back what was written; it was canonical then and is not judged again by rules that may have changed since.
impl TryFrom<String> for Recipient {
    type Error = RecipientError;

    fn try_from(text: String) -> Result<Self, RecipientError> {
        if text.contains('@') { text.try_into().map(Self::Email) } else { text.try_into().map(Self::Phone) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_at_sign_tells_mail_from_phone() {
        assert!(matches!(Recipient::parse("+6598765432"), Ok(Recipient::Phone(_))));
        assert!(matches!(Recipient::parse("j@example.com"), Ok(Recipient::Email(_))));
        assert_eq!(Recipient::parse("6598765432"), Err(RecipientError::BadNumber));
        assert_eq!(Recipient::parse("@"), Err(RecipientError::BadEmail));
        assert_eq!(Recipient::parse(""), Err(RecipientError::BadNumber));
    }

    #[test]
    fn debug_shows_the_mask_only() {
        let phone = Recipient::parse("+6598765432").unwrap();
        let email = Recipient::parse("jane.roe@example.com").unwrap();
        assert_eq!(format!("{phone:?} {email:?}"), "+65•••••432 j•••@example.com");
        assert_eq!(format!("{:?}", Some(&phone)), "Some(+65•••••432)");
    }

    #[test]
    fn what_is_written_is_read_back_as_the_same_kind() {
        for text in ["+6598765432", "Jane@example.com", "j@xn--bcher-kva.example"] {
            let recipient = Recipient::parse(text).unwrap();
            let json = serde_json::to_string(&recipient).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            let back: Recipient = serde_json::from_str(&json).unwrap();
            assert!(back == recipient);
        }
        for json in ["\"\"", "\"12\"", "\"+12a\"", "7", "\"@\""] {
            assert!(serde_json::from_str::<Recipient>(json).is_err(), "{json}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_and_the_canonical_spelling_is_its_own(text in "\\PC*|\\+[0-9]{5,17}|[a-zA-Z.+]{1,9}@[a-zA-Zé。.-]{1,12}") {
            if let Ok(recipient) = Recipient::parse(&text) {
                let again = Recipient::parse(recipient.as_str());
                prop_assert!(again.as_ref() == Ok(&recipient));
                let key = recipient.counter_key();
                let keyed = Recipient::parse(&key);
                prop_assert_eq!(keyed.map(|it| it.counter_key().into_owned()), Ok(key.into_owned()));
            }
        }

        #[test]
        fn a_mask_never_holds_the_whole(text in "\\+65[89][0-9]{7}|[a-z]{1,20}@example\\.com") {
            if let Ok(recipient) = Recipient::parse(&text) {
                prop_assert!(!recipient.masked().contains(recipient.as_str()));
            }
        }
    }
}
