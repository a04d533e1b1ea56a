//! Clients that dawdle, flood or talk nonsense, against the listener (security F4, F5).

mod http2;
mod tls;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::{Instant, timeout},
};
use verifyd::server::{
    Listener, ListenerSettings,
    shutdown::{ShutdownTrigger, channel},
};

use crate::sample::routes;

/// Long enough that nothing honest ever waits for it.
const PATIENCE: Duration = Duration::from_secs(10);
const GET: &str = "GET /v1/things/1 HTTP/1.1\r\nhost: a\r\n\r\n";
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

struct Server {
    address: SocketAddr,
    trigger: ShutdownTrigger,
    task: JoinSet<()>,
}

/// Deadlines far apart, so that a test shows which of them it met.
fn short() -> ListenerSettings {
    ListenerSettings {
        first_request: Duration::from_millis(300),
        head: Duration::from_millis(500),
        whole_request: Duration::from_millis(700),
        idle: Duration::from_millis(900),
        ..ListenerSettings::new(([127, 0, 0, 1], 0).into())
    }
}

async fn start(settings: ListenerSettings) -> Server {
    let listener = Listener::bind(settings).await.unwrap();
    let (trigger, shutdown) = channel();
    let address = listener.local_addr();
    let mut task = JoinSet::new();
    task.spawn(listener.serve(routes(&Arc::default()), shutdown));
    Server { address, trigger, task }
}

impl Server {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends `bytes` on a new connection and gives it.
    async fn sent(&self, bytes: impl AsRef<[u8]>) -> TcpStream {
        let mut stream = self.connect().await;
        stream.write_all(bytes.as_ref()).await.unwrap();
        stream
    }

    /// Sends `bytes` and reads one answer.
    async fn asked(&self, bytes: impl AsRef<[u8]>) -> String {
        answer(&mut self.sent(bytes).await).await
    }
}

/// Reads one HTTP/1.1 answer, or what there is of it before the connection closes.
async fn answer<S: tokio::io::AsyncRead + Unpin>(stream: &mut S) -> String {
    let mut text = String::new();
    let mut buffer = vec![0; 4096];
    let read = async {
        while !is_complete(&text) {
            match stream.read(&mut buffer).await {
                Ok(count @ 1..) => text.push_str(&String::from_utf8_lossy(&buffer[..count])),
                _ => break,
            }
        }
    };
    timeout(PATIENCE, read).await.expect("neither an answer nor a close");
    text
}

fn is_complete(text: &str) -> bool {
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

/// Reads until the other side closes; how long that took.
async fn closed(mut stream: TcpStream) -> Duration {
    let begin = Instant::now();
    let mut rest = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("the connection stays open");
    // A reset is a close as well.
    drop(read);
    begin.elapsed()
}

fn post(headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST /v1/things HTTP/1.1\r\nhost: a\r\nauthorization: Basic YTpi\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
}

fn assert_answer(text: &str, status: u16, face: &str) {
    let start = format!("HTTP/1.1 {status} ");
    let end = format!("\r\n\r\n{{\"face\":\"{face}\"}}");
    assert!(text.starts_with(&start) && text.ends_with(&end), "wanted {status} {face}, got {text}");
}

fn assert_took(time: Duration, deadline: Duration, what: &str) {
    // The server's clock starts a little before the test's: half of the deadline still tells them apart from none.
    assert!(time * 2 >= deadline && time < deadline + Duration::from_secs(2), "{what}: {time:?} for {deadline:?}");
}

/// Asks again and again on one connection until `done`; every answer must be right.
async fn honest(server: &Server, done: &AtomicBool) -> usize {
    let mut stream = server.connect().await;
    let mut answers = 0;
    while !done.load(Ordering::SeqCst) || answers == 0 {
        stream.write_all(GET.as_bytes()).await.unwrap();
        let text = answer(&mut stream).await;
        assert!(text.starts_with("HTTP/1.1 200 ") && text.ends_with("{\"name\":\"1\"}"), "{text}");
        answers += 1;
    }
    answers
}

/// Runs `attack` while an honest client is served.
async fn beside_an_honest_client<T>(server: &Server, attack: impl Future<Output = T>) -> T {
    let done = AtomicBool::new(false);
    let attack = async {
        let outcome = attack.await;
        done.store(true, Ordering::SeqCst);
        outcome
    };
    let (outcome, answers) = tokio::join!(attack, honest(server, &done));
    assert!(answers > 0);
    outcome
}

#[tokio::test]
async fn connections_that_dawdle_are_closed_in_time_while_others_are_served() {
    let server = start(short()).await;
    let settings = short();
    let first: [(&str, &[u8]); 4] = [
        ("silent", b""),
        ("half a head", b"GET /v1/things/1 HTTP/1.1\r\nhost:"),
        ("half a preface", &PREFACE[..10]),
        ("a preface, then silence", PREFACE),
    ];
    beside_an_honest_client(&server, async {
        let waits = first.map(|(what, bytes)| {
            let server = &server;
            async move { assert_took(closed(server.sent(bytes).await).await, settings.first_request, what) }
        });
        futures_util::future::join_all(waits).await;
    })
    .await;
}

#[tokio::test]
async fn a_kept_connection_is_closed_when_idle_and_sooner_in_the_midst_of_a_head() {
    let server = start(short()).await;
    beside_an_honest_client(&server, async {
        let mut idle = server.sent(GET).await;
        let mut half = server.sent(GET).await;
        tokio::join!(answer(&mut idle), answer(&mut half));
        half.write_all(b"GET /v1").await.unwrap();
        let (idle, half) = tokio::join!(closed(idle), closed(half));
        assert_took(idle, short().idle, "idle");
        assert_took(half, short().head, "half a second head");
    })
    .await;
}

#[tokio::test]
async fn a_slow_body_is_answered_408_and_a_slow_handler_503() {
    let server = start(short()).await;
    beside_an_honest_client(&server, async {
        let begin = Instant::now();
        let body = post("", "").replace("content-length: 0", "content-length: 9") + "{\"n";
        let stuck = "GET /v1/stuck HTTP/1.1\r\nhost: a\r\n\r\n";
        let (body, stuck) = tokio::join!(server.asked(body), server.asked(stuck));
        assert_answer(&body, 408, "TooSlow");
        assert_answer(&stuck, 503, "Overloaded");
        assert_took(begin.elapsed(), short().whole_request, "slow body");
    })
    .await;
}

#[tokio::test]
async fn a_body_without_end_is_cut_early() {
    const PIECE: usize = 64 * 1024;
    let server = start(ListenerSettings { whole_request: PATIENCE, ..short() }).await;
    let sent = beside_an_honest_client(&server, async {
        let head = post("transfer-encoding: chunked\r\n", "").replace("content-length: 0\r\n", "");
        let mut stream = server.sent(head).await;
        let chunk = [format!("{PIECE:x}\r\n").into_bytes(), vec![b'x'; PIECE], b"\r\n".to_vec()].concat();
        let mut sent = 0;
        let flood = async {
            while sent < 1 << 30 && stream.write_all(&chunk).await.is_ok() {
                sent += PIECE;
            }
        };
        timeout(PATIENCE, flood).await.expect("the flood is neither taken nor cut");
        sent
    })
    .await;
    assert!(sent < 32 << 20, "{sent} bytes were taken");
}

#[tokio::test]
async fn bombs_are_refused_while_others_are_served() {
    let server = start(short()).await;
    beside_an_honest_client(&server, async {
        let deep = "{\"a\":".repeat(1_000_000);
        let mut stream = server.connect().await;
        // The server may stop reading long before the end.
        let _ = stream.write_all(post("", &deep).as_bytes()).await;
        let text = answer(&mut stream).await;
        assert!(text.is_empty() || text.starts_with("HTTP/1.1 413 "), "{text}");
        assert_answer(&server.asked(post("", &deep[..60_000])).await, 400, "Shape");
        assert_answer(&server.asked(post("", &"x".repeat(65_537))).await, 413, "TooLarge");
        assert_answer(&server.asked(post("content-encoding: gzip\r\n", "\x1f")).await, 415, "Encoding");
    })
    .await;
}

#[tokio::test]
async fn too_many_or_too_long_headers_are_answered_431() {
    let server = start(short()).await;
    let with = |headers: String| format!("GET /v1/things/1 HTTP/1.1\r\nhost: a\r\n{headers}\r\n");
    beside_an_honest_client(&server, async {
        let hundred = "x: y\r\n".repeat(99);
        assert!(server.asked(with(hundred.clone())).await.starts_with("HTTP/1.1 200 "));
        assert_answer(&server.asked(with(hundred + "x: y\r\n")).await, 431, "HeadersTooLarge");
        let long = format!("x: {}\r\n", "y".repeat(16 * 1024));
        assert_answer(&server.asked(with(long)).await, 431, "HeadersTooLarge");
        let mut stream = server.connect().await;
        let _ = stream.write_all(with("x: y\r\n".repeat(100_000)).as_bytes()).await;
        let text = answer(&mut stream).await;
        assert!(text.is_empty() || text.starts_with("HTTP/1.1 431 "), "{text}");
    })
    .await;
}

#[tokio::test]
async fn requests_and_connections_beyond_the_limits_are_turned_away() {
    let server = start(ListenerSettings { max_in_flight: 1, max_connections: 2, ..short() }).await;
    let mut stuck = server.sent("GET /v1/stuck HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let mut second = server.connect().await;
    // The stuck request may still be on its way in: only the last answer counts.
    let mut refused = String::new();
    while !refused.starts_with("HTTP/1.1 503 ") {
        second.write_all(GET.as_bytes()).await.unwrap();
        refused = answer(&mut second).await;
    }
    assert_answer(&refused, 503, "Overloaded");
    assert!(closed(server.connect().await).await < short().first_request);
    assert_answer(&answer(&mut stuck).await, 503, "Overloaded");
    second.write_all(GET.as_bytes()).await.unwrap();
    assert!(answer(&mut second).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn the_shutdown_lets_requests_end_and_then_ends_whatever_is_left() {
    let settings = ListenerSettings { whole_request: PATIENCE, idle: PATIENCE, ..short() };
    let mut server = start(settings).await;
    let mut idle = server.sent(GET).await;
    answer(&mut idle).await;
    let stuck = server.sent("GET /v1/stuck HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let begin = Instant::now();
    let (linger, hard_end) = (Duration::from_millis(200), Duration::from_millis(800));
    let stop = server.trigger.stop(linger, hard_end);
    let address = server.address;
    let ((), idle, stuck, late, ended) = tokio::join!(
        stop,
        closed(idle),
        closed(stuck),
        async {
            let mut late = TcpStream::connect(address).await.unwrap();
            late.write_all(GET.as_bytes()).await.unwrap();
            answer(&mut late).await
        },
        async { timeout(PATIENCE, server.task.join_next()).await.map(|_| begin.elapsed()) }
    );
    assert_took(idle, linger, "idle");
    assert_took(stuck, hard_end, "stuck");
    assert!(late.starts_with("HTTP/1.1 200 "), "what comes during the linger is served: {late}");
    assert_took(ended.unwrap(), hard_end, "the listener");
    assert!(TcpStream::connect(address).await.is_err());
}
