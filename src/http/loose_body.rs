//! Bodies as Express reads them: what is not said to be JSON is empty.

use poem::{
    Request, RequestBody, Result,
    http::{HeaderMap, header::CONTENT_TYPE},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, Registry},
    types::ParseFromJSON,
};
use serde_json::{Map, Value};

use super::{
    Rejection, body,
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
