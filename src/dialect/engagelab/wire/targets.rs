//! `to` of a custom message: one target, or a list of them (spec 1.5). The document tells of lists alone: not every generator of
//! clients can make something of a choice.

use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use crate::http::Text;

/// A string or an array of strings, nothing else.
#[derive(Clone, Debug)]
pub(in super::super) struct Targets(pub(super) Vec<String>);

impl Type for Targets {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "targets".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let list = MetaSchema {
            items: Some(Box::new(Text::schema_ref())),
            min_items: Some(1),
            max_items: Some(super::messages::MAX_TARGETS),
            ..MetaSchema::new("array")
        };
        MetaSchemaRef::Inline(Box::new(list))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for Targets {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            Some(Value::String(one)) => Ok(Self(vec![one])),
            Some(Value::Array(many)) => {
                let texts = many.into_iter().map(|item| match item {
                    Value::String(text) => Ok(text),
                    item => Err(ParseError::expected_type(item)),
                });
                texts.collect::<Result<_, _>>().map(Self)
            }
            value => Err(ParseError::expected_type(value.unwrap_or_default())),
        }
    }
}

impl ToJSON for Targets {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.clone().into())
    }
}
