//! The smallest HTTP/1.1 client that knows a whole answer from half of one.

use std::{net::SocketAddr, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Longer than the server takes for anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// The connection ended before the first byte.
    Silent,
    /// The connection ended within the answer.
    Half,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// Whether the server keeps the connection.
    pub(crate) stays: bool,
}

/// One connection that stays open.
pub(crate) struct Client {
    stream: TcpStream,
    authorization: String,
}

impl Client {
    /// Connects; nothing if nobody listens.
    pub(crate) async fn connect(address: SocketAddr, key: &str) -> Option<Self> {
        let stream = TcpStream::connect(address).await.ok()?;
        stream.set_nodelay(true).ok()?;
        let authorization = format!("Basic {}", base64(key.as_bytes()));
        Some(Self { stream, authorization })
    }

    /// Asks for a code to be sent.
    pub(crate) async fn send(&mut self, to: &str) -> Result<Answer, Lost> {
        self.post("/v1/messages", &json!({ "to": to, "template": { "id": "otp" } })).await
    }

    /// Tries a code.
    pub(crate) async fn verify(&mut self, message: i64, code: &str) -> Result<Answer, Lost> {
        self.post("/v1/verifications", &json!({ "message_id": message.to_string(), "verify_code": code })).await
    }

    /// Asks for a page.
    pub(crate) async fn get(&mut self, path: &str) -> Result<Answer, Lost> {
        self.ask(&format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n")).await
    }

    /// Posts JSON.
    pub(crate) async fn post(&mut self, path: &str, body: &Value) -> Result<Answer, Lost> {
        let (body, authorization) = (body.to_string(), &self.authorization);
        let length = body.len();
        self.ask(&format!(
            "POST {path} HTTP/1.1\r\nhost: a\r\nauthorization: {authorization}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n{body}"
        ))
        .await
    }

    async fn ask(&mut self, request: &str) -> Result<Answer, Lost> {
        // A failed write says nothing yet: an answer may have come before the connection was closed.
        let _ = self.stream.write_all(request.as_bytes()).await;
        timeout(PATIENCE, self.answer()).await.expect("neither an answer nor a close")
    }

    async fn answer(&mut self) -> Result<Answer, Lost> {
        let (mut bytes, mut buffer) = (vec![], [0; 4096]);
        loop {
            if let Some(answer) = parse(&bytes) {
                return Ok(answer);
            }
            match self.stream.read(&mut buffer).await {
                Ok(count @ 1..) => bytes.extend_from_slice(&buffer[..count]),
                _ if bytes.is_empty() => return Err(Lost::Silent),
                _ => return Err(Lost::Half),
            }
        }
    }
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let (head, body) = std::str::from_utf8(bytes).ok()?.split_once("\r\n\r\n")?;
    let head = head.to_ascii_lowercase();
    let length: usize = head.lines().find_map(|line| line.strip_prefix("content-length: "))?.parse().ok()?;
    if body.len() < length {
        return None;
    }
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let body = serde_json::from_str(body).unwrap_or(Value::Null);
    Some(Answer { status, body, stays: !head.contains("connection: close") })
}

/// Nothing of ours is at hand that does this from outside.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |chunk: &[u8]| {
        let bits = chunk.iter().fold(0usize, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - chunk.len()));
        let letter = move |place: usize| {
            let used = place <= chunk.len();
            if used { char::from(LETTERS[bits >> (18 - 6 * place) & 63]) } else { '=' }
        };
        [letter(0), letter(1), letter(2), letter(3)]
    };
    bytes.chunks(3).flat_map(group).collect()
}
