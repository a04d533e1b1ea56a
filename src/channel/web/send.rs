//! A request that is written in time or not at all.

use std::{
    error::Error,
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};

use http_body::{Body, Frame, SizeHint};
use reqwest::{RequestBuilder, Response};
use tokio_util::bytes::Bytes;

use super::answer::lost;
use crate::channel::{DeliveryError, still_ours};

/// Sends a request that nobody may write after `until`.
///
/// The client has it written by the task of its connection, perhaps after it has opened one. That task asks for the body when
/// it is about to write the head, and writes both at once; so the body looks at the clock. A request without a body is
/// looked at only here.
pub(in crate::channel) async fn in_time(request: RequestBuilder, until: Instant) -> Result<Response, DeliveryError> {
    let (client, request) = request.build_split();
    let mut request = request.map_err(|error| lost(&error))?;
    let bytes = request.body().and_then(reqwest::Body::as_bytes).map(Bytes::copy_from_slice);
    match bytes {
        Some(bytes) => *request.body_mut() = Some(reqwest::Body::wrap(InTime { bytes, until })),
        None if still_ours(until) => {}
        None => return Err(DeliveryError::too_late()),
    }
    client
        .execute(request)
        .await
        .map_err(|error| if was_late(&error) { DeliveryError::too_late() } else { lost(&error) })
}

/// Gives out all its bytes at once, or none.
struct InTime {
    bytes: Bytes,
    until: Instant,
}

#[derive(Debug, thiserror::Error)]
#[error("too late to write the request")]
struct TooLate;

impl Body for InTime {
    type Data = Bytes;
    type Error = TooLate;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, TooLate>>> {
        if !still_ours(self.until) {
            return Poll::Ready(Some(Err(TooLate)));
        }
        let bytes = std::mem::take(&mut self.bytes);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}

fn was_late(error: &reqwest::Error) -> bool {
    let mut cause: Option<&dyn Error> = Some(error);
    while let Some(error) = cause {
        if error.is::<TooLate>() {
            return true;
        }
        cause = error.source();
    }
    false
}
