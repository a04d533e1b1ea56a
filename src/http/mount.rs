//! Puts one dialect's face on everything that goes wrong under its mount (architecture 2.6).

use poem::{
    Endpoint, EndpointExt, IntoEndpoint, Request, Response, Result,
    endpoint::{BoxEndpoint, make_sync},
    error::NotFoundError,
    http::Method,
    middleware::CatchPanic,
};
use poem_openapi::{OpenApi, OpenApiService, OperationId, Webhook};
use serde_json::Value;
use tokio::time::timeout_at;

use super::{Admission, Rejection, allow::Allow};

/// How a dialect words a rejection.
pub type Face = fn(Rejection) -> Response;

/// Serves one service; whatever fails before, in or around its handlers is worded by `reject`.
///
/// The service goes under `Route::nest_no_strip`, its paths carry the prefix.
pub fn mount<T, W>(service: OpenApiService<T, W>, reject: Face) -> impl Endpoint<Output = Response> + 'static
where
    T: OpenApi + 'static,
    W: Webhook + 'static,
{
    let document: Value = serde_json::from_str(&service.spec()).unwrap_or_default();
    face(service.into_endpoint(), Allow::of(&document), reject)
}

/// The same for routes that are in no document; `allow` may know their methods.
///
/// Under `/` it gives pages, probes and every path that belongs to nobody one face, such as
/// [`Rejection::into_plain_response`].
pub fn face<E: Endpoint + 'static>(
    endpoint: E,
    allow: Allow,
    reject: Face,
) -> impl Endpoint<Output = Response> + 'static {
    let caught = endpoint.with(CatchPanic::new().with_handler(move |_| reject(Rejection::Fault)));
    Mounted { inner: caught, allow, reject }
}

/// Answers every path with 404; goes under `/`, for paths that belong to nobody.
pub fn nothing(reject: Face) -> BoxEndpoint<'static, Response> {
    face(make_sync(|_| Err::<(), poem::Error>(NotFoundError.into())), Allow::default(), reject).boxed()
}

struct Mounted<E> {
    inner: E,
    allow: Allow,
    reject: Face,
}

impl<E: Endpoint<Output = Response>> Endpoint for Mounted<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let mut deadline = None;
        if let Some(admission) = Admission::of(&request) {
            if let Some(refusal) = &admission.refusal {
                return Ok((self.reject)(refusal.clone()));
            }
            deadline = Some(admission.deadline);
        }
        // The router would run the GET handler, and with it whatever the handler changes (fact 12).
        if *request.method() == Method::HEAD && self.allow.refuses(request.uri().path(), "HEAD") {
            return Ok(self.no_method(request.uri().path()));
        }
        let uri = request.uri().clone();
        let outcome = match deadline {
            Some(deadline) => match timeout_at(deadline, self.inner.call(request)).await {
                Ok(outcome) => outcome,
                Err(_) => return Ok((self.reject)(Rejection::Overloaded)),
            },
            None => self.inner.call(request).await,
        };
        Ok(outcome.unwrap_or_else(|error| self.word(error, uri.path())))
    }
}

impl<E> Mounted<E> {
    fn word(&self, error: poem::Error, path: &str) -> Response {
        if error.is_from_response() {
            return error.into_response();
        }
        let operation = error.data::<OperationId>().copied();
        let mut response = match Rejection::classify(&error) {
            Rejection::NoMethod { .. } => self.no_method(path),
            rejection => (self.reject)(rejection),
        };
        if let Some(operation) = operation {
            response.set_data(operation);
        }
        response
    }

    fn no_method(&self, path: &str) -> Response {
        let allow = self.allow.methods(path).unwrap_or_default().to_owned();
        (self.reject)(Rejection::NoMethod { allow })
    }
}
