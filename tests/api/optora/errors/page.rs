//! The page: what was asked, what came back, and which errors were met where.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    harness::Answer,
    optora::client::{Optora, between},
};

/// One request.
#[derive(Clone)]
pub(super) struct Call {
    method: &'static str,
    path: String,
    header: Option<(&'static str, &'static str)>,
    body: String,
    /// What stands on the page for a long or a secret body.
    shown: Option<&'static str>,
}

impl Call {
    /// Below `/api/otp`.
    pub(super) fn new(method: &'static str, path: &str, body: &str) -> Self {
        Self { method, path: format!("/api/otp/{path}"), header: None, body: body.to_owned(), shown: None }
    }

    pub(super) fn post(path: &str, body: &Value) -> Self {
        Self::new("POST", path, &body.to_string())
    }

    pub(super) fn with_header(self, name: &'static str, value: &'static str) -> Self {
        Self { header: Some((name, value)), ..self }
    }

    pub(super) fn shown_as(self, shown: &'static str) -> Self {
        Self { shown: Some(shown), ..self }
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct Page {
    sections: BTreeMap<&'static str, String>,
    errors: BTreeSet<(&'static str, String)>,
}

impl Page {
    /// Asks, and writes down what came of it.
    pub(super) async fn row(&mut self, api: &Optora, operation: &'static str, why: &str, call: Call) {
        let headers: Vec<_> = call.header.into_iter().collect();
        let answer = api.raw(call.method, &call.path, &headers, &call.body).await;
        let asked = format!("{} {} {}", call.method, call.path, call.shown.unwrap_or(&call.body));
        self.note(operation, why, &asked, &answer);
    }

    pub(super) fn note(&mut self, operation: &'static str, why: &str, asked: &str, answer: &Answer) {
        let (error, shown) = read(answer);
        let status = answer.status.as_u16();
        assert!(status >= 400, "{why}: {answer}");
        self.errors.insert((operation, format!("{status} {error}")));
        let wait = match answer.header("retry-after") {
            "" => String::new(),
            wait => format!("    retry-after: {wait}\n"),
        };
        let row = format!("  {why}\n    > {}\n    {status}\n{wait}    {shown}\n", asked.trim_end());
        *self.sections.entry(operation).or_default() += &row;
    }

    pub(super) fn must_have(&self, operation: &'static str, errors: &[&str]) {
        let met = |error: &&&str| self.errors.contains(&(operation, (**error).to_owned()));
        let missing: Vec<_> = errors.iter().filter(|error| !met(error)).collect();
        assert!(missing.is_empty(), "{operation} never said {missing:?}");
    }

    pub(super) fn text(&self) -> String {
        let sections: Vec<_> = self.sections.iter().map(|(operation, rows)| format!("{operation}\n{rows}\n")).collect();
        sections.concat()
    }
}

/// The words of an error, and its body; of a page only the words.
fn read(answer: &Answer) -> (String, String) {
    if answer.header("content-type").starts_with("text/html") {
        let words = between(&answer.text, "<p class=\"text\">", "</p>").to_owned();
        return (words.clone(), format!("a page: {words}"));
    }
    let body = answer.json();
    let keys: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = if answer.status == 429 { vec!["error", "retryAfterSeconds"] } else { vec!["error"] };
    assert_eq!(keys, expected, "{answer}");
    (body["error"].as_str().unwrap().to_owned(), answer.text.clone())
}
