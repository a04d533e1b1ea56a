//! An installation and a MailPass key of its application `default`.

use std::cell::Cell;

use poem::{Body, http::Request};
use serde_json::{Value, json};
use verifyd::{
    channel::Registry,
    core::access::Pool,
    service::{NewKey, NewSecret},
};

use crate::harness::{Answer, EMAIL, TestApp, request};

/// See the module.
pub(super) struct MailPass {
    pub(super) app: TestApp,
    /// What MailPass calls an API key.
    pub(super) key: String,
}

impl MailPass {
    pub(super) async fn new() -> Self {
        Self::with("").await
    }

    /// With more configuration; tables only.
    pub(super) async fn with(tables: &str) -> Self {
        Self::on(TestApp::with(tables).await).await
    }

    /// With a provider of the test's own.
    pub(super) async fn with_carriers(carriers: Registry) -> Self {
        Self::on(TestApp::with_carriers("", Some(carriers)).await).await
    }

    async fn on(app: TestApp) -> Self {
        let key = token(&made(&app, "default", |_| {}).await);
        Self { app, key }
    }

    /// A key of the application `name`, changed by `change`.
    pub(super) async fn key_of(&self, name: &str, change: impl FnOnce(&mut NewKey)) -> NewSecret {
        made(&self.app, name, change).await
    }

    /// A request by its parts, while mails are delivered: some calls wait for their mail.
    pub(super) async fn exchange(&self, request: Request<Body>) -> Answer {
        let answered = Cell::new(false);
        let call = async {
            let answer = self.app.exchange(request, None).await;
            answered.set(true);
            answer
        };
        let deliveries = async {
            while !answered.get() {
                // Where the database is gone nothing is delivered, and the call says so.
                let _tried = self.app.app.worker().step().await;
                tokio::task::yield_now().await;
            }
        };
        tokio::join!(call, deliveries).0
    }

    /// A call with this key and a body that may be anything.
    pub(super) async fn bearing(&self, key: &str, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        let authorization = format!("Bearer {key}");
        self.exchange(request(method, path, &[("authorization", &authorization)], body)).await
    }

    /// A call below `/api/v1/otp`; `null` sends no body.
    pub(super) async fn call_as(&self, key: &str, method: &str, path: &str, body: Value) -> Answer {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.bearing(key, method, &format!("/api/v1/otp/{path}"), body).await
    }

    pub(super) async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        self.call_as(&self.key, method, path, body).await
    }

    pub(super) async fn send(&self, body: Value) -> Answer {
        self.call("POST", "send", body).await
    }

    pub(super) async fn verify(&self, session: &str, code: &str) -> Answer {
        self.call("POST", "verify", json!({"session_id": session, "code": code})).await
    }

    pub(super) async fn resend(&self, session: &str) -> Answer {
        self.call("POST", "resend", json!({"session_id": session})).await
    }

    pub(super) async fn status(&self, session: &str) -> Answer {
        self.call("GET", &format!("status/{session}"), Value::Null).await
    }

    /// A new session of [`EMAIL`], and its code.
    pub(super) async fn begun(&self) -> (String, String) {
        let session = session_of(&self.send(json!({"email": EMAIL})).await);
        (session, self.code().await)
    }

    /// The code of the newest mail.
    pub(super) async fn code(&self) -> String {
        code_in(&self.app.last().await.html.unwrap())
    }
}

async fn made(app: &TestApp, name: &str, change: impl FnOnce(&mut NewKey)) -> NewSecret {
    let mut new = NewKey::of(Pool::Mailpass);
    change(&mut new);
    app.service().create_key(app.app_id(name).await, new).await.unwrap()
}

/// What a client sends of a key.
pub(super) fn token(secret: &NewSecret) -> String {
    secret.api_key().unwrap().to_string()
}

/// The id in a good answer.
pub(super) fn session_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer}");
    let session = answer.json()["data"]["session_id"].as_str().unwrap().to_owned();
    assert!(session.len() == 32 && session.bytes().all(|byte| b"0123456789abcdef".contains(&byte)), "{session}");
    session
}

/// What stands in the large letters of a mail.
pub(super) fn code_in(html: &str) -> String {
    let (_, rest) = html.split_once("letter-spacing:8px\">").unwrap();
    let (code, _) = rest.split_once('<').unwrap();
    assert!(code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    code.to_owned()
}

/// Status and body, with the id of a session made equal.
pub(super) fn shown(answer: &Answer) -> String {
    let text = answer.to_string();
    let body = answer.json();
    match body["data"]["session_id"].as_str() {
        Some(session) => text.replace(session, "[session]"),
        None => text,
    }
}

/// `{status} {code}` of a failure, whose envelope must be whole.
pub(super) fn fault(answer: &Answer) -> String {
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["success", "error"], "{answer}");
    let error = body["error"].as_object().unwrap();
    assert_eq!(error.keys().collect::<Vec<_>>(), ["code", "message"], "{answer}");
    assert_eq!(body["success"], false);
    format!("{} {}", answer.status.as_u16(), error["code"].as_str().unwrap())
}
