//! Types of body fields that take exactly one JSON type and change nothing into it (security F7).

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON},
};
use serde_json::Value;

/// A JSON string. The framework's own `String` also takes numbers and booleans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub String);

/// A JSON number without fraction, within 64 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Int(pub i64);

/// A JSON object whose values are all strings, in the order they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextMap(pub Vec<(String, String)>);

/// A field that must be there. The document says `required`; that it is absent or null is kept, so that the dialect can
/// name it. A wrong JSON type is still an error of the whole body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Required<T>(pub Option<T>);

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0
    }
}

impl<T> Required<T> {
    /// The value, or `missing` where there is none.
    pub fn or<E>(self, missing: E) -> Result<T, E> {
        self.0.ok_or(missing)
    }
}

/// Makes a type one of fields, documented by a schema; with `with T`, one that holds a `T`.
macro_rules! field_type {
    ($type:ty $(, with $inner:ident)?; $name:expr, $schema:expr) => {
        impl$(<$inner: ::poem_openapi::types::Type>)? ::poem_openapi::types::Type for $type {
            const IS_REQUIRED: bool = true;

            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> ::std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn schema_ref() -> ::poem_openapi::registry::MetaSchemaRef {
                $schema
            }

            $(
                fn register(registry: &mut ::poem_openapi::registry::Registry) {
                    $inner::register(registry);
                }
            )?

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }
    };
}

pub(crate) use field_type;

field_type!(Text; "string", inline(MetaSchema::new("string")));
field_type!(Int; "integer_int64", inline(MetaSchema::new_with_format("integer", "int64")));
field_type!(
    TextMap;
    "map_string",
    inline(MetaSchema { additional_properties: Some(Box::new(Text::schema_ref())), ..MetaSchema::new("object") })
);
field_type!(Required<T>, with T; T::name(), T::schema_ref());

/// A schema that stands where it is used.
pub(crate) fn inline(schema: MetaSchema) -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(schema))
}

impl ParseFromJSON for Text {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            Some(Value::String(text)) => Ok(Self(text)),
            value => Err(ParseError::expected_type(value.unwrap_or_default())),
        }
    }
}

impl ToJSON for Text {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.clone().into())
    }
}

impl ParseFromJSON for Int {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let value = value.unwrap_or_default();
        value.as_i64().map(Self).ok_or_else(|| ParseError::expected_type(value))
    }
}

impl ToJSON for Int {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.into())
    }
}

impl ParseFromJSON for TextMap {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let Some(Value::Object(object)) = value else {
            return Err(ParseError::expected_type(value.unwrap_or_default()));
        };
        let entries = object.into_iter().map(|(key, value)| match value {
            Value::String(text) => Ok((key, text)),
            value => Err(ParseError::expected_type(value)),
        });
        entries.collect::<Result<_, _>>().map(Self)
    }
}

impl ToJSON for TextMap {
    fn to_json(&self) -> Option<Value> {
        let entries = self.0.iter().map(|(key, value)| (key.clone(), value.clone().into()));
        Some(Value::Object(entries.collect()))
    }
}

impl<T: ParseFromJSON> ParseFromJSON for Required<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            None | Some(Value::Null) => Ok(Self(None)),
            value => T::parse_from_json(value).map(Some).map(Self).map_err(ParseError::propagate),
        }
    }
}

impl<T: ToJSON> ToJSON for Required<T> {
    fn to_json(&self) -> Option<Value> {
        self.0.as_ref().and_then(ToJSON::to_json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn text_takes_strings_only() {
        assert_eq!(Text::parse_from_json(Some(json!("1"))).unwrap(), Text("1".to_owned()));
        for value in [json!(1), json!(true), json!(null), json!([]), json!({})] {
            assert!(Text::parse_from_json(Some(value.clone())).is_err(), "{value}");
        }
        assert!(Text::parse_from_json(None).is_err());
    }

    #[test]
    fn int_takes_whole_numbers_only() {
        assert_eq!(Int::parse_from_json(Some(json!(-5))).unwrap(), Int(-5));
        for value in [json!("5"), json!(5.0), json!(u64::MAX), json!(true), json!(null)] {
            assert!(Int::parse_from_json(Some(value.clone())).is_err(), "{value}");
        }
    }

    #[test]
    fn a_map_takes_string_values_only() {
        let map = TextMap::parse_from_json(Some(json!({"b": "1", "a": "2"}))).unwrap();
        assert_eq!(map.0, [("b".to_owned(), "1".to_owned()), ("a".to_owned(), "2".to_owned())]);
        for value in [json!({"a": 1}), json!({"a": null}), json!([]), json!("a")] {
            assert!(TextMap::parse_from_json(Some(value.clone())).is_err(), "{value}");
        }
    }

    #[test]
    fn a_required_field_keeps_that_it_is_missing_and_refuses_another_type() {
        assert_eq!(Required::<Text>::parse_from_json(None).unwrap(), Required(None));
        assert_eq!(Required::<Text>::parse_from_json(Some(Value::Null)).unwrap(), Required(None));
        assert!(Required::<Text>::parse_from_json(Some(json!(1))).is_err());
        assert_eq!(Required(Some(Int(1))).or("missing"), Ok(Int(1)));
        assert_eq!(Required::<Int>(None).or("missing"), Err("missing"));
    }

    #[test]
    fn an_optional_field_takes_null_as_absent_and_no_other_type() {
        assert_eq!(Option::<Text>::parse_from_json(Some(Value::Null)).unwrap(), None);
        assert!(Option::<Text>::parse_from_json(Some(json!(1))).is_err());
        assert!(Option::<bool>::parse_from_json(Some(json!("true"))).is_err());
    }
}
