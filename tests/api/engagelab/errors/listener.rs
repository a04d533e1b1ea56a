//! What only a listener can refuse, over a socket.

use std::time::Duration;

use verifyd::server::ListenerSettings;

use super::page::Page;
use crate::harness::{TestApp, listener, over_a_socket};

const HEADERS: [&str; 3] = ["www-authenticate", "allow", "retry-after"];

/// Adds 408, 431 and 503.
pub(super) async fn slow_large_and_many(page: &mut Page, app: &TestApp) {
    let basic = app.key.basic();
    let head = format!("POST /v1/messages HTTP/1.1\r\nhost: a\r\nauthorization: {basic}\r\n");
    let quick = ListenerSettings { whole_request: Duration::from_millis(200), ..listener() };
    let slow = format!("{head}content-length: 2\r\n\r\n{{");
    row(page, app, "body does not come", "POST /v1/messages {", quick, &slow).await;
    let large = format!("{head}x: {}\r\ncontent-length: 2\r\n\r\n{{}}", "x".repeat(17_000));
    row(page, app, "headers too large", "POST /v1/messages {}", listener(), &large).await;
    let full = ListenerSettings { max_in_flight: 0, ..listener() };
    let good = format!("{head}content-length: 2\r\n\r\n{{}}");
    row(page, app, "too many requests at once", "POST /v1/messages {}", full, &good).await;
}

async fn row(page: &mut Page, app: &TestApp, why: &str, asked: &str, settings: ListenerSettings, bytes: &str) {
    let answer = over_a_socket(app, settings, bytes).await;
    let headers = HEADERS.map(|name| (name, answer.header(name)));
    let headers: Vec<_> = headers.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    page.note("anywhere under /v1", why, asked, answer.status.as_u16(), &headers, &answer.text);
}
