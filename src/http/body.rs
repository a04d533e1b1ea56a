//! Reading a request's body: bounded, in time, strict.

use std::io;

use http_body_util::{BodyExt, combinators::BoxBody};
use hyper::body::{Body as _, Bytes};
use poem::{Request, RequestBody, Result, http::header::CONTENT_ENCODING};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, Registry},
    types::ParseFromJSON,
};

use super::{
    Admission, Rejection,
    json::{self, JsonError},
};

/// The longest body, in bytes as read (security F4).
pub const BODY_LIMIT: usize = 64 * 1024;

/// How much of a body beyond the limit is read and thrown away, so that its sender can read why it was refused.
const DISCARD_LIMIT: usize = 1024 * 1024;

/// A JSON body, whatever `Content-Type` says (spec 10, row 34).
///
/// Not JSON is [`Rejection::NotJson`], JSON that is no `T` is [`Rejection::Shape`].
#[derive(Clone, Copy, Debug)]
pub struct JsonBody<T>(pub T);

impl<'a, T: ParseFromJSON> ApiExtractor<'a> for JsonBody<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = MetaMediaType { content_type: "application/json", schema: T::schema_ref() };
        Some(MetaRequest { description: None, content: vec![content], required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> Result<Self> {
        let bytes = read(request, body).await?;
        let value = json::parse(&bytes).map_err(|error| match error {
            JsonError::Syntax => Rejection::NotJson,
            JsonError::TooDeep => Rejection::Shape,
            JsonError::DuplicateKey => Rejection::DuplicateKey,
        })?;
        // The framework's words name Rust types and may quote the body: they are not kept.
        Ok(Self(T::parse_from_json(Some(value)).map_err(|_| Rejection::Shape)?))
    }
}

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
    use crate::http::Text;
    use poem::Body;
    use std::time::Duration;
    use tokio::time::Instant;

    async fn parsed(request: Request) -> Result<String, Rejection> {
        let (request, mut body) = request.split();
        let outcome = JsonBody::<Text>::from_request(&request, &mut body, ExtractParamOptions::default()).await;
        outcome.map(|body| body.0.0).map_err(|error| Rejection::classify(&error))
    }

    fn of_length(length: usize) -> String {
        format!("\"{}\"", "x".repeat(length - 2))
    }

    #[tokio::test]
    async fn the_content_type_does_not_matter() {
        for kind in ["application/json", "text/plain", "application/x-www-form-urlencoded", ""] {
            let request = Request::builder().content_type(kind).body("\"a\"");
            assert_eq!(parsed(request).await, Ok("a".to_owned()), "{kind}");
        }
        assert_eq!(parsed(Request::builder().body("\"a\"")).await, Ok("a".to_owned()));
    }

    #[tokio::test]
    async fn bytes_are_counted_as_read_in_one_piece_or_in_many() {
        assert!(parsed(Request::builder().body(of_length(BODY_LIMIT))).await.is_ok());
        assert_eq!(parsed(Request::builder().body(of_length(BODY_LIMIT + 1))).await, Err(Rejection::TooLarge));
        for (length, fits) in [(BODY_LIMIT, true), (BODY_LIMIT + 1, false)] {
            let pieces: Vec<_> =
                of_length(length).as_bytes().chunks(1000).map(<[u8]>::to_vec).map(Ok::<_, io::Error>).collect();
            let body = Body::from_bytes_stream(futures_util::stream::iter(pieces));
            assert_eq!(parsed(Request::builder().body(body)).await.is_ok(), fits, "{length}");
        }
    }

    #[tokio::test]
    async fn an_encoded_body_is_not_read() {
        let request = |encoding: &str| Request::builder().header(CONTENT_ENCODING, encoding).body("\"a\"");
        assert_eq!(parsed(request("gzip")).await, Err(Rejection::Encoding));
        assert_eq!(parsed(request("identity, gzip")).await, Err(Rejection::Encoding));
        assert!(parsed(request("Identity")).await.is_ok());
    }

    #[tokio::test]
    async fn shape_syntax_and_duplicates_are_told_apart() {
        let cases =
            [("", Rejection::NotJson), ("{", Rejection::NotJson), ("1", Rejection::Shape), ("null", Rejection::Shape)];
        for (body, rejection) in cases {
            assert_eq!(parsed(Request::builder().body(body)).await, Err(rejection), "{body}");
        }
        assert_eq!(parsed(Request::builder().body(r#"{"a":1,"a":2}"#)).await, Err(Rejection::DuplicateKey));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_too_slow() {
        let body = Body::from_bytes_stream(futures_util::stream::pending::<Result<Vec<u8>, io::Error>>());
        let mut request = Request::builder().body(body);
        let deadline = Instant::now() + Duration::from_secs(15);
        request.extensions_mut().insert(Admission { deadline, refusal: None });
        assert_eq!(parsed(request).await, Err(Rejection::TooSlow));
        assert!(Instant::now() >= deadline);
    }
}
