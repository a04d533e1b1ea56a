//! The far end of delivery: an HTTP gateway on loopback that remembers the code of every message.

use std::{
    borrow::Cow,
    collections::HashMap,
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
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

/// A message that came.
pub(crate) struct Arrival {
    /// To whom.
    pub(crate) to: String,
    /// Its code.
    pub(crate) code: String,
    /// When it came first.
    pub(crate) at: Instant,
}

/// What came, by message id.
pub(crate) type Arrivals = HashMap<u64, Arrival>;

/// What a listener says.
pub(crate) type Answer = Result<Response<Empty<Bytes>>, Infallible>;

/// What verifyd's `http` provider posts by default.
#[derive(Deserialize)]
struct Delivery<'a> {
    #[serde(borrow)]
    message_id: Cow<'a, str>,
    #[serde(borrow)]
    to: Cow<'a, str>,
    #[serde(borrow)]
    text: Cow<'a, str>,
}

/// A running gateway; it lasts as long as the process.
pub(crate) struct Sink {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    kept: Arc<Kept>,
}

#[derive(Default)]
struct Kept {
    arrivals: Mutex<Arrivals>,
    /// While set, requests are taken, forgotten, and never answered.
    silent: AtomicBool,
}

impl Sink {
    /// Listens on a free port, on a thread of its own.
    pub(crate) fn start() -> Fallible<Self> {
        let kept = Arc::<Kept>::default();
        let keeping = Arc::clone(&kept);
        let address = listen(move |request| answer(request, Arc::clone(&keeping)))?;
        Ok(Self { address, kept })
    }

    /// Lets it hang: it takes requests, and neither keeps nor answers them. Those that hang already stay so.
    pub(crate) fn hang(&self, silent: bool) {
        self.kept.silent.store(silent, Ordering::Relaxed);
    }

    /// Waits until `count` messages have arrived since the last `take`; false when the time is over first.
    pub(crate) fn wait_for(&self, count: usize, at_most: Duration) -> bool {
        let started = Instant::now();
        while lock(&self.kept.arrivals).len() < count {
            if started.elapsed() > at_most {
                return false;
            }
            thread::sleep(Duration::from_millis(2));
        }
        true
    }

    /// Hands out what has arrived and forgets it.
    pub(crate) fn take(&self) -> Arrivals {
        std::mem::take(&mut lock(&self.kept.arrivals))
    }
}

fn lock(arrivals: &Mutex<Arrivals>) -> MutexGuard<'_, Arrivals> {
    arrivals.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves HTTP on a free port, on a thread of its own, as long as the process lasts; where.
pub(crate) fn listen<A, F>(answer: A) -> Fallible<SocketAddr>
where
    A: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    thread::spawn(move || runtime.block_on(serve(listener, answer)));
    Ok(address)
}

async fn serve<A, F>(listener: TcpListener, answer: A)
where
    A: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let service = service_fn(answer.clone());
        // The server may close whenever it likes; what counts is what arrived.
        connections
            .spawn(async move { _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await });
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(request: Request<Incoming>, kept: Arc<Kept>) -> Answer {
    let mut response = Response::new(Empty::new());
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes);
    if kept.silent.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
    match body.ok().as_deref().and_then(read) {
        Some((id, to, code)) => {
            _ = lock(&kept.arrivals).entry(id).or_insert(Arrival { to, code, at: Instant::now() });
        }
        None => *response.status_mut() = StatusCode::BAD_REQUEST,
    }
    Ok(response)
}

fn read(body: &[u8]) -> Option<(u64, String, String)> {
    let delivery: Delivery<'_> = serde_json::from_slice(body).ok()?;
    let code = delivery.text.split(|letter: char| !letter.is_ascii_digit()).find(|run| run.len() == CODE_LENGTH)?;
    Some((delivery.message_id.parse().ok()?, delivery.to.into_owned(), code.to_owned()))
}
