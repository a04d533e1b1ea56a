//! Names every request, and tells the log and an observer how it ended. Nothing of its query or body is looked at.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use poem::{
    Endpoint, EndpointExt, Request, Response, Result,
    endpoint::BoxEndpoint,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
};
use poem_openapi::OperationId;
use tracing::{Instrument, Level, Span, field::Empty};

/// Where the id comes in and goes out.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What stands for the operation of a request that reached none.
pub const NO_OPERATION: &str = "none";

/// How one request ended.
#[derive(Clone, Copy, Debug)]
pub struct Answered {
    /// The operation id of the document, or [`NO_OPERATION`]: a closed set, fit for a metric's label.
    pub operation: &'static str,
    /// The status of the answer.
    pub status: StatusCode,
    /// From the request's head to the answer's head.
    pub latency: Duration,
}

/// Hears of every request.
pub trait Observer: Send + Sync {
    /// It begins, in this span. Whether the span shall say how it ended, also when nothing of it is logged.
    fn begins(&self, span: &Span, headers: &HeaderMap) -> bool;

    /// It has been answered.
    fn answered(&self, span: &Span, answered: &Answered);
}

/// Wraps the whole of the routes.
pub fn traced<E, O>(routes: E, observer: O) -> BoxEndpoint<'static, Response>
where
    E: Endpoint + 'static,
    O: Observer + 'static,
{
    Traced { inner: routes.map_to_response(), observer }.boxed()
}

struct Traced<E, O> {
    inner: E,
    observer: O,
}

impl<E: Endpoint<Output = Response>, O: Observer> Endpoint for Traced<E, O> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let begin = Instant::now();
        let id = request.headers().get(&REQUEST_ID).filter(|id| is_sane(id)).cloned().unwrap_or_else(fresh);
        let span = tracing::info_span!(
            "request",
            request_id = id.to_str().unwrap_or_default(),
            method = request.method().as_str(),
            operation = Empty,
            status = Empty,
            latency_us = Empty,
            otel.kind = Empty,
        );
        let wanted = self.observer.begins(&span, request.headers());
        let mut response = self.inner.get_response(request).instrument(span.clone()).await;
        let operation = response.data::<OperationId>().map_or(NO_OPERATION, |operation| operation.0);
        let answered = Answered { operation, status: response.status(), latency: begin.elapsed() };
        if wanted {
            complete(&span, &answered);
        }
        log(&span, &answered);
        self.observer.answered(&span, &answered);
        response.headers_mut().insert(REQUEST_ID, id);
        Ok(response)
    }
}

/// Our own faults are errors; everything else is a matter of the curious.
fn log(span: &Span, answered: &Answered) {
    // 503 is said on purpose: not ready, or overloaded.
    if answered.status == StatusCode::SERVICE_UNAVAILABLE {
        complete(span, answered).in_scope(|| tracing::warn!("answered as unavailable"));
    } else if answered.status.is_server_error() {
        complete(span, answered).in_scope(|| tracing::error!("answered with a fault"));
    } else if tracing::enabled!(Level::DEBUG) {
        complete(span, answered).in_scope(|| tracing::debug!("answered"));
    }
}

/// Writes into the span how it ended: for what is logged or exported only, because every field is formatted when it is written.
fn complete<'a>(span: &'a Span, answered: &Answered) -> &'a Span {
    span.record("operation", answered.operation);
    span.record("status", i64::from(answered.status.as_u16())); // signed: spans have no other numbers
    span.record("latency_us", i64::try_from(answered.latency.as_micros()).unwrap_or(i64::MAX))
}

/// 1 to 64 of `A-Z a-z 0-9 . _ -`: nothing that could forge a log line.
fn is_sane(id: &HeaderValue) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    (1..=64).contains(&id.len()) && id.as_bytes().iter().all(allowed)
}

/// 16 hex digits: different for every request of this process, and with a random start for every process.
fn fresh() -> HeaderValue {
    static START: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0));
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let number = START.wrapping_add(COUNT.fetch_add(1, Ordering::Relaxed));
    // A bijection (the finalizer of splitmix64), so that neighbours do not look alike in a log.
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    HeaderValue::try_from(format!("{mixed:016x}")).unwrap_or(HeaderValue::from_static("none"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::{endpoint::make_sync, test::TestClient};
    use std::{
        collections::HashSet,
        sync::{Arc, Mutex},
    };

    type Seen = Mutex<Vec<StatusCode>>;

    struct Watch(Arc<Seen>);

    impl Observer for Watch {
        fn begins(&self, _: &Span, _: &HeaderMap) -> bool {
            false
        }

        fn answered(&self, _: &Span, answered: &Answered) {
            self.0.lock().unwrap().push(answered.status);
        }
    }

    #[test]
    fn ids_do_not_repeat_and_are_sane() {
        let ids: HashSet<HeaderValue> = (0..10_000).map(|_| fresh()).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(ids.iter().all(|id| is_sane(id) && id.len() == 16));
    }

    #[tokio::test]
    async fn a_sane_id_is_kept_and_another_replaced() {
        let seen = Arc::new(Seen::default());
        let client = TestClient::new(traced(make_sync(|_| "ok"), Watch(seen.clone())));
        let long = "x".repeat(65);
        for (sent, kept) in [("abc-1.2_3", true), ("", false), ("a b", false), ("a\"b", false), (long.as_str(), false)]
        {
            let response = client.get("/").header(REQUEST_ID, sent).send().await;
            let id = response.0.headers()[REQUEST_ID].to_str().unwrap();
            assert_eq!(id == sent, kept, "{sent}");
        }
        assert_eq!(*seen.lock().unwrap(), [StatusCode::OK; 5]);
    }
}
