//! What only a listener can refuse, over a socket.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};
use verifyd::server::{Listener, ListenerSettings, shutdown};

use super::page::Page;
use crate::harness::TestApp;

const HEADERS: [&str; 3] = ["www-authenticate", "allow", "retry-after"];

/// Adds 408, 431 and 503.
pub(super) async fn slow_large_and_many(page: &mut Page, app: &TestApp) {
    let basic = app.key.basic();
    let head = format!("POST /v1/messages HTTP/1.1\r\nhost: a\r\nauthorization: {basic}\r\n");
    let quick = ListenerSettings { whole_request: Duration::from_millis(200), ..settings() };
    let slow = format!("{head}content-length: 2\r\n\r\n{{");
    row(page, app, "body does not come", "POST /v1/messages {", quick, &slow).await;
    let large = format!("{head}x: {}\r\ncontent-length: 2\r\n\r\n{{}}", "x".repeat(17_000));
    row(page, app, "headers too large", "POST /v1/messages {}", settings(), &large).await;
    let full = ListenerSettings { max_in_flight: 0, ..settings() };
    let good = format!("{head}content-length: 2\r\n\r\n{{}}");
    row(page, app, "too many requests at once", "POST /v1/messages {}", full, &good).await;
}

fn settings() -> ListenerSettings {
    ListenerSettings::new(([127, 0, 0, 1], 0).into())
}

async fn row(page: &mut Page, app: &TestApp, why: &str, asked: &str, settings: ListenerSettings, bytes: &str) {
    let listener = Listener::bind(settings).await.unwrap();
    let (trigger, serving) = shutdown::channel();
    let address = listener.local_addr();
    let mut task = JoinSet::new();
    task.spawn(listener.serve(app.app.routes(serving.clone()), serving));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let answer = answer(&mut stream).await;
    drop((stream, trigger));
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<_> = head.lines().filter_map(|line| line.split_once(": ")).collect();
    let headers: Vec<_> = headers.into_iter().filter(|(name, _)| HEADERS.contains(name)).collect();
    page.note("anywhere under /v1", why, asked, status, &headers, body);
}

/// One answer; its body is the object that ends it.
async fn answer(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.ends_with('}') {
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(count > 0, "closed after {text}");
        text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
    }
    text
}
