//! Types of body fields that take what looks right: numbers as texts, and texts as numbers.

use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON};
use serde_json::{Number, Value};

use super::{Int, Text, field::field_type};

/// A field that never fails the body: what `T` does not take is [`Wrong`], for the dialect to name or to pass over. A field that
/// is not there or null is what `T` says of it, where the dialect does not say `Option`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loose<T>(pub Result<T, Wrong>);

/// Something of another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrong;

/// A JSON string or number. The document tells of strings alone: of a choice, generated clients make a type of its own for
/// every caller to wrap values in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextOrNumber {
    /// A string, as it came.
    Text(String),
    /// A number.
    Number(Number),
}

/// A text without the blanks around it, or a number as it is written; `None` where nothing is left, or null, or nothing there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word(pub Option<String>);

/// A whole number within 64 bits, also as a [`Word`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whole(pub Option<i64>);

field_type!(Loose<T>, with T; T::name(), T::schema_ref());
field_type!(TextOrNumber; "string_or_number", Text::schema_ref());
field_type!(Word; "word", Text::schema_ref());
field_type!(Whole; "whole", Int::schema_ref());

impl<T> Loose<T> {
    /// The value; what is wrong counts as not there.
    pub const fn given(&self) -> Option<&T> {
        match &self.0 {
            Ok(value) => Some(value),
            Err(Wrong) => None,
        }
    }
}

impl<T: Default> Default for Loose<T> {
    fn default() -> Self {
        Self(Ok(T::default()))
    }
}

impl<T: ParseFromJSON> ParseFromJSON for Loose<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Ok(Self(T::parse_from_json(value).map_err(|_| Wrong)))
    }
}

impl<T: ToJSON> ToJSON for Loose<T> {
    fn to_json(&self) -> Option<Value> {
        self.given().and_then(ToJSON::to_json)
    }
}

impl ParseFromJSON for TextOrNumber {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            Some(Value::String(text)) => Ok(Self::Text(text)),
            Some(Value::Number(number)) => Ok(Self::Number(number)),
            value => Err(ParseError::expected_type(value.unwrap_or_default())),
        }
    }
}

impl ToJSON for TextOrNumber {
    fn to_json(&self) -> Option<Value> {
        Some(match self {
            Self::Text(text) => text.clone().into(),
            Self::Number(number) => number.clone().into(),
        })
    }
}

impl ParseFromJSON for Word {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let text = match Option::parse_from_json(value).map_err(ParseError::propagate)? {
            Some(TextOrNumber::Text(text)) => text.trim().to_owned(),
            Some(TextOrNumber::Number(number)) => number.to_string(),
            None => String::new(),
        };
        Ok(Self((!text.is_empty()).then_some(text)))
    }
}

impl ToJSON for Word {
    fn to_json(&self) -> Option<Value> {
        self.0.clone().map(Value::from)
    }
}

impl ParseFromJSON for Whole {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let word = Word::parse_from_json(value).map_err(ParseError::propagate)?;
        let number = word.0.map(|text| text.parse()).transpose();
        number.map(Self).map_err(|_| ParseError::custom("not a whole number"))
    }
}

impl ToJSON for Whole {
    fn to_json(&self) -> Option<Value> {
        self.0.map(Value::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read<T: ParseFromJSON>(value: Value) -> Result<T, Wrong> {
        Loose::parse_from_json(Some(value)).ok().unwrap().0
    }

    fn word(text: &str) -> Word {
        Word(Some(text.to_owned()))
    }

    #[test]
    fn what_is_of_another_kind_is_wrong_and_fails_nothing() {
        assert_eq!(read(json!("a")), Ok(Text("a".to_owned())));
        for value in [json!(null), json!(1), json!(["a"])] {
            assert_eq!(read::<Text>(value.clone()), Err(Wrong), "{value}");
        }
        assert_eq!(Loose::<Text>::parse_from_json(None).unwrap().given(), None);
        for value in [json!(true), json!(["a"]), json!({})] {
            assert_eq!(read::<TextOrNumber>(value.clone()), Err(Wrong), "{value}");
            assert_eq!(read::<Word>(value.clone()), Err(Wrong), "{value}");
            assert_eq!(read::<Whole>(value.clone()), Err(Wrong), "{value}");
        }
    }

    #[test]
    fn a_word_is_a_text_without_blanks_around_it_or_a_number_as_written() {
        for (value, text) in [(json!(" a b "), "a b"), (json!("012"), "012"), (json!(12), "12"), (json!(42.0), "42.0")]
        {
            assert_eq!(read(value), Ok(word(text)));
        }
    }

    #[test]
    fn a_whole_number_may_be_text_and_nothing_else_is_one() {
        for value in [json!(-6), json!("-6"), json!(" -6 ")] {
            assert_eq!(read(value.clone()), Ok(Whole(Some(-6))), "{value}");
        }
        for value in
            [json!("six"), json!("6.5"), json!(6.5), json!(6.0), json!(u64::MAX), json!("99999999999999999999")]
        {
            assert_eq!(read::<Whole>(value.clone()), Err(Wrong), "{value}");
        }
    }

    #[test]
    fn nothing_is_told_from_what_is_wrong() {
        for value in [json!(null), json!(""), json!("  ")] {
            assert_eq!(read(value.clone()), Ok(Word(None)), "{value}");
            assert_eq!(read(value.clone()), Ok(Whole(None)), "{value}");
        }
        assert_eq!(Loose::parse_from_json(None).unwrap(), Loose::<Word>::default());
        assert_eq!(Loose::parse_from_json(None).unwrap(), Loose::<Whole>::default());
    }
}
