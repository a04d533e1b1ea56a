//! Fields that take what looks right: numbers as texts and texts as numbers (spec 1.1). What a field is has to be named in its
//! own sentence when it is wrong, so that no field fails to be read.

use std::{borrow::Cow, marker::PhantomData};

use poem_openapi::{
    registry::{MetaSchemaRef, Registry},
    types::{ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

/// A field as it came. The document shows it as a `T`.
pub(super) struct Loose<T>(Value, PhantomData<T>);

/// Neither a text nor a number.
pub(super) struct Wrong;

impl<T> Loose<T> {
    /// Its text without blanks around it, or its number as written; `None` where there is nothing.
    pub(super) fn text(&self) -> Result<Option<String>, Wrong> {
        let text = match &self.0 {
            Value::Null => return Ok(None),
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => return Err(Wrong),
        };
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// Its whole number; `None` where there is nothing.
    pub(super) fn number(&self) -> Result<Option<i64>, Wrong> {
        self.text()?.map(|text| text.parse().map_err(|_| Wrong)).transpose()
    }
}

impl<T: Type> Type for Loose<T> {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<T: Type> ParseFromJSON for Loose<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Ok(Self(value.unwrap_or_default(), PhantomData))
    }
}

impl<T: Type> ToJSON for Loose<T> {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::http::Text;

    /// As text and as number: `-` for nothing, `wrong` for what cannot be.
    fn read(value: Value) -> (String, String) {
        let field = Loose::<Text>::parse_from_json(Some(value)).ok().unwrap();
        let text = field.text().map_or("wrong".to_owned(), |text| text.unwrap_or("-".to_owned()));
        let number = field.number().map(|number| number.map_or("-".to_owned(), |number| number.to_string()));
        (text, number.unwrap_or("wrong".to_owned()))
    }

    fn both(text: &str, number: &str) -> (String, String) {
        (text.to_owned(), number.to_owned())
    }

    #[test]
    fn texts_and_numbers_stand_for_each_other() {
        assert_eq!(read(json!(" 6 ")), both("6", "6"));
        assert_eq!(read(json!(6)), both("6", "6"));
        assert_eq!(read(json!(-1)), both("-1", "-1"));
        for value in [json!("6.5"), json!(6.5), json!("six"), json!("99999999999999999999")] {
            assert_eq!(read(value.clone()).1, "wrong", "{value}");
        }
    }

    #[test]
    fn nothing_is_told_from_what_cannot_be() {
        for value in [json!(null), json!(""), json!("  ")] {
            assert_eq!(read(value.clone()), both("-", "-"), "{value}");
        }
        for value in [json!(true), json!([]), json!({})] {
            assert_eq!(read(value.clone()), both("wrong", "wrong"), "{value}");
        }
        assert!(Loose::<Text>::parse_from_json(None).ok().unwrap().text().is_ok_and(|text| text.is_none()));
    }
}
