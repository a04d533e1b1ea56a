//! A tiny dialect, to test what all dialects share.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use poem::{
    Response, Route,
    endpoint::BoxEndpoint,
    http::{HeaderMap, StatusCode, header},
};
use poem_openapi::{
    ApiResponse, Object, OpenApi, OpenApiService, SecurityScheme, auth::Basic, param::Path, param::Query, payload::Json,
};
use tracing::Span;
use verifyd::http::{
    Int, JsonBody, Rejection, Required, Text, TextMap, mount,
    mount::nothing,
    request_id::{Answered, Observer, traced},
};

/// What a thing is made of.
#[derive(Debug, Object)]
pub(crate) struct NewThing {
    /// Its name.
    name: Required<Text>,
    /// How many.
    count: Option<Int>,
    /// Whether it is loud.
    loud: Option<bool>,
    /// Anything else.
    notes: Option<TextMap>,
}

/// A thing.
#[derive(Debug, Object)]
pub(crate) struct Thing {
    name: String,
}

#[derive(SecurityScheme)]
#[oai(rename = "basicAuth", ty = "basic")]
pub(crate) struct Auth(#[expect(dead_code, reason = "that it could be read is all that matters here")] Basic);

#[derive(ApiResponse)]
pub(crate) enum Failure {
    /// Not this name.
    #[oai(status = 409)]
    Taken(Json<Thing>),
}

/// Counts the runs of the handler that changes something on GET.
pub(crate) struct Api {
    touched: Arc<AtomicUsize>,
}

#[expect(clippy::unused_async, reason = "the macro takes async handlers only")]
#[OpenApi(prefix_path = "/v1")]
impl Api {
    /// Make a thing.
    #[oai(path = "/things", method = "post", operation_id = "makeThing")]
    async fn make(&self, _auth: Auth, body: JsonBody<NewThing>) -> Result<Json<Thing>, Failure> {
        let name = body.0.name.or(()).map_or_else(|()| "nameless".to_owned(), String::from);
        match name.as_str() {
            "taken" => Err(Failure::Taken(Json(Thing { name }))),
            _ => Ok(Json(Thing { name })),
        }
    }

    /// Look at a thing, which changes it.
    #[oai(path = "/things/:id", method = "get", operation_id = "touchThing")]
    async fn touch(&self, id: Path<u8>, twice: Query<Option<bool>>) -> Json<Thing> {
        self.touched.fetch_add(if twice.0 == Some(true) { 2 } else { 1 }, Ordering::SeqCst);
        Json(Thing { name: id.0.to_string() })
    }

    /// Break.
    #[oai(path = "/broken", method = "get", operation_id = "break")]
    async fn broken(&self) -> Json<Thing> {
        panic!("a secret detail")
    }

    /// Ask for what was never put there.
    #[oai(path = "/missing", method = "get", operation_id = "missing")]
    async fn missing(&self, _data: poem::web::Data<&u64>) -> Json<Thing> {
        Json(Thing { name: String::new() })
    }

    /// Never answer.
    #[oai(path = "/stuck", method = "get", operation_id = "stuck")]
    async fn stuck(&self) -> Json<Thing> {
        std::future::pending().await
    }
}

pub(crate) fn service(touched: &Arc<AtomicUsize>) -> OpenApiService<Api, ()> {
    OpenApiService::new(Api { touched: touched.clone() }, "sample", "1")
}

/// Says `{"face":"…"}`, the variant's name, with the usual status.
#[expect(clippy::needless_pass_by_value, reason = "a face is given the rejection")]
pub(crate) fn reject(rejection: Rejection) -> Response {
    let name = format!("{rejection:?}");
    let name = name.split([' ', '{']).next().unwrap_or_default();
    let status = poem::error::ResponseError::status(&rejection);
    let mut response = Response::builder().status(status).content_type("application/json");
    if let Rejection::NoMethod { allow } = &rejection {
        response = response.header(header::ALLOW, allow);
    }
    if status == StatusCode::UNAUTHORIZED {
        response = response.header(header::WWW_AUTHENTICATE, "Basic");
    }
    response.body(format!("{{\"face\":\"{name}\"}}"))
}

pub(crate) fn routes(touched: &Arc<AtomicUsize>) -> BoxEndpoint<'static, Response> {
    let routes = Route::new().nest_no_strip("/v1", mount(service(touched), reject)).nest("/", nothing(reject));
    traced(routes, Unwatched)
}

/// Nobody looks at the requests.
struct Unwatched;

impl Observer for Unwatched {
    fn begins(&self, _: &Span, _: &HeaderMap) -> bool {
        false
    }

    fn answered(&self, _: &Span, _: &Answered) {}
}
