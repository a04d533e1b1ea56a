//! All that a client sent, beside what is known of it.

use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult};
use serde_json::{Map, Value};

use crate::http::field::field_type;

/// An object, whose fields may be anything; blocked words are looked for in all of them (spec 3.4).
#[derive(Clone, Debug)]
pub(in crate::dialect::optora) struct Entire<T> {
    /// The fields that are known.
    pub(in crate::dialect::optora) fields: T,
    /// Everything that was sent.
    pub(in crate::dialect::optora) whole: Map<String, Value>,
}

field_type!(Entire<T>, with T; T::name(), T::schema_ref());

impl<T: ParseFromJSON> ParseFromJSON for Entire<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let Some(Value::Object(whole)) = value else {
            return Err(ParseError::expected_type(value.unwrap_or_default()));
        };
        let fields = T::parse_from_json(Some(Value::Object(whole.clone()))).map_err(ParseError::propagate)?;
        Ok(Self { fields, whole })
    }
}
