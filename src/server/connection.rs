//! One connection from accept to close, and each of its requests.

use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use poem::{
    Addr, Endpoint, Response,
    endpoint::BoxEndpoint,
    http::{Request, uri::Scheme},
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    net::TcpStream,
    time::{Instant, Sleep, sleep_until, timeout_at},
};
use tokio_rustls::TlsAcceptor;

use super::{
    ListenerSettings, Shutdown,
    activity::Activity,
    wire::{Socket, Wire},
};
use crate::http::{Admission, Rejection};

/// How long a connection that is told to go may take to say goodbye.
const FAREWELL: Duration = Duration::from_millis(250);

type Body = http_body_util::combinators::BoxBody<hyper::body::Bytes, io::Error>;
type Builder = auto::Builder<TokioExecutor>;

/// What all connections of a listener share.
pub(super) struct Shared {
    pub(super) settings: ListenerSettings,
    pub(super) endpoint: BoxEndpoint<'static, Response>,
    pub(super) builder: Builder,
    pub(super) local: SocketAddr,
    pub(super) in_flight: AtomicUsize,
}

/// Sets up both protocols. Neither has a timer: the watch below holds every deadline.
pub(super) fn builder(settings: &ListenerSettings) -> Builder {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // Beyond these the protocol answers 431 by itself, without a body; below them it is ours to answer.
    let roomy = settings.max_header_bytes.saturating_mul(4).max(8192);
    builder
        .http1()
        .header_read_timeout(None)
        .max_headers(settings.max_headers + settings.max_headers / 2)
        .max_buf_size(roomy);
    builder
        .http2()
        .max_concurrent_streams(settings.max_streams)
        .max_header_list_size(u32::try_from(roomy).unwrap_or(u32::MAX));
    builder
}

/// Serves one accepted socket until it closes, is closed for a deadline, or everything stops.
pub(super) async fn serve(shared: Arc<Shared>, stream: TcpStream, peer: SocketAddr, shutdown: Shutdown) {
    let activity = Arc::new(Activity::new());
    let Some((socket, scheme)) = open(&shared.settings, stream, &activity).await else { return };
    let (remote, local) = (RemoteAddr(Addr::SocketAddr(peer)), LocalAddr(Addr::SocketAddr(shared.local)));
    let service = service_fn(|request| {
        activity.begin();
        let addresses = (local.clone(), remote.clone(), scheme.clone());
        answer(shared.clone(), activity.clone(), request, addresses)
    });
    let io = TokioIo::new(Wire::new(socket, activity.clone()));
    let connection = pin!(shared.builder.serve_connection(io, service));
    watch(connection, &activity, &shared.settings, shutdown).await;
}

/// The TLS handshake, if there is to be one, within the time for the first request.
async fn open(settings: &ListenerSettings, stream: TcpStream, activity: &Activity) -> Option<(Socket, Scheme)> {
    let Some(tls) = &settings.tls else { return Some((Socket::Plain(stream), Scheme::HTTP)) };
    let deadline = activity.deadline(settings)?;
    match timeout_at(deadline, TlsAcceptor::from(tls.clone()).accept(stream)).await {
        Ok(Ok(stream)) => Some((Socket::Tls(Box::new(stream)), Scheme::HTTPS)),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a TLS handshake failed");
            None
        }
        Err(_) => None,
    }
}

/// A connection that can be told to finish what it has begun.
trait Graceful: Future {
    fn finish(self: Pin<&mut Self>);
}

impl<I, S, B> Graceful for auto::Connection<'_, I, S, TokioExecutor>
where
    Self: Future,
    S: hyper::service::HttpService<Incoming, ResBody = B>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    S::Future: Send + 'static,
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    B: hyper::body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Drives the connection and lets go of it at the deadline of its [`Activity`].
///
/// The alarm is moved only when the deadline comes nearer or it rang too early, not with every request.
async fn watch<C: Graceful>(
    mut connection: Pin<&mut C>,
    activity: &Activity,
    settings: &ListenerSettings,
    mut shutdown: Shutdown,
) {
    let mut stop = pin!(shutdown.draining());
    let mut alarm = pin!(sleep_until(Instant::now() + settings.first_request));
    let (mut stopping, mut leaving) = (false, false);
    poll_fn(|cx| {
        loop {
            if connection.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            if !stopping && stop.as_mut().poll(cx).is_ready() {
                stopping = true;
                connection.as_mut().finish();
                continue;
            }
            let farewell = alarm.deadline();
            let deadline = activity.deadline(settings).map(|deadline| if leaving { farewell } else { deadline });
            if !rang(alarm.as_mut(), cx, deadline, settings) {
                return Poll::Pending;
            }
            if leaving {
                return Poll::Ready(());
            }
            leaving = true;
            alarm.as_mut().reset(Instant::now() + FAREWELL);
            connection.as_mut().finish();
        }
    })
    .await;
}

/// Whether the alarm rang and means it: `deadline` has passed.
fn rang(
    mut alarm: Pin<&mut Sleep>,
    cx: &mut Context<'_>,
    deadline: Option<Instant>,
    settings: &ListenerSettings,
) -> bool {
    if let Some(deadline) = deadline.filter(|deadline| *deadline < alarm.deadline()) {
        alarm.as_mut().reset(deadline);
    }
    while alarm.as_mut().poll(cx).is_ready() {
        let now = Instant::now();
        let next = deadline.unwrap_or(now + settings.idle);
        if next <= now {
            return true;
        }
        alarm.as_mut().reset(next);
    }
    false
}

/// Counts a request as running until it is dropped.
struct InFlight(Arc<Shared>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn answer(
    shared: Arc<Shared>,
    activity: Arc<Activity>,
    mut request: Request<Incoming>,
    (local, remote, scheme): (LocalAddr, RemoteAddr, Scheme),
) -> Result<hyper::Response<Body>, Infallible> {
    let _running = activity.guard();
    let before = shared.in_flight.fetch_add(1, Ordering::Relaxed);
    let in_flight = InFlight(shared);
    let settings = &in_flight.0.settings;
    let refusal = if heads_too_large(&request, settings) {
        Some(Rejection::HeadersTooLarge)
    } else {
        (before >= settings.max_in_flight).then_some(Rejection::Overloaded)
    };
    let deadline = Instant::now() + settings.whole_request;
    request.extensions_mut().insert(Admission { deadline, refusal });
    let response = in_flight.0.endpoint.get_response((request, local, remote, scheme).into()).await;
    Ok(response.into())
}

/// Target and headers, each header with its colon, blank and line end.
fn heads_too_large(request: &Request<Incoming>, settings: &ListenerSettings) -> bool {
    let headers = request.headers();
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let lines = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    headers.len() > settings.max_headers || target + lines.sum::<usize>() > settings.max_header_bytes
}
