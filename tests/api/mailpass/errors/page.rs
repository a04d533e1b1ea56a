//! The page: what was asked, what came back, and which codes were met where.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    harness::{Answer, request},
    mailpass::client::{MailPass, fault},
};

/// Headers that belong to an error.
const HEADERS: [&str; 3] = ["www-authenticate", "allow", "retry-after"];

/// Whose key goes along.
#[derive(Clone)]
enum Shown {
    Own,
    Other(String),
    Nobodys,
}

/// One request.
#[derive(Clone)]
pub(super) struct Call {
    method: &'static str,
    path: String,
    key: Shown,
    header: Option<(&'static str, &'static str)>,
    body: String,
    /// What stands on the page for a long body.
    shown: Option<&'static str>,
}

impl Call {
    /// Below `/api/v1/otp`.
    pub(super) fn new(method: &'static str, path: &str, body: &str) -> Self {
        let path = format!("/api/v1/otp/{path}");
        Self { method, path, key: Shown::Own, header: None, body: body.to_owned(), shown: None }
    }

    pub(super) fn post(path: &str, body: &Value) -> Self {
        Self::new("POST", path, &body.to_string())
    }

    pub(super) fn with_key(self, key: Option<String>) -> Self {
        Self { key: key.map_or(Shown::Nobodys, Shown::Other), ..self }
    }

    pub(super) fn with_header(self, name: &'static str, value: &'static str) -> Self {
        Self { header: Some((name, value)), ..self }
    }

    pub(super) fn shown_as(self, shown: &'static str) -> Self {
        Self { shown: Some(shown), ..self }
    }

    async fn answer(&self, api: &MailPass) -> Answer {
        let bearer = match &self.key {
            Shown::Own => Some(format!("Bearer {}", api.key)),
            Shown::Other(key) => Some(format!("Bearer {key}")),
            Shown::Nobodys => None,
        };
        let credentials = bearer.as_deref().map(|bearer| ("authorization", bearer));
        let headers: Vec<_> = credentials.into_iter().chain(self.header).collect();
        api.exchange(request(self.method, &self.path, &headers, self.body.clone())).await
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct Page {
    sections: BTreeMap<&'static str, String>,
    codes: BTreeSet<(&'static str, String)>,
}

impl Page {
    /// Asks, and writes down what came of it.
    pub(super) async fn row(&mut self, api: &MailPass, operation: &'static str, why: &str, call: Call) {
        let answer = call.answer(api).await;
        let asked = format!("{} {} {}", call.method, call.path, call.shown.unwrap_or(&call.body));
        self.note(operation, why, &asked, &answer);
    }

    pub(super) fn note(&mut self, operation: &'static str, why: &str, asked: &str, answer: &Answer) {
        self.codes.insert((operation, fault(answer)));
        let given = HEADERS.map(|name| (name, answer.header(name)));
        let headers: Vec<_> = given
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("    {name}: {value}\n"))
            .collect();
        let (status, headers, asked) = (answer.status.as_u16(), headers.concat(), without_sessions(asked.trim_end()));
        let row = format!("  {why}\n    > {asked}\n    {status}\n{headers}    {}\n", answer.text);
        *self.sections.entry(operation).or_default() += &row;
    }

    pub(super) fn must_have(&self, operation: &'static str, codes: &[&str]) {
        let missing: Vec<_> =
            codes.iter().filter(|code| !self.codes.contains(&(operation, (**code).to_owned()))).collect();
        assert!(missing.is_empty(), "{operation} never said {missing:?}");
    }

    pub(super) fn text(&self) -> String {
        let sections: Vec<_> = self.sections.iter().map(|(operation, rows)| format!("{operation}\n{rows}\n")).collect();
        sections.concat()
    }
}

/// Ids of sessions made equal.
fn without_sessions(text: &str) -> String {
    let is_id = |piece: &str| piece.len() == 32 && piece.bytes().all(|byte| byte.is_ascii_hexdigit());
    let pieces = text.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric());
    let shown = pieces.map(|piece| {
        let word = piece.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
        if is_id(word) { piece.replace(word, "[session]") } else { piece.to_owned() }
    });
    shown.collect()
}
