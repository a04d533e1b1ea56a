//! The far end of delivery: an HTTP gateway on loopback that remembers the code of every message.

use std::{
    borrow::Cow,
    collections::HashMap,
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use http_body_util::{BodyExt, Empty};
use hyper::{Request, Response, StatusCode, body::Bytes, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::{net::TcpListener, task::JoinSet};

use crate::Fallible;

/// Digits of a code in the benchmark's template.
pub(crate) const CODE_LENGTH: usize = 6;

/// Codes by message id.
pub(crate) type Codes = HashMap<u64, String>;

/// What verifyd's `http` provider posts by default.
#[derive(Deserialize)]
struct Delivery<'a> {
    #[serde(borrow)]
    message_id: Cow<'a, str>,
    #[serde(borrow)]
    text: Cow<'a, str>,
}

/// A running gateway; it lasts as long as the process.
pub(crate) struct Sink {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    codes: Arc<Mutex<Codes>>,
}

impl Sink {
    /// Listens on a free port, on a thread of its own.
    pub(crate) fn start() -> Fallible<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let codes = Arc::new(Mutex::new(Codes::new()));
        let kept = Arc::clone(&codes);
        thread::spawn(move || runtime.block_on(serve(listener, kept)));
        Ok(Self { address, codes })
    }

    /// Waits until `count` messages have arrived since the last `take`; false when the time is over first.
    pub(crate) fn wait_for(&self, count: usize, at_most: Duration) -> bool {
        let started = Instant::now();
        while lock(&self.codes).len() < count {
            if started.elapsed() > at_most {
                return false;
            }
            thread::sleep(Duration::from_millis(2));
        }
        true
    }

    /// Hands out what has arrived and forgets it.
    pub(crate) fn take(&self) -> Codes {
        std::mem::take(&mut lock(&self.codes))
    }
}

fn lock(codes: &Mutex<Codes>) -> MutexGuard<'_, Codes> {
    codes.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, codes: Arc<Mutex<Codes>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let codes = Arc::clone(&codes);
        let service = service_fn(move |request| answer(request, Arc::clone(&codes)));
        // The server may close whenever it likes; what counts is what arrived.
        connections
            .spawn(async move { _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await });
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(request: Request<Incoming>, codes: Arc<Mutex<Codes>>) -> Result<Response<Empty<Bytes>>, Infallible> {
    let mut response = Response::new(Empty::new());
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes);
    match body.ok().as_deref().and_then(read) {
        Some((id, code)) => _ = lock(&codes).insert(id, code),
        None => *response.status_mut() = StatusCode::BAD_REQUEST,
    }
    Ok(response)
}

fn read(body: &[u8]) -> Option<(u64, String)> {
    let delivery: Delivery<'_> = serde_json::from_slice(body).ok()?;
    let code = delivery.text.split(|letter: char| !letter.is_ascii_digit()).find(|run| run.len() == CODE_LENGTH)?;
    Some((delivery.message_id.parse().ok()?, code.to_owned()))
}
