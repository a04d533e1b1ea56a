//! HTTP/1.1 as cheap as it gets: the load driver shares the machine with what it measures.

use std::{fmt::Write as _, io, net::SocketAddr};

use base64::{Engine, engine::general_purpose::STANDARD};
use tokio::net::TcpStream;

use crate::Fallible;

/// Everything of a request that does not change.
#[derive(Clone)]
pub(crate) struct Request {
    head: String,
    has_body: bool,
}

impl Request {
    /// A POST of JSON with Basic credentials.
    pub(crate) fn post(to: SocketAddr, path: &str, user: &str, password: &str) -> Self {
        Self::post_with(to, path, &basic(user, password))
    }

    /// A POST of JSON with more headers, each with its line end.
    pub(crate) fn post_with(to: SocketAddr, path: &str, headers: &str) -> Self {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {to}\r\n{headers}content-type: application/json\r\ncontent-length: "
        );
        Self { head, has_body: true }
    }

    /// A GET.
    pub(crate) fn get(to: SocketAddr, path: &str) -> Self {
        Self { head: format!("GET {path} HTTP/1.1\r\nhost: {to}\r\n\r\n"), has_body: false }
    }

    /// Replaces `into` by the whole request.
    pub(crate) fn write(&self, body: &str, into: &mut String) {
        into.clear();
        into.push_str(&self.head);
        if self.has_body {
            // Writing to a String cannot fail.
            _ = write!(into, "{}\r\n\r\n{body}", body.len());
        }
    }
}

/// The header of Basic credentials.
pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("authorization: Basic {}\r\n", STANDARD.encode(format!("{user}:{password}")))
}

/// A kept-alive connection that asks one thing after the other.
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    /// Connects, without Nagle's delay.
    pub(crate) async fn open(to: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(4096) })
    }

    /// Sends a whole request and waits for status and body of the answer.
    pub(crate) async fn exchange(&mut self, request: &str) -> io::Result<(u16, &[u8])> {
        self.send(request.as_bytes()).await?;
        self.received.clear();
        loop {
            self.receive().await?;
            if let Some((status, start, end)) = complete(&self.received)? {
                return Ok((status, &self.received[start..end]));
            }
        }
    }

    async fn send(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.stream.try_write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.stream.writable().await?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn receive(&mut self) -> io::Result<()> {
        loop {
            self.stream.readable().await?;
            match self.stream.try_read_buf(&mut self.received) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Status and range of the body, once all of the answer is there.
fn complete(answer: &[u8]) -> io::Result<Option<(u16, usize, usize)>> {
    let Some(blank) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let bad = || io::Error::new(io::ErrorKind::InvalidData, "an answer without status or content-length");
    let head = str::from_utf8(&answer[..blank]).map_err(|_| bad())?;
    let status = head.get(9..12).and_then(|digits| digits.parse().ok()).ok_or_else(bad)?;
    let headers = head.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = headers.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: usize = lengths.next().and_then(|(_, value)| value.trim().parse().ok()).ok_or_else(bad)?;
    let start = blank + 4;
    Ok((answer.len() >= start + length).then_some((status, start, start + length)))
}

/// One request without a body on a connection of its own.
pub(crate) fn once(to: SocketAddr, request: &Request) -> Fallible<(u16, Vec<u8>)> {
    once_with(to, request, "")
}

/// One request on a connection of its own.
pub(crate) fn once_with(to: SocketAddr, request: &Request, body: &str) -> Fallible<(u16, Vec<u8>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let mut text = String::new();
        request.write(body, &mut text);
        let mut connection = Connection::open(to).await?;
        let (status, body) = connection.exchange(&text).await?;
        Ok((status, body.to_vec()))
    })
}
