//! The caller's values for a template's variables.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::plain_text::is_plain;

/// Most values of one message (security C5).
pub const MAX_PARAMS: usize = 20;
/// Longest name, in bytes.
pub const MAX_NAME: usize = 64;
/// Longest value, in characters.
pub const MAX_VALUE: usize = 256;

/// Why values are refused; 3002 on the wire. It names the parameter, never its value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamFault {
    /// More than [`MAX_PARAMS`].
    #[error("invalid template.params")]
    TooMany,
    /// An empty, too long or unprintable name.
    #[error("invalid name in template.params")]
    Name,
    /// The value of this name is too long, holds controls or hidden characters, or a link where none may be.
    #[error("invalid template.params.{0}")]
    Value(String),
}

/// Checked values by name. They may hold a code: `Debug` shows the names only.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Params(BTreeMap<String, String>);

impl Params {
    /// Takes values within the limits of security C5.
    pub fn parse(values: impl IntoIterator<Item = (String, String)>) -> Result<Self, ParamFault> {
        let mut params = BTreeMap::new();
        for (name, value) in values {
            if name.is_empty() || name.len() > MAX_NAME || !is_plain(&name) {
                return Err(ParamFault::Name);
            }
            if value.chars().nth(MAX_VALUE).is_some() || !is_plain(&value) {
                return Err(ParamFault::Value(name));
            }
            params.insert(name, value);
            if params.len() > MAX_PARAMS {
                return Err(ParamFault::TooMany);
            }
        }
        Ok(Self(params))
    }

    /// The value of `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Names and values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sender id the caller asks for (spec 1.2); who may use which is not decided here (security C8).
    #[must_use]
    pub fn from_id(&self) -> Option<&str> {
        self.get("from_id").filter(|sender| !sender.is_empty())
    }

    /// Refuses link-like values. Only code templates ask: a code message that carries a stranger's link is phishing.
    pub fn check_no_links(&self) -> Result<(), ParamFault> {
        let linked = self.0.iter().find(|(_, value)| is_link_like(value));
        linked.map_or(Ok(()), |(name, _)| Err(ParamFault::Value(name.clone())))
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// `http://`, `https://` (any scheme, in fact) or `www.`, in either case.
fn is_link_like(text: &str) -> bool {
    text.contains("://") || text.as_bytes().windows(4).any(|word| word.eq_ignore_ascii_case(b"www."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(values: &[(&str, &str)]) -> Result<Params, ParamFault> {
        Params::parse(values.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())))
    }

    #[test]
    fn limits_are_met_exactly() {
        let many = |count: usize| Params::parse((0..count).map(|number| (number.to_string(), String::new())));
        assert!(many(MAX_PARAMS).is_ok());
        assert_eq!(many(MAX_PARAMS + 1), Err(ParamFault::TooMany));
        assert!(parse(&[(&"n".repeat(MAX_NAME), "")]).is_ok());
        assert_eq!(parse(&[(&"n".repeat(MAX_NAME + 1), "")]), Err(ParamFault::Name));
        assert_eq!(parse(&[("", "")]), Err(ParamFault::Name));
        assert!(parse(&[("a", &"字".repeat(MAX_VALUE))]).is_ok());
        assert_eq!(parse(&[("a", &"字".repeat(MAX_VALUE + 1))]), Err(ParamFault::Value("a".into())));
    }

    #[test]
    fn controls_and_hidden_characters_are_refused_by_name() {
        for value in ["a\r\nBcc: x@y.z", "\0", "\u{202e}evil", "zero\u{200b}width"] {
            let fault = parse(&[("fine", "x"), ("name", value)]).unwrap_err();
            assert_eq!(fault.to_string(), "invalid template.params.name");
        }
        assert_eq!(parse(&[("na\nme", "x")]), Err(ParamFault::Name));
    }

    #[test]
    fn links_are_refused_when_asked() {
        for link in ["http://x", "see HTTPS://X.Y", "go to WWW.evil.example", "ftp://x"] {
            let params = parse(&[("name", link)]).unwrap();
            assert_eq!(params.check_no_links(), Err(ParamFault::Value("name".into())), "{link}");
        }
        for text in ["", "Jane", "a/b", "http", "ww.x", "10:30 // noon"] {
            assert_eq!(parse(&[("name", text)]).unwrap().check_no_links(), Ok(()), "{text}");
        }
    }

    #[test]
    fn the_sender_is_one_of_the_values_and_debug_shows_none() {
        let params = parse(&[("from_id", "12345"), ("code", "667090")]).unwrap();
        assert_eq!(params.from_id(), Some("12345"));
        assert_eq!(format!("{params:?}"), r#"{"code", "from_id"}"#);
        assert_eq!(parse(&[("from_id", "")]).unwrap().from_id(), None);
    }

    proptest! {
        #[test]
        fn whatever_is_taken_is_within_the_limits(values in prop::collection::vec((".{0,70}", ".{0,300}"), 0..25)) {
            if let Ok(params) = Params::parse(values) {
                prop_assert!(params.iter().count() <= MAX_PARAMS);
                for (name, value) in params.iter() {
                    prop_assert!(name.len() <= MAX_NAME && value.chars().count() <= MAX_VALUE);
                    prop_assert!(!value.contains(['\r', '\n', '\0']));
                }
            }
        }
    }
}
