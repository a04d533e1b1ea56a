//! Callbacks: what receivers are told, how they know who tells it, and what happens when they do not listen (spec 5).

mod health;
mod intermediate;
mod logins;
mod managing;
mod measuring;
mod notices;
mod telling;

use serde_json::Value;
use verifyd::{
    core::callback::{Callback, Topic, Topics},
    service::{CallbackSecrets, NewCallback},
};

use crate::{
    gateway_stub::{Received, Stub},
    harness::TestApp,
};

/// Receivers of tests are on this machine.
pub(crate) const LOCAL: &str = "[callbacks]\ndangerous_plain_http = true\ndangerous_allow_networks = ['127.0.0.0/8']";

/// An address at `url` that is told everything but calls.
fn receiver_at(url: String) -> NewCallback {
    NewCallback {
        description: "tests".into(),
        url,
        username: "shop".into(),
        secret: Some("my_secret".into()),
        authorization: None,
        topics: Topics::usual(),
    }
}

async fn app() -> TestApp {
    TestApp::with(LOCAL).await
}

impl TestApp {
    /// The application `default` has `new` for a callback, whose probe the stub has answered.
    async fn has_callback(&self, new: NewCallback) -> CallbackSecrets {
        let owner = self.app_id("default").await;
        self.service().create_callback(owner, new).await.unwrap()
    }

    /// A callback to the stub that wants `topics`; the probe is taken off the stub.
    pub(crate) async fn tells(&self, stub: &Stub, topics: impl IntoIterator<Item = Topic>) -> Callback {
        let new = NewCallback { topics: Topics::of(topics), ..receiver_at(stub.url()) };
        let made = self.has_callback(new).await;
        stub.one();
        made.callback
    }

    /// Turns everything that happened into requests and makes those that are due.
    pub(crate) async fn call_back(&self) {
        while self.app.callbacks().gather().await.unwrap() > 0 {}
        while self.app.callbacks().step().await.unwrap() > 0 {}
    }

    /// Changes an address without a probe: as if its machine had changed.
    async fn moves(&self, callback: &Callback, url: &str) {
        self.sql(&format!("UPDATE callback SET url = '{url}' WHERE id = {}", callback.id)).await;
        self.sql("UPDATE setting SET value = value + 1 WHERE name = 'directory'").await;
    }

    async fn health_of(&self, callback: &Callback) -> Callback {
        self.service().callback(callback.id).await.unwrap()
    }
}

/// The rows of a request; `total` counts them.
pub(crate) fn rows(request: &Received) -> Vec<Value> {
    let body: Value = serde_json::from_str(&request.body).unwrap();
    let rows = body["rows"].as_array().unwrap().clone();
    assert_eq!(body["total"], rows.len());
    rows
}

/// The status words of a request.
fn statuses(request: &Received) -> Vec<String> {
    let word = |row: &Value| row["status"]["message_status"].as_str().unwrap().to_owned();
    rows(request).iter().map(word).collect()
}

fn header<'a>(request: &'a Received, name: &str) -> &'a str {
    request.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

fn every_topic() -> impl Iterator<Item = Topic> {
    Topics::usual().iter()
}
