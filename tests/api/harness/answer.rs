//! What came back.

use std::fmt;

use poem::{
    Response,
    http::{HeaderMap, StatusCode},
};
use serde_json::Value;

/// One answer. `Display` is its status and body with ids made equal: `200 {"message_id":"[id]",…}`.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(super) async fn read(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, text: response.into_body().into_string().await.unwrap() }
    }

    /// The body, which must be JSON and say so.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/json; charset=utf-8", "{self}");
        serde_json::from_str(&self.text).unwrap()
    }

    /// A header; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The `message_id` of an accepted message.
    pub(crate) fn id(&self) -> String {
        assert_eq!(self.status, StatusCode::OK, "{self}");
        self.json()["message_id"].as_str().unwrap().to_owned()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status.as_u16())?;
        if self.text.is_empty() { Ok(()) } else { write!(f, " {}", without_ids(&self.text)) }
    }
}

/// Runs of 19 digits are ids.
pub(crate) fn without_ids(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|character: char| character.is_ascii_digit()) {
        let (before, digits) = rest.split_at(start);
        let end = digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len());
        shown.push_str(before);
        shown.push_str(if end == 19 { "[id]" } else { &digits[..end] });
        rest = &digits[end..];
    }
    shown + rest
}
