//! Values that come from JSON or from a form, where everything is text. None of them fails the whole body: an operation names
//! what it cannot use.

use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

/// A text, or a number as it is written. What is neither is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Word(pub(in super::super) String);

/// A whole number, also as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Whole {
    /// An empty field of a form.
    Empty,
    /// The number.
    Is(i64),
    /// Something else.
    Unreadable,
}

macro_rules! loose_type {
    ($type:ty, $name:literal, $schema:expr) => {
        impl Type for $type {
            const IS_REQUIRED: bool = true;

            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> Cow<'static, str> {
                $name.into()
            }

            fn schema_ref() -> MetaSchemaRef {
                MetaSchemaRef::Inline(Box::new($schema))
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }
    };
}

loose_type!(Word, "loose_string", MetaSchema::new("string"));
loose_type!(Whole, "loose_integer", MetaSchema::new("integer"));

impl ParseFromJSON for Word {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Ok(Self(match value {
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        }))
    }
}

impl ToJSON for Word {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.clone().into())
    }
}

impl ParseFromJSON for Whole {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Ok(match value {
            Some(Value::Number(number)) => number.as_i64().map_or(Self::Unreadable, Self::Is),
            Some(Value::String(text)) if text.trim().is_empty() => Self::Empty,
            Some(Value::String(text)) => text.trim().parse().map_or(Self::Unreadable, Self::Is),
            _ => Self::Unreadable,
        })
    }
}

impl ToJSON for Whole {
    fn to_json(&self) -> Option<Value> {
        match self {
            Self::Is(number) => Some((*number).into()),
            Self::Empty | Self::Unreadable => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_word_is_a_text_or_a_number_and_anything_else_is_empty() {
        let read = |value| Word::parse_from_json(Some(value)).unwrap().0;
        for (value, text) in [(json!(" a "), "a"), (json!(123_456), "123456"), (json!("012"), "012")] {
            assert_eq!(read(value), text);
        }
        for value in [json!(true), json!(["a"]), json!({}), json!("  ")] {
            assert_eq!(read(value.clone()), "", "{value}");
        }
    }

    #[test]
    fn a_whole_number_may_be_text_and_nothing_else_is_one() {
        let read = |value| Whole::parse_from_json(Some(value)).unwrap();
        assert_eq!([read(json!(6)), read(json!("6")), read(json!(" 6 "))], [Whole::Is(6); 3]);
        assert_eq!(read(json!("")), Whole::Empty);
        for value in [json!("six"), json!(6.5), json!(true), json!([6]), json!(u64::MAX)] {
            assert_eq!(read(value.clone()), Whole::Unreadable, "{value}");
        }
    }
}
