//! An installation with a key of this dialect, and a provider that does as it is told.

use std::{cell::Cell, net::IpAddr, sync::Arc, time::Duration};

use serde_json::{Value, json};
use verifyd::{
    channel::{Report, Sink},
    core::{
        access::{Pool, Scopes},
        channel::Channel::Sms,
    },
    service::NewKey,
};

use crate::{
    fallback::stage::{MAIN, Stub, with_stubs},
    harness::{Answer, Key, TestApp, request},
};

/// The application of the published examples.
pub(super) const APPID: &str = "your_app_id";
/// Their recipient.
pub(super) const PHONE: &str = "+5511999888777";
/// Where calls come from.
pub(super) const CALLER: &str = "192.0.2.7";

pub(super) struct Stage {
    pub(super) app: TestApp,
    pub(super) key: Key,
    pub(super) main: Arc<Stub>,
}

impl Stage {
    pub(super) async fn new() -> Self {
        Self::with("").await
    }

    /// With more configuration; tables only.
    pub(super) async fn with(tables: &str) -> Self {
        let main = Stub::new(true);
        let app = with_stubs(tables, &[(MAIN, 1, &main)]).await;
        let key = key(&app, &[APPID]).await;
        Self { app, key, main }
    }

    /// On an installation with providers of its own.
    pub(super) async fn of(app: TestApp) -> Self {
        let key = key(&app, &[APPID]).await;
        Self { app, key, main: Stub::new(false) }
    }

    /// Another key of the same application.
    pub(super) async fn key_for(&self, appids: &[&str]) -> Key {
        key(&self.app, appids).await
    }

    /// A call with the headers of this API; what it waits for is delivered meanwhile.
    pub(super) async fn call_as(&self, key: &Key, method: &str, path: &str, body: &str) -> Answer {
        let headers = [("x-api-key", key.dev_key.as_str()), ("x-api-secret", key.dev_secret.as_str())];
        self.exchange(method, path, &headers, body).await
    }

    /// A call with any headers.
    pub(super) async fn exchange(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let caller: IpAddr = CALLER.parse().unwrap();
        let answered = Cell::new(false);
        let call = async {
            let answer = self.app.exchange(request(method, path, headers, body.to_owned()), Some(caller)).await;
            answered.set(true);
            answer
        };
        let deliver = async {
            while !answered.get() {
                let _ = self.app.app.worker().step().await; // some tests take the tables away
                tokio::task::yield_now().await;
            }
        };
        tokio::join!(call, deliver).0
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call_as(&self.key, "POST", path, &body.to_string()).await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.call_as(&self.key, "GET", path, "").await
    }

    pub(super) async fn send(&self, body: &Value) -> Answer {
        self.post("/otp/send", body).await
    }

    /// The id of an OTP for `phone`, which must have been sent.
    pub(super) async fn sent(&self, phone: &str) -> String {
        id(&self.send(&json!({"appid": APPID, "recipient": phone})).await)
    }

    pub(super) async fn verify(&self, id: &str, code: &str) -> Answer {
        self.post("/otp/verify", &json!({"appid": APPID, "verification_id": id, "otp_code": code})).await
    }

    pub(super) async fn resend(&self, id: &str) -> Answer {
        self.post("/otp/resend", &json!({"appid": APPID, "verification_id": id})).await
    }

    /// `data` of the OTP's status.
    pub(super) async fn status(&self, id: &str) -> Value {
        let answer = self.get(&format!("/otp/status/{id}")).await;
        assert_eq!(answer.status, 200, "{answer}");
        answer.json()["data"].clone()
    }

    /// The code that was handed over last.
    pub(super) fn code(&self) -> String {
        self.main.given().pop().unwrap().code
    }

    /// The texts that were handed over, the oldest first.
    pub(super) fn texts(&self) -> Vec<String> {
        self.main.given().into_iter().map(|given| given.text).collect()
    }

    /// The provider reports on what it was handed last.
    pub(super) async fn reported(&self, report: Report) {
        let reference = self.main.given().pop().unwrap().reference;
        let detail = matches!(report, Report::Failed(_)).then(|| "absent".to_owned());
        let receipt = verifyd::channel::Receipt { reference, report, detail };
        self.app.service().receipts(MAIN, vec![receipt]).await.unwrap();
        self.app.deliver().await;
    }

    pub(super) async fn delivered(&self) {
        self.reported(Report::Delivered).await;
    }

    pub(super) async fn failed(&self) {
        self.reported(Report::Failed(5012)).await;
    }

    pub(super) fn later(&self, time: Duration) {
        self.app.later(time);
    }

    /// Provider's next answer to a short message.
    pub(super) fn provider_will(&self, says: crate::fallback::stage::Says) {
        self.main.will(Sms, &[says]);
    }
}

async fn key(app: &TestApp, appids: &[&str]) -> Key {
    app.service().create_key(app.app_id("default").await, new_key(appids)).await.unwrap().into()
}

/// A key to be made.
pub(super) fn new_key(appids: &[&str]) -> NewKey {
    NewKey { scopes: Scopes::parse(appids.iter().copied()).unwrap(), ..NewKey::of(Pool::Airtexts) }
}

/// The id of an OTP that was sent.
pub(super) fn id(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer}");
    answer.json()["verification_id"].as_str().unwrap().to_owned()
}

/// Status and code of a refusal.
pub(super) fn refusal(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    assert_eq!(body["success"], false, "{answer}");
    (answer.status.as_u16(), body["code"].as_str().unwrap().to_owned())
}

/// A refusal that is expected.
pub(super) fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}
