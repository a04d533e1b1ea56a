//! Bodies that are JSON or a form.

use poem::{Request, RequestBody, Result, http::header::CONTENT_TYPE};
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

const FORM: &str = "application/x-www-form-urlencoded";

/// An object from a JSON body, or from a form whose values are all texts. The document tells of JSON alone: of two kinds of body,
/// one generator of clients makes Python that does not run.
///
/// A body is a form where `Content-Type` says so and it does not begin like an object: a client that sends JSON under the
/// default content type of its library means JSON. Failures are those of [`super::JsonBody`]; what is no object has the wrong
/// shape.
#[derive(Clone, Copy, Debug)]
pub struct JsonOrForm<T>(pub T);

impl<'a, T: ParseFromJSON> ApiExtractor<'a> for JsonOrForm<T> {
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
        let bytes = body::read(request, body).await?;
        let is_json = bytes.trim_ascii_start().starts_with(b"{") || !says_form(request);
        let object = if is_json { from_json(&bytes)? } else { from_form(&bytes)? };
        Ok(Self(T::parse_from_json(Some(Value::Object(object))).map_err(|_| Rejection::Shape)?))
    }
}

fn says_form(request: &Request) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(FORM)
}

fn from_json(bytes: &[u8]) -> Result<Map<String, Value>, Rejection> {
    match json::parse(bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) | Err(JsonError::TooDeep) => Err(Rejection::Shape),
        Err(JsonError::Syntax) => Err(Rejection::NotJson),
        Err(JsonError::DuplicateKey) => Err(Rejection::DuplicateKey),
    }
}

fn from_form(bytes: &[u8]) -> Result<Map<String, Value>, Rejection> {
    let mut object = Map::new();
    for (name, value) in form_urlencoded::parse(bytes) {
        if object.insert(name.into_owned(), value.into_owned().into()).is_some() {
            return Err(Rejection::DuplicateKey);
        }
    }
    Ok(object)
}

#[cfg(test)]
mod tests {
    use poem_openapi::types::Any;
    use serde_json::json;

    use super::*;

    async fn read(kind: &str, body: &str) -> Result<Value, Rejection> {
        let (request, mut body) = Request::builder().content_type(kind).body(body.to_owned()).split();
        let outcome = JsonOrForm::<Any<Value>>::from_request(&request, &mut body, ExtractParamOptions::default()).await;
        outcome.map(|body| body.0.0).map_err(|error| Rejection::classify(&error))
    }

    #[tokio::test]
    async fn a_form_gives_texts_and_json_what_it_says() {
        assert_eq!(read(FORM, "a=1&b=%2B2+3&a%62=").await, Ok(json!({"a": "1", "b": "+2 3", "ab": ""})));
        assert_eq!(read("application/x-www-form-urlencoded; charset=utf-8", "a=1").await, Ok(json!({"a": "1"})));
        for kind in ["application/json", "text/plain", "", FORM] {
            assert_eq!(read(kind, r#" {"a": 1}"#).await, Ok(json!({"a": 1})), "{kind}");
        }
    }

    #[tokio::test]
    async fn what_is_no_object_and_names_that_come_twice_are_refused() {
        let cases = [
            ("", "a=1", Rejection::NotJson),
            ("", "", Rejection::NotJson),
            ("", "[]", Rejection::Shape),
            ("", r#"{"a":1,"a":1}"#, Rejection::DuplicateKey),
            (FORM, "a=1&a=1", Rejection::DuplicateKey),
            (FORM, "{", Rejection::NotJson),
        ];
        for (kind, body, rejection) in cases {
            assert_eq!(read(kind, body).await, Err(rejection), "{kind} {body}");
        }
    }
}
