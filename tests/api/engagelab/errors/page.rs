//! The page: what was asked, what came back, and which codes were met where.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::{Answer, Key, TestApp, request, without_ids};

/// Headers that belong to an error.
const HEADERS: [&str; 3] = ["www-authenticate", "allow", "retry-after"];

/// One request.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) key: Option<Key>,
    pub(super) header: Option<(&'static str, &'static str)>,
    pub(super) body: String,
    /// What stands on the page for a long body.
    pub(super) shown: Option<&'static str>,
}

impl Call {
    pub(super) fn new(app: &TestApp, method: &'static str, path: &str) -> Self {
        let key = Some(app.key.clone());
        Self { method, path: path.to_owned(), key, header: None, body: String::new(), shown: None }
    }

    pub(super) fn post(app: &TestApp, path: &str, body: String) -> Self {
        Self { body, ..Self::new(app, "POST", path) }
    }

    async fn answer(&self, app: &TestApp) -> Answer {
        let basic = self.key.as_ref().map(Key::basic);
        let credentials = basic.as_deref().map(|basic| ("authorization", basic));
        let headers: Vec<_> = credentials.into_iter().chain(self.header).collect();
        app.exchange(request(self.method, &self.path, &headers, self.body.clone()), None).await
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct Page {
    sections: BTreeMap<&'static str, String>,
    codes: BTreeSet<(String, u64)>,
    statuses: BTreeSet<u16>,
}

impl Page {
    /// The name of an operation, for as long as the tests run.
    #[expect(clippy::unused_self, reason = "names belong to the page")]
    pub(super) fn operation(&self, name: String) -> &'static str {
        name.leak()
    }

    /// Asks, and writes down what came of it.
    pub(super) async fn row(&mut self, app: &TestApp, operation: &'static str, why: &str, call: Call) {
        let answer = call.answer(app).await;
        answer.json();
        let asked = format!("{} {} {}", call.method, call.path, call.shown.unwrap_or(&call.body));
        let headers: Vec<_> = HEADERS
            .into_iter()
            .map(|name| (name, answer.header(name)))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        self.note(operation, why, &asked, answer.status.as_u16(), &headers, &answer.text);
    }

    pub(super) fn note(
        &mut self,
        operation: &'static str,
        why: &str,
        asked: &str,
        status: u16,
        headers: &[(&str, &str)],
        body: &str,
    ) {
        let code = serde_json::from_str::<serde_json::Value>(body).unwrap()["code"].as_u64();
        self.codes.insert((operation.to_owned(), code.unwrap()));
        self.statuses.insert(status);
        let headers: Vec<_> = headers.iter().map(|(name, value)| format!("    {name}: {value}\n")).collect();
        let headers = headers.concat();
        let row = format!("  {why}\n    > {}\n    {status}\n{headers}    {body}\n", without_ids(asked.trim_end()));
        *self.sections.entry(operation).or_default() += &row;
    }

    pub(super) fn must_have(&self, operation: &str, codes: impl IntoIterator<Item = u64>) {
        let missing: Vec<_> =
            codes.into_iter().filter(|code| !self.codes.contains(&(operation.to_owned(), *code))).collect();
        assert!(missing.is_empty(), "{operation} never said {missing:?}");
    }

    pub(super) fn must_have_statuses(&self, statuses: impl IntoIterator<Item = u16>) {
        let missing: Vec<_> = statuses.into_iter().filter(|status| !self.statuses.contains(status)).collect();
        assert!(missing.is_empty(), "nothing answered {missing:?}");
    }

    pub(super) fn text(&self) -> String {
        let sections: Vec<_> = self.sections.iter().map(|(operation, rows)| format!("{operation}\n{rows}\n")).collect();
        sections.concat()
    }
}
