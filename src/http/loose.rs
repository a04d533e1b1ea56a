//! Bodies as Express reads them: what is not said to be JSON is empty, and a field of the wrong kind is not there.

use std::borrow::Cow;

use poem::{
    Request, RequestBody, Result,
    http::{HeaderMap, header::CONTENT_TYPE},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::{Map, Value};

use super::{
    Rejection, Text, body,
    json::{self, JsonError},
};

/// An object, whose fields may be anything: those of `T`, and all of them.
///
/// Another content type, an empty body or an array is an object without fields. What says that it is JSON and is not is
/// [`Rejection::NotJson`]; any other JSON is [`Rejection::Shape`].
#[derive(Clone, Debug)]
pub struct LooseJsonBody<T> {
    /// The fields that are known.
    pub fields: T,
    /// Everything that was sent.
    pub whole: Map<String, Value>,
}

impl<'a, T: ParseFromJSON> ApiExtractor<'a> for LooseJsonBody<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = MetaMediaType { content_type: "application/json", schema: T::schema_ref() };
        Some(MetaRequest { description: None, content: vec![content], required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> Result<Self> {
        let whole = if is_json(request.headers()) { object(&body::read(request, body).await?)? } else { Map::new() };
        let fields = T::parse_from_json(Some(Value::Object(whole.clone()))).map_err(|_| Rejection::Shape)?;
        Ok(Self { fields, whole })
    }
}

/// `application/json`, with any parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

fn object(bytes: &[u8]) -> Result<Map<String, Value>, Rejection> {
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    match json::parse(bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(Value::Array(_)) => Ok(Map::new()),
        Ok(_) | Err(JsonError::TooDeep) => Err(Rejection::Shape),
        Err(JsonError::Syntax) => Err(Rejection::NotJson),
        Err(JsonError::DuplicateKey) => Err(Rejection::DuplicateKey),
    }
}

/// A field that must be there; absent where it is missing, null, or of another kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loose<T>(pub Option<T>);

/// A JSON string or number, as text: `"042"` is `042`, and `42` and `42.0` are `42`. The document tells of strings alone:
/// of a choice, generated clients make a type of its own for every caller to wrap values in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextOrNumber(pub String);

impl<T: Type> Type for Loose<T> {
    const IS_REQUIRED: bool = true;

    type RawValueType = T::RawValueType;
    type RawElementValueType = T::RawElementValueType;

    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        self.0.as_ref().and_then(Type::as_raw_value)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self::RawElementValueType> + 'a> {
        match &self.0 {
            Some(value) => value.raw_element_iter(),
            None => Box::new(std::iter::empty()),
        }
    }
}

impl<T: ParseFromJSON> ParseFromJSON for Loose<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Ok(Self(T::parse_from_json(value).ok()))
    }
}

impl<T: ToJSON> ToJSON for Loose<T> {
    fn to_json(&self) -> Option<Value> {
        self.0.as_ref().and_then(ToJSON::to_json)
    }
}

impl Type for TextOrNumber {
    const IS_REQUIRED: bool = true;

    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string_or_number".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        Text::schema_ref()
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for TextOrNumber {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            Some(Value::String(text)) => Ok(Self(text)),
            Some(Value::Number(number)) => {
                let text = number.to_string();
                Ok(Self(text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)))
            }
            value => Err(ParseError::expected_type(value.unwrap_or_default())),
        }
    }
}

impl ToJSON for TextOrNumber {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.clone().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    async fn read(kind: &str, body: &str) -> Result<Map<String, Value>, Rejection> {
        let (request, mut body) = Request::builder().content_type(kind).body(body.to_owned()).split();
        let options = ExtractParamOptions::default();
        let outcome =
            LooseJsonBody::<poem_openapi::types::Any<Value>>::from_request(&request, &mut body, options).await;
        outcome.map(|body| body.whole).map_err(|error| Rejection::classify(&error))
    }

    #[tokio::test]
    async fn only_json_is_read() {
        for kind in ["application/json", "Application/JSON; charset=utf-8", "application/json;x=y"] {
            assert_eq!(read(kind, r#"{"a":1}"#).await.unwrap().len(), 1, "{kind}");
        }
        for kind in ["text/plain", "application/x-www-form-urlencoded", "application/ld+json", ""] {
            assert_eq!(read(kind, r#"{"a":1}"#).await, Ok(Map::new()), "{kind}");
        }
    }

    #[tokio::test]
    async fn what_is_no_object_is_an_empty_one_or_refused() {
        let cases = [
            ("", Ok(Map::new())),
            ("[1]", Ok(Map::new())),
            ("{", Err(Rejection::NotJson)),
            ("1", Err(Rejection::Shape)),
            ("null", Err(Rejection::Shape)),
            (r#"{"a":1,"a":2}"#, Err(Rejection::DuplicateKey)),
        ];
        for (body, outcome) in cases {
            assert_eq!(read("application/json", body).await, outcome, "{body}");
        }
    }

    #[test]
    fn a_loose_field_of_another_kind_is_not_there() {
        assert_eq!(Loose::<Text>::parse_from_json(Some(json!("a"))).unwrap(), Loose(Some(Text("a".to_owned()))));
        for value in [None, Some(Value::Null), Some(json!(1)), Some(json!(["a"]))] {
            assert_eq!(Loose::<Text>::parse_from_json(value).unwrap(), Loose(None));
        }
    }

    #[test]
    fn a_number_is_taken_as_it_is_written_out() {
        let read = |value| TextOrNumber::parse_from_json(Some(value)).map(|text| text.0).ok();
        for (value, text) in [(json!("042"), "042"), (json!(42), "42"), (json!(42.0), "42"), (json!(-1.5), "-1.5")] {
            assert_eq!(read(value).as_deref(), Some(text));
        }
        for value in [json!(true), json!(null), json!([1]), json!({})] {
            assert_eq!(read(value), None);
        }
    }
}
