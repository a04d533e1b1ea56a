//! An installation that serves Optora, and a client of it.

use std::{cell::Cell, net::IpAddr};

use poem::{Body, http::Request};
use serde_json::{Value, json};
use verifyd::channel::Registry;

use crate::harness::{Answer, EMAIL, TestApp, request};

/// What links begin with.
pub(super) const BASE: &str = "https://otp.example.com";
/// Five wrong guesses, a used or an old code, another address: nobody learns which.
pub(super) const INVALID: &str = r#"400 {"error":"Invalid OTP"}"#;

/// See the module.
pub(super) struct Optora {
    pub(super) app: TestApp,
}

impl Optora {
    pub(super) async fn new() -> Self {
        Self::with("").await
    }

    /// With more keys of the dialect's section, and more tables.
    pub(super) async fn with(keys: &str) -> Self {
        Self { app: TestApp::with(&configured(keys)).await }
    }

    /// With a provider of the test's own.
    pub(super) async fn with_carriers(keys: &str, carriers: Registry) -> Self {
        Self { app: TestApp::with_carriers(&configured(keys), Some(carriers)).await }
    }

    /// A request by its parts, while mails are delivered: sends wait for their mail.
    pub(super) async fn exchange(&self, request: Request<Body>, from: Option<IpAddr>) -> Answer {
        let answered = Cell::new(false);
        let call = async {
            let answer = self.app.exchange(request, from).await;
            answered.set(true);
            answer
        };
        let deliveries = async {
            while !answered.get() {
                let _ = self.app.app.worker().step().await; // the answer shows what came of it
                tokio::task::yield_now().await;
            }
        };
        tokio::join!(call, deliveries).0
    }

    /// A request with a body of any kind, from nowhere.
    pub(super) async fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.exchange(request(method, path, headers, body.to_owned()), None).await
    }

    /// A call below `/api/otp` with a JSON body.
    pub(super) async fn post(&self, path: &str, body: Value) -> Answer {
        self.raw("POST", &format!("/api/otp/{path}"), &[], &body.to_string()).await
    }

    /// The same from an address.
    pub(super) async fn post_from(&self, from: &str, path: &str, body: Value) -> Answer {
        let request = request("POST", &format!("/api/otp/{path}"), &[], body.to_string());
        self.exchange(request, Some(from.parse().unwrap())).await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.raw("GET", path, &[], "").await
    }

    /// A code for [`EMAIL`], which must have been sent: the request's id.
    pub(super) async fn code_sent(&self) -> String {
        request_id(&self.post("generate", json!({"email": EMAIL})).await)
    }

    /// A link for [`EMAIL`], which must have been sent: the request's id.
    pub(super) async fn link_sent(&self) -> String {
        request_id(&self.post("send-link", json!({"email": EMAIL})).await)
    }

    pub(super) async fn verify(&self, email: &str, otp: impl Into<Value>) -> Answer {
        self.post("verify", json!({"email": email, "otp": otp.into()})).await
    }

    pub(super) async fn status(&self, id: &str) -> Value {
        let answer = self.get(&format!("/api/otp/status/{id}")).await;
        assert_eq!(answer.status, 200, "{answer}");
        answer.json()
    }

    /// The newest mail's HTML.
    pub(super) async fn mail(&self) -> String {
        self.app.last().await.html.unwrap()
    }

    /// The code of the newest mail.
    pub(super) async fn code(&self) -> String {
        between(&self.mail().await, "color:#0d4b3e\">", "<").to_owned()
    }

    /// Path and query of the newest mail's link.
    pub(super) async fn link(&self) -> String {
        let mail = self.mail().await;
        let url = between(&mail, "<a href=\"", "\"");
        url.strip_prefix(BASE).unwrap_or_else(|| panic!("{url}")).to_owned()
    }

    /// How many mails there are.
    pub(super) async fn mails(&self) -> usize {
        self.app.inbox().await.len()
    }
}

fn configured(keys: &str) -> String {
    let base = if keys.contains("base_url") { String::new() } else { format!("base_url = '{BASE}'\n") };
    format!("[optora]\nenabled = true\n{base}{keys}")
}

/// The id in the answer to a send.
pub(super) fn request_id(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer}");
    let id = answer.json()["requestId"].as_str().unwrap().to_owned();
    assert!(id.len() == 32 && id.bytes().all(|byte| b"0123456789abcdef".contains(&byte)), "{id}");
    id
}

/// Status and body, with the id of the request made equal.
pub(super) fn shown(answer: &Answer) -> String {
    match answer.json()["requestId"].as_str() {
        Some(id) => answer.to_string().replace(id, "[id]"),
        None => answer.to_string(),
    }
}

/// What stands between the first `from` and the next `to`.
pub(super) fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("no {from} in {text}"));
    rest.split_once(to).unwrap().0
}

/// The heading and the text of a page.
pub(super) fn page(answer: &Answer) -> String {
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{answer}");
    let (heading, text) = (between(&answer.text, "<h1>", "</h1>"), between(&answer.text, "<p class=\"text\">", "</p>"));
    format!("{} {heading} {text}", answer.status.as_u16())
}
