//! Reading a request's body: bounded, and in time.

use std::io;

use http_body_util::{BodyExt, combinators::BoxBody};
use hyper::body::{Body as _, Bytes};
use poem::{Request, RequestBody, http::header::CONTENT_ENCODING};

use crate::http::{Admission, Rejection};

/// The longest body, in bytes as read (security F4).
pub const BODY_LIMIT: usize = 64 * 1024;

/// How much of a body beyond the limit is read and thrown away, so that its sender can read why it was refused.
const DISCARD_LIMIT: usize = 1024 * 1024;

/// The whole body, at most [`BODY_LIMIT`] bytes of it, before the request's deadline.
pub async fn read(request: &Request, body: &mut RequestBody) -> Result<Bytes, Rejection> {
    if !is_identity(request) {
        return Err(Rejection::Encoding);
    }
    let body = collect(body.take().map_err(|_| Rejection::Fault)?.into());
    match Admission::of(request) {
        Some(admission) => tokio::time::timeout_at(admission.deadline, body).await.map_err(|_| Rejection::TooSlow)?,
        None => body.await,
    }
}

fn is_identity(request: &Request) -> bool {
    let mut encodings = request.headers().get_all(CONTENT_ENCODING).iter();
    encodings.all(|encoding| encoding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity"))
}

async fn collect(mut body: BoxBody<Bytes, io::Error>) -> Result<Bytes, Rejection> {
    let mut read = Vec::new();
    while let Some(bytes) = next(&mut body).await? {
        if read.len() + bytes.len() > BODY_LIMIT {
            discard(body).await;
            return Err(Rejection::TooLarge);
        }
        // Nearly every body comes in one piece, which then needs no copy.
        if read.is_empty() && body.is_end_stream() {
            return Ok(bytes);
        }
        read.extend_from_slice(&bytes);
    }
    Ok(read.into())
}

async fn next(body: &mut BoxBody<Bytes, io::Error>) -> Result<Option<Bytes>, Rejection> {
    while let Some(frame) = body.frame().await {
        if let Ok(bytes) = frame.map_err(|_| Rejection::NotJson)?.into_data() {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}

async fn discard(mut body: BoxBody<Bytes, io::Error>) {
    let mut read = 0;
    while read < DISCARD_LIMIT {
        match next(&mut body).await {
            Ok(Some(bytes)) => read += bytes.len(),
            Ok(None) | Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::Body;
    use std::time::Duration;
    use tokio::time::Instant;

    /// How many bytes were read.
    async fn length(request: Request) -> Result<usize, Rejection> {
        let (request, mut body) = request.split();
        read(&request, &mut body).await.map(|bytes| bytes.len())
    }

    #[tokio::test]
    async fn bytes_are_counted_as_read_in_one_piece_or_in_many() {
        for (sent, outcome) in [(BODY_LIMIT, Ok(BODY_LIMIT)), (BODY_LIMIT + 1, Err(Rejection::TooLarge))] {
            let bytes = vec![b'x'; sent];
            let pieces: Vec<_> = bytes.chunks(1000).map(<[u8]>::to_vec).map(Ok::<_, io::Error>).collect();
            let body = Body::from_bytes_stream(futures_util::stream::iter(pieces));
            assert_eq!(length(Request::builder().body(body)).await, outcome, "{sent} in pieces");
            assert_eq!(length(Request::builder().body(bytes)).await, outcome, "{sent} at once");
        }
    }

    #[tokio::test]
    async fn an_encoded_body_is_not_read() {
        let request = |encoding: &str| Request::builder().header(CONTENT_ENCODING, encoding).body("a");
        assert_eq!(length(request("gzip")).await, Err(Rejection::Encoding));
        assert_eq!(length(request("identity, gzip")).await, Err(Rejection::Encoding));
        assert_eq!(length(request("Identity")).await, Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_too_slow() {
        let body = Body::from_bytes_stream(futures_util::stream::pending::<Result<Vec<u8>, io::Error>>());
        let mut request = Request::builder().body(body);
        let deadline = Instant::now() + Duration::from_secs(15);
        request.extensions_mut().insert(Admission { deadline, refusal: None });
        assert_eq!(length(request).await, Err(Rejection::TooSlow));
        assert!(Instant::now() >= deadline);
    }
}
