//! What the answer of a provider means, as far as HTTP itself says it.

use std::{error::Error, time::Duration};

use reqwest::{
    Response, StatusCode,
    header::{DATE, HeaderMap, RETRY_AFTER},
};
use serde_json::Value;

use crate::{
    channel::{DeliveryError, Refusal},
    core::plain_text::is_plain,
};

/// How much of an answer is read, in bytes.
const MAX_ANSWER: usize = 64 * 1024;
/// Longest id of a message that is believed, in characters.
const MAX_REFERENCE: usize = 256;

/// The answer as JSON; `None` when it is longer than 64 KiB, cut off, late or not JSON.
pub(in crate::channel) async fn read(response: &mut Response) -> Option<Value> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if bytes.len() + chunk.len() > MAX_ANSWER {
            return None;
        }
        bytes.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&bytes).ok()
}

/// No answer came. Words of our own: the client's may repeat the URL, and with it a recipient and a code.
pub(in crate::channel) fn lost(error: &reqwest::Error) -> DeliveryError {
    if !error.is_connect() {
        let late = error.is_timeout();
        let lost = if late { "the gateway did not answer in time" } else { "the connection to the gateway broke" };
        return DeliveryError::unanswered(lost);
    }
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    DeliveryError::unavailable(format!("no connection to the gateway: {cause}"))
}

/// What a status that is no success says: 408, 425, 429 and 5xx mean later, anything else means never.
pub(in crate::channel) fn failure(status: StatusCode, headers: &HeaderMap) -> DeliveryError {
    let detail = format!("HTTP {}", status.as_u16());
    match status.as_u16() {
        408 | 425 | 429 | 500.. => {
            DeliveryError::Unavailable { retry_after: retry_after(headers), maybe_taken: false, detail }
        }
        413 => DeliveryError::refused(Refusal::Content, detail),
        400 | 409 | 410 | 422 => DeliveryError::refused(Refusal::Other, detail),
        // Redirects, credentials, paths: nothing that has to do with this message.
        _ => DeliveryError::refused(Refusal::Provider, detail),
    }
}

/// A scalar as text.
pub(in crate::channel) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// An id that a provider gave, if it is one that can be kept.
pub(in crate::channel) fn as_reference(value: &Value) -> Option<String> {
    as_text(value).filter(|text| !text.is_empty() && text.chars().count() <= MAX_REFERENCE && is_plain(text))
}

/// `Retry-After` in seconds or as a date; the date counts from the answer's own `Date`, so no clock is needed.
pub(in crate::channel) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok();
    let value = text(RETRY_AFTER)?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = httpdate::parse_http_date(text(DATE)?).ok()?;
    Some(until.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let wait = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(DATE, "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap());
            headers.insert(RETRY_AFTER, value.parse().unwrap());
            retry_after(&headers).map(|wait| wait.as_secs())
        };
        assert_eq!(wait("17"), Some(17));
        assert_eq!(wait("Sun, 06 Nov 1994 08:50:37 GMT"), Some(60));
        assert_eq!(wait("Sun, 06 Nov 1994 08:48:37 GMT"), Some(0));
        assert_eq!(wait("soon"), None);
        assert_eq!(wait("-1"), None);
    }

    #[test]
    fn a_reference_is_a_short_string_or_a_number_that_a_database_would_keep() {
        assert_eq!(as_reference(&json!("a-1")).as_deref(), Some("a-1"));
        assert_eq!(as_reference(&json!(7)).as_deref(), Some("7"));
        for useless in [json!("a\0b"), json!(null), json!(""), json!("x".repeat(257))] {
            assert_eq!(as_reference(&useless), None);
        }
    }
}
