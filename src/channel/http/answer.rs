//! What a gateway's answer means.

use reqwest::{StatusCode, header::HeaderMap};
use serde_json::Value;

use super::settings::{Success, checked_pointer};
use crate::channel::{
    Accepted, DeliveryError, Refusal, SettingsError,
    web::answer::{as_reference, as_text, failure},
};

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

    /// Judges the status line; what is no success means what HTTP says it means.
    pub(super) fn status(&self, status: StatusCode, headers: &HeaderMap) -> Result<(), DeliveryError> {
        let listed = self.success.statuses.iter().any(|range| range.contains(&status.as_u16()));
        if listed || (self.success.statuses.is_empty() && status.is_success()) {
            return Ok(());
        }
        Err(failure(status, headers))
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
        let reference = self.reference.as_deref().and_then(|pointer| answer.pointer(pointer));
        Ok(Accepted { reference: reference.and_then(as_reference) })
    }
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
    fn the_field_is_compared_as_text() {
        let taken = |answer: Value| {
            let judge = judge(Success { statuses: Vec::new(), field: Some(("/ok".to_owned(), "1".to_owned())) });
            judge.answer(&answer).is_ok()
        };
        assert!(taken(json!({"ok": 1})) && taken(json!({"ok": "1"})));
        assert!(!taken(json!({"ok": 0})) && !taken(json!({"ok": [1]})) && !taken(Value::Null));
    }
}
