//! The management API, as scripts and a console see it.

mod access;
mod apps;
mod blocked;
mod callbacks;
mod face;
mod keys;
mod messages;
mod server;
mod templates;

use poem::Body;
use serde_json::Value;
use verifyd::service::NewAdminToken;

use crate::harness::{Answer, TestApp, request};

/// An installation and a token of it.
struct Admin {
    app: TestApp,
    token: String,
}

impl Admin {
    async fn new() -> Self {
        Self::with("").await
    }

    /// With more configuration; tables only.
    async fn with(tables: &str) -> Self {
        let app = TestApp::with(tables).await;
        let new = NewAdminToken { name: "tests".to_owned(), expires_at: None };
        let token = app.service().create_admin_token(new).await.unwrap().unwrap().to_string();
        Self { app, token }
    }

    /// A call of `/admin/v1`; `null` sends no body.
    async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.raw(method, path, body).await
    }

    /// A call with a body that may be anything.
    async fn raw(&self, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        self.bearing(&self.token, method, path, body).await
    }

    async fn bearing(&self, token: &str, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str())];
        self.app.exchange(request(method, &format!("/admin/v1{path}"), &headers, body), None).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, Value::Null).await
    }

    /// The body of a list or thing that must be there.
    async fn shown(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{answer}");
        answer.json()
    }

    /// Asks, and has the body of what must have succeeded.
    async fn done(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.call(method, path, body).await;
        assert!(answer.status.is_success(), "{answer}");
        if answer.status == 204 { Value::Null } else { answer.json() }
    }

    /// `/apps/ID` of the application `default`.
    async fn default_app(&self) -> String {
        format!("/apps/{}", self.app.app_id("default").await)
    }
}

/// The statuses of an answer and the code of its error: `404 no_such_key`.
fn fault(answer: &Answer) -> String {
    let body = answer.json();
    let error = body["error"].as_object().unwrap();
    assert_eq!(error.keys().collect::<Vec<_>>(), ["code", "message"], "{answer}");
    assert!(!error["message"].as_str().unwrap().is_empty(), "{answer}");
    format!("{} {}", answer.status.as_u16(), error["code"].as_str().unwrap())
}
