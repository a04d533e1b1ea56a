//! What we believe about poem and poem-openapi (architecture 2.6), and what the mount makes of it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use poem::{
    Endpoint, IntoEndpoint, Request, Response, Route,
    endpoint::BoxEndpoint,
    error::{MethodNotAllowedError, NotFoundError},
    http::{Method, StatusCode},
    test::TestClient,
};
use poem_openapi::{
    ApiResponse, OpenApi, OpenApiService,
    error::{AuthorizationError, ParseParamError, ParsePathError, ParseRequestPayloadError},
    param::Query,
    payload::Json,
    types::ParseFromJSON,
};
use serde_json::{Value, json};

use crate::sample::{routes, service};

const BASIC: &str = "Basic YTpi";

fn client() -> TestClient<BoxEndpoint<'static, Response>> {
    TestClient::new(routes(&Arc::default()))
}

/// Status and face of a POST to `/v1/things`.
async fn posted(body: &str) -> (StatusCode, Value) {
    let response = client().post("/v1/things").header("authorization", BASIC).body(body.to_owned()).send().await;
    let status = response.0.status();
    (status, response.0.into_body().into_json().await.unwrap())
}

#[tokio::test]
async fn every_failure_has_the_dialects_face() {
    let cases = [
        ("GET", "/v1/nothing", 404, "NoRoute"),
        ("GET", "/v1/things/", 404, "NoRoute"),
        ("GET", "//v1/things", 404, "NoRoute"),
        ("GET", "/", 404, "NoRoute"),
        ("GET", "/v1/Things", 404, "NoRoute"),
        ("PUT", "/v1/things", 405, "NoMethod"),
        ("OPTIONS", "/v1/things", 405, "NoMethod"),
        ("TRACE", "/v1/things/1", 405, "NoMethod"),
        ("POST", "/v1/things", 401, "NoCredentials"),
        ("GET", "/v1/things/x", 400, "BadParam"),
        ("GET", "/v1/things/1?twice=maybe", 400, "BadParam"),
        ("GET", "/v1/broken", 500, "Fault"),
        ("GET", "/v1/missing", 500, "Fault"),
    ];
    for (method, path, status, face) in cases {
        let response = client().request(Method::try_from(method).unwrap(), path).send().await;
        assert_eq!(response.0.status().as_u16(), status, "{method} {path}");
        assert!(response.0.headers().contains_key("x-request-id"), "{method} {path}");
        response.assert_content_type("application/json");
        response.assert_json(json!({ "face": face })).await;
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let cases = [("/v1/things", "POST"), ("/v1/things/7", "GET"), ("/v1/broken", "GET")];
    for (path, allow) in cases {
        let response = client().delete(path).send().await;
        response.assert_header("allow", allow);
    }
}

#[tokio::test]
async fn head_does_not_run_the_get_handler_of_a_mount() {
    let touched = Arc::new(AtomicUsize::new(0));
    let response = TestClient::new(routes(&touched)).head("/v1/things/9").send().await;
    assert_eq!(touched.load(Ordering::SeqCst), 0);
    response.assert_status(StatusCode::METHOD_NOT_ALLOWED);
    response.assert_header("allow", "GET");
    // Fact 12: left to itself the router runs it.
    TestClient::new(service(&touched).into_endpoint()).head("/v1/things/9").send().await.assert_status_is_ok();
    assert_eq!(touched.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn bodies_are_strict() {
    let cases = [
        (r#"{"name":"a","count":1,"loud":true,"notes":{"k":"v"},"more":0}"#, 200, json!({"name": "a"})),
        (r#"{"name":"a","count":null,"loud":null,"notes":null}"#, 200, json!({"name": "a"})),
        ("{}", 200, json!({"name": "nameless"})),
        (r#"{"name":null}"#, 200, json!({"name": "nameless"})),
        (r#"{"name":"taken"}"#, 409, json!({"name": "taken"})),
        (r#"{"name":12345}"#, 400, json!({"face": "Shape"})),
        (r#"{"name":true}"#, 400, json!({"face": "Shape"})),
        (r#"{"count":"1"}"#, 400, json!({"face": "Shape"})),
        (r#"{"count":1.0}"#, 400, json!({"face": "Shape"})),
        (r#"{"loud":"true"}"#, 400, json!({"face": "Shape"})),
        (r#"{"notes":{"k":1}}"#, 400, json!({"face": "Shape"})),
        ("[]", 400, json!({"face": "Shape"})),
        ("", 400, json!({"face": "NotJson"})),
        ("name=a", 400, json!({"face": "NotJson"})),
        (r#"{"name":"a","name":"a"}"#, 400, json!({"face": "DuplicateKey"})),
        (r#"{"notes":{"k":"a","k":"b"}}"#, 400, json!({"face": "DuplicateKey"})),
    ];
    for (body, status, answer) in cases {
        let (got, said) = posted(body).await;
        assert_eq!((got.as_u16(), said), (status, answer), "{body}");
    }
}

#[tokio::test]
async fn credentials_are_looked_at_before_the_body() {
    let response = client().post("/v1/things").body("{").send().await;
    response.assert_status(StatusCode::UNAUTHORIZED);
    response.assert_header("www-authenticate", "Basic");
}

/// Fact 3: which concrete type each failure of the framework has.
#[tokio::test]
async fn failures_keep_their_type() {
    let endpoint = service(&Arc::default()).into_endpoint();
    let error = async |request: Request| endpoint.call(request).await.unwrap_err();
    let get = |path: &str| Request::builder().uri(path.parse().unwrap()).finish();
    assert!(error(get("/v1/nothing")).await.is::<NotFoundError>());
    assert!(error(get("/v1/things")).await.is::<MethodNotAllowedError>());
    assert!(error(get("/v1/things/x")).await.is::<ParsePathError>());
    assert!(error(get("/v1/things/1?twice=x")).await.is::<ParseParamError>());
    let post = Request::builder().method(Method::POST).uri("/v1/things".parse().unwrap());
    assert!(error(post.finish()).await.is::<AuthorizationError>());
}

struct Plain;

#[derive(ApiResponse)]
enum Twins {
    /// First.
    #[oai(status = 400)]
    First,
    /// Second.
    #[oai(status = 400)]
    Second,
}

#[expect(clippy::unused_async, reason = "the macro takes async handlers only")]
#[OpenApi]
impl Plain {
    #[oai(path = "/json", method = "post")]
    async fn json(&self, _body: Json<Vec<u8>>) {}

    #[oai(path = "/twins", method = "get")]
    async fn twins(&self, first: Query<bool>) -> Twins {
        if first.0 { Twins::First } else { Twins::Second }
    }
}

/// Fact 6: the framework's own body reader does not tell syntax from shape, nor does it mind a key twice.
#[tokio::test]
async fn the_frameworks_reader_mixes_syntax_and_shape() {
    let endpoint = OpenApiService::new(Plain, "plain", "1").into_endpoint();
    for body in ["{", "{}"] {
        let request = Request::builder().method(Method::POST).uri("/json".parse().unwrap());
        let error = endpoint.call(request.content_type("application/json").body(body)).await.unwrap_err();
        assert!(error.is::<ParseRequestPayloadError>(), "{body}");
    }
}

/// Fact 8: the framework's own string takes numbers and booleans.
#[test]
fn the_frameworks_string_is_lenient() {
    assert_eq!(String::parse_from_json(Some(json!(123_456))).unwrap(), "123456");
    assert_eq!(String::parse_from_json(Some(json!(true))).unwrap(), "true");
}

/// Fact 13: a bare 405 names no methods, and OPTIONS is one.
#[tokio::test]
async fn a_bare_405_has_no_allow() {
    let client = TestClient::new(service(&Arc::default()).into_endpoint());
    for method in [Method::OPTIONS, Method::PUT] {
        let response = client.request(method, "/v1/things").send().await;
        response.assert_status(StatusCode::METHOD_NOT_ALLOWED);
        response.assert_header_is_not_exist("allow");
    }
}

/// Fact 18: two nests on one prefix are refused when the routes are put together.
#[test]
#[should_panic(expected = "duplicate")]
fn a_prefix_belongs_to_one_mount() {
    let nest = |routes: Route| routes.nest_no_strip("/v1", service(&Arc::default()));
    let _ = nest(nest(Route::new()));
}

/// Fact 19, and what the document must say for the 405 answers.
#[test]
fn the_document_has_full_paths_and_the_old_version() {
    let document: Value = serde_json::from_str(&service(&Arc::default()).spec()).unwrap();
    assert_eq!(document["openapi"], "3.0.0");
    assert!(document["paths"]["/v1/things/{id}"]["get"].is_object());
    let thing = &document["components"]["schemas"]["NewThing"];
    assert_eq!(thing["required"], json!(["name"]));
    let types: BTreeMap<&str, &str> = ["name", "count", "loud", "notes"]
        .map(|field| (field, thing["properties"][field]["type"].as_str().unwrap_or_default()))
        .into();
    let expected = [("count", "integer"), ("loud", "boolean"), ("name", "string"), ("notes", "object")];
    assert_eq!(types, expected.into());
}

/// Fact 22: two answers with one status are one key twice.
#[test]
fn two_variants_with_one_status_break_the_document() {
    let text = OpenApiService::new(Plain, "plain", "1").spec();
    assert_eq!(text.matches("\"400\": {").count(), 2);
    let read: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(read["paths"]["/twins"]["get"]["responses"].as_object().map(serde_json::Map::len), Some(1));
}
