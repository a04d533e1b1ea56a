//! `to` of a custom message: one target, or a list of them (spec 1.5). The document tells of lists alone: not every generator of
//! clients can make something of a choice.

use poem_openapi::{
    registry::MetaSchema,
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON},
};
use serde_json::Value;

use crate::http::{
    Text,
    field::{field_type, inline},
};

/// A string or an array of strings, nothing else.
#[derive(Clone, Debug)]
pub(in super::super) struct Targets(pub(super) Vec<String>);

field_type!(
    Targets;
    "targets",
    inline(MetaSchema {
        items: Some(Box::new(Text::schema_ref())),
        min_items: Some(1),
        max_items: Some(super::messages::MAX_TARGETS),
        ..MetaSchema::new("array")
    })
);

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
