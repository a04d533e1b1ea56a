//! What a gateway's answer means.

use std::time::Duration;

use reqwest::{
    StatusCode,
    header::{DATE, HeaderMap, RETRY_AFTER},
};
use serde_json::Value;

use super::settings::{Success, checked_pointer};
use crate::{
    channel::{Accepted, DeliveryError, Refusal, SettingsError},
    core::plain_text::is_plain,
};

/// Longest id of a message that is believed, in characters.
const MAX_REFERENCE: usize = 256;

/// Tells taken from refused from try again.
pub(super) struct Judge {
    success: Success,
    reference: Option<String>,
}

impl Judge {
    pub(super) fn new(success: Success, reference: Option<String>) -> Result<Self, SettingsError> {
        reference.as_deref().map_or(Ok(()), |pointer| checked_pointer("reference", pointer))?;
        Ok(Self { success, reference })
    }

    /// Whether the answer's body matters.
    pub(super) const fn reads_answer(&self) -> bool {
        self.success.field.is_some() || self.reference.is_some()
    }

    /// Judges the status line: 408, 425, 429 and 5xx mean later, anything else that is no success means never.
    pub(super) fn status(&self, status: StatusCode, headers: &HeaderMap) -> Result<(), DeliveryError> {
        let listed = self.success.statuses.iter().any(|range| range.contains(&status.as_u16()));
        if listed || (self.success.statuses.is_empty() && status.is_success()) {
            return Ok(());
        }
        let detail = format!("HTTP {}", status.as_u16());
        match status.as_u16() {
            408 | 425 | 429 | 500.. => {
                Err(DeliveryError::Unavailable { retry_after: retry_after(headers), maybe_taken: false, detail })
            }
            413 => Err(DeliveryError::refused(Refusal::Content, detail)),
            400 | 409 | 410 | 422 => Err(DeliveryError::refused(Refusal::Other, detail)),
            // Redirects, credentials, paths: nothing that has to do with this message.
            _ => Err(DeliveryError::refused(Refusal::Provider, detail)),
        }
    }

    /// Judges the body of an answer whose status was good. The gateway has the message or has refused it: a body that
    /// cannot be read is no reason to send a second one.
    pub(super) fn answer(&self, answer: &Value) -> Result<Accepted, DeliveryError> {
        if let Some((pointer, wanted)) = &self.success.field
            && answer.pointer(pointer).and_then(as_text).as_ref() != Some(wanted)
        {
            let detail = format!("the answer does not say success at `{pointer}`");
            return Err(DeliveryError::refused(Refusal::Other, detail));
        }
        let reference = self.reference.as_deref().and_then(|pointer| answer.pointer(pointer)).and_then(as_text);
        Ok(Accepted { reference: reference.filter(|text| text.chars().count() <= MAX_REFERENCE && is_plain(text)) })
    }
}

/// A scalar as text.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// `Retry-After` in seconds or as a date; the date counts from the answer's own `Date`, so no clock is needed.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
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

    fn judge(success: Success) -> Judge {
        Judge::new(success, Some("/data/id".to_owned())).unwrap()
    }

    fn verdict(status: u16) -> Option<&'static str> {
        match judge(Success::default()).status(StatusCode::from_u16(status).unwrap(), &HeaderMap::new()) {
            Ok(()) => None,
            Err(DeliveryError::Refused { .. }) => Some("refused"),
            Err(DeliveryError::Unavailable { .. }) => Some("unavailable"),
        }
    }

    #[test]
    fn every_status_is_taken_refused_or_later() {
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(verdict(status), None, "{status}");
        }
        for status in [301, 302, 307, 400, 401, 403, 404, 409, 413, 422, 451] {
            assert_eq!(verdict(status), Some("refused"), "{status}");
        }
        for status in [408, 425, 429, 500, 502, 503, 504, 599] {
            assert_eq!(verdict(status), Some("unavailable"), "{status}");
        }
    }

    #[test]
    fn listed_statuses_replace_2xx() {
        let judge = judge(Success { statuses: vec![200..=200, 409..=410], field: None });
        let status = |status| judge.status(StatusCode::from_u16(status).unwrap(), &HeaderMap::new());
        assert!(status(200).is_ok() && status(409).is_ok());
        assert!(status(201).is_err() && status(204).is_err());
    }

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
    fn an_id_that_no_database_would_keep_is_left_out() {
        let reference = |id: &str| judge(Success::default()).answer(&json!({"data": {"id": id}})).unwrap().reference;
        assert_eq!(reference("a-1").as_deref(), Some("a-1"));
        assert_eq!(reference("a\0b"), None);
    }

    #[test]
    fn the_field_is_compared_as_text() {
        let taken = |answer: Value| {
            let judge = judge(Success { statuses: Vec::new(), field: Some(("/ok".to_owned(), "1".to_owned())) });
            judge.answer(&answer).is_ok()
        };
        assert!(taken(json!({"ok": 1})) && taken(json!({"ok": "1"})));
        assert!(!taken(json!({"ok": 0})) && !taken(json!({"ok": [1]})) && !taken(Value::Null));
    }

    #[test]
    fn the_reference_is_a_short_string_or_a_number() {
        let reference = |id: Value| judge(Success::default()).answer(&json!({"data": {"id": id}})).unwrap().reference;
        assert_eq!(reference(json!("abc")).as_deref(), Some("abc"));
        assert_eq!(reference(json!(7)).as_deref(), Some("7"));
        assert_eq!(reference(json!(null)), None);
        assert_eq!(reference(json!("x".repeat(257))), None);
    }
}
