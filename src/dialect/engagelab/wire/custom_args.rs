//! `custom_args`: any object, to be echoed in callbacks (spec 10, row 22).

use poem_openapi::{
    registry::MetaSchema,
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON},
};
use serde_json::{Map, Value};

use crate::http::field::{field_type, inline};

/// An object of the caller's own.
#[derive(Clone, Debug)]
pub(in super::super) struct CustomArgs(pub(super) Map<String, Value>);

field_type!(CustomArgs; "custom_args", inline(MetaSchema::new("object")));

impl ParseFromJSON for CustomArgs {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            Some(Value::Object(args)) => Ok(Self(args)),
            value => Err(ParseError::expected_type(value.unwrap_or_default())),
        }
    }
}

impl ToJSON for CustomArgs {
    fn to_json(&self) -> Option<Value> {
        Some(Value::Object(self.0.clone()))
    }
}
