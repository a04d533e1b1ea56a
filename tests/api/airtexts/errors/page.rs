//! The page: what was asked, what came back, and which codes were met where.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    airtexts::stage::Stage,
    harness::{Answer, Key},
};

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
    /// What stands on the page for a long or changing body.
    pub(super) shown: Option<&'static str>,
}

impl Call {
    pub(super) fn new(stage: &Stage, method: &'static str, path: &str) -> Self {
        let key = Some(stage.key.clone());
        Self { method, path: path.to_owned(), key, header: None, body: String::new(), shown: None }
    }

    async fn answer(&self, stage: &Stage) -> Answer {
        let pair = self.key.as_ref().map(|key| [("x-api-key", &*key.dev_key), ("x-api-secret", &*key.dev_secret)]);
        let headers: Vec<_> = pair.into_iter().flatten().chain(self.header).collect();
        stage.exchange(self.method, &self.path, &headers, &self.body).await
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct Page {
    sections: BTreeMap<&'static str, String>,
    codes: BTreeSet<(&'static str, String)>,
}

/// The name of an operation, for as long as the tests run.
pub(super) fn name(method: &str, operation: &str) -> &'static str {
    format!("{method} /otp/{operation}").leak()
}

impl Page {
    /// Asks, and writes down what came of it.
    pub(super) async fn row(&mut self, stage: &Stage, operation: &'static str, why: &str, call: Call) {
        let answer = call.answer(stage).await;
        let asked = format!("{} {} {}", call.method, call.path, call.shown.unwrap_or(&call.body));
        self.note(operation, why, &asked, &answer);
    }

    pub(super) fn note(&mut self, operation: &'static str, why: &str, asked: &str, answer: &Answer) {
        let body = answer.json();
        assert_eq!(body["success"], false, "{operation}, {why}: {answer}");
        self.codes.insert((operation, body["code"].as_str().unwrap().to_owned()));
        let headers =
            HEADERS.map(|name| (name, answer.header(name))).into_iter().filter(|(_, value)| !value.is_empty());
        let headers = headers.map(|(name, value)| format!("    {name}: {value}\n")).collect::<Vec<_>>().concat();
        let (status, text) = (answer.status.as_u16(), &answer.text);
        let row = format!("  {why}\n    > {}\n    {status}\n{headers}    {text}\n", asked.trim_end());
        *self.sections.entry(operation).or_default() += &without_ids(&row);
    }

    pub(super) fn must_have<'a>(&self, operation: &'static str, codes: impl IntoIterator<Item = &'a str>) {
        let missing: Vec<_> =
            codes.into_iter().filter(|code| !self.codes.contains(&(operation, (*code).to_owned()))).collect();
        assert!(missing.is_empty(), "{operation} never said {missing:?}");
    }

    pub(super) fn text(&self) -> String {
        let sections: Vec<_> = self.sections.iter().map(|(operation, rows)| format!("{operation}\n{rows}\n")).collect();
        sections.concat()
    }
}

/// Ids differ from run to run; the one that nobody has does not.
fn without_ids(text: &str) -> String {
    let pieces: Vec<_> = text.split("otp_").collect();
    let is_id = |piece: &&str| {
        let digits = piece.bytes().take_while(u8::is_ascii_hexdigit).count();
        digits == 16 && !piece.starts_with("0000000000000000")
    };
    let mut shown = pieces[0].to_owned();
    for piece in &pieces[1..] {
        shown.extend(if is_id(piece) { ["otp_[id]", &piece[16..]] } else { ["otp_", piece] });
    }
    shown
}
