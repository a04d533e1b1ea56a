//! How the APIs have their bodies written.

use poem::{Request, RequestBody};
use serde_json::{Map, Value};

use super::read;
use crate::http::{Rejection, json};

/// What the document tells of.
pub(super) const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// A way to write a value into a body.
pub trait Writing {
    /// Reads the value.
    fn value(request: &Request, body: &mut RequestBody) -> impl Future<Output = Result<Value, Rejection>> + Send;
}

/// JSON, whatever `Content-Type` says (spec 10, row 34).
#[derive(Clone, Copy, Debug)]
pub struct Json;

/// JSON, or a form, which is an object whose values are all texts. The document tells of JSON alone: of two kinds of body, one
/// generator of clients makes Python that does not run.
///
/// A body is a form where `Content-Type` says so and it does not begin like an object: a client that sends JSON under the
/// default content type of its library means JSON.
#[derive(Clone, Copy, Debug)]
pub struct OrForm;

/// JSON as Express reads it: another content type, an empty body or an array is an object without fields.
#[derive(Clone, Copy, Debug)]
pub struct Express;

impl Writing for Json {
    async fn value(request: &Request, body: &mut RequestBody) -> Result<Value, Rejection> {
        Ok(json::parse(&read(request, body).await?)?)
    }
}

impl Writing for OrForm {
    async fn value(request: &Request, body: &mut RequestBody) -> Result<Value, Rejection> {
        let bytes = read(request, body).await?;
        let is_json = bytes.trim_ascii_start().starts_with(b"{") || !says(request, FORM);
        if is_json { Ok(json::parse(&bytes)?) } else { fields(&bytes) }
    }
}

impl Writing for Express {
    async fn value(request: &Request, body: &mut RequestBody) -> Result<Value, Rejection> {
        let nothing = Value::Object(Map::new());
        if !says(request, JSON) {
            return Ok(nothing);
        }
        let bytes = read(request, body).await?;
        if bytes.is_empty() {
            return Ok(nothing);
        }
        let value = json::parse(&bytes)?;
        Ok(if value.is_array() { nothing } else { value })
    }
}

/// Whether `Content-Type` names it, with any parameters.
fn says(request: &Request, content_type: &str) -> bool {
    let said = request.content_type().unwrap_or_default();
    said.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(content_type)
}

fn fields(form: &[u8]) -> Result<Value, Rejection> {
    let mut object = Map::new();
    for (name, value) in form_urlencoded::parse(form) {
        if object.insert(name.into_owned(), value.into_owned().into()).is_some() {
            return Err(Rejection::DuplicateKey);
        }
    }
    Ok(Value::Object(object))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use poem_openapi::{
        ApiExtractor, ExtractParamOptions,
        types::{Any, ToJSON},
    };
    use serde_json::json;

    use super::*;
    use crate::http::body::Body;

    async fn object<W: Writing>(kind: &str, body: &str) -> Result<Value, Rejection> {
        let (request, mut body) = Request::builder().content_type(kind).body(body.to_owned()).split();
        let options = ExtractParamOptions::default();
        let outcome = Body::<W, HashMap<String, Any<Value>>>::from_request(&request, &mut body, options).await;
        outcome.map(|body| body.0.to_json().unwrap()).map_err(|error| Rejection::classify(&error))
    }

    #[tokio::test]
    async fn json_is_read_whatever_the_content_type() {
        for kind in [JSON, "text/plain", FORM, ""] {
            assert_eq!(object::<Json>(kind, r#" {"a": 1}"#).await, Ok(json!({"a": 1})), "{kind}");
            assert_eq!(object::<OrForm>(kind, r#" {"a": 1}"#).await, Ok(json!({"a": 1})), "{kind}");
        }
        assert_eq!(object::<Json>(FORM, "a=1").await, Err(Rejection::NotJson));
    }

    #[tokio::test]
    async fn a_form_gives_texts() {
        let form = "a=1&b=%2B2+3&a%62=";
        assert_eq!(object::<OrForm>(FORM, form).await, Ok(json!({"a": "1", "b": "+2 3", "ab": ""})));
        let kind = "application/x-www-form-urlencoded; charset=utf-8";
        assert_eq!(object::<OrForm>(kind, "a=1").await, Ok(json!({"a": "1"})));
        assert_eq!(object::<OrForm>(JSON, "a=1").await, Err(Rejection::NotJson));
        assert_eq!(object::<OrForm>(FORM, "{").await, Err(Rejection::NotJson));
        assert_eq!(object::<OrForm>(FORM, "a=1&a=1").await, Err(Rejection::DuplicateKey));
    }

    #[tokio::test]
    async fn express_reads_what_is_said_to_be_json() {
        for kind in ["application/json", "Application/JSON; charset=utf-8", "application/json;x=y"] {
            assert_eq!(object::<Express>(kind, r#"{"a":1}"#).await, Ok(json!({"a": 1})), "{kind}");
        }
        for kind in ["text/plain", FORM, "application/ld+json", ""] {
            assert_eq!(object::<Express>(kind, r#"{"a":1}"#).await, Ok(json!({})), "{kind}");
        }
    }

    #[tokio::test]
    async fn shape_syntax_and_names_that_come_twice_are_told_apart() {
        let cases = [
            ("", Rejection::NotJson),
            ("{", Rejection::NotJson),
            ("1", Rejection::Shape),
            ("null", Rejection::Shape),
            ("[]", Rejection::Shape),
            (&"[".repeat(17), Rejection::Shape),
            (r#"{"a":1,"a":1}"#, Rejection::DuplicateKey),
        ];
        for (body, rejection) in cases {
            assert_eq!(object::<Json>(JSON, body).await, Err(rejection.clone()), "{body}");
            assert_eq!(object::<OrForm>(JSON, body).await, Err(rejection.clone()), "{body}");
            let empty = matches!(body, "" | "[]").then(|| json!({}));
            assert_eq!(object::<Express>(JSON, body).await, empty.ok_or(rejection), "{body}");
        }
    }
}
