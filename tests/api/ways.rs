//! The ways to a person: what each API is asked for a code, and for a guess at it, and as whom.

use std::cell::Cell;

use serde_json::{Value, json};
use verifyd::{
    core::access::{Pool, Scopes},
    service::NewKey,
};

use crate::{
    engagelab::sample::with_strategy,
    harness::{Answer, Key, Node, OTP, TestApp, message, request},
};

/// The application that a client of AirTexts names.
const APPID: &str = "shop";
/// The template that EngageLab's mails are made of.
const MAIL: &str = "mail";

/// An API, and what it can reach.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    EngagelabMail,
    EngagelabSms,
    Mailpass,
    Airtexts,
    Optora,
}

impl Way {
    fn asked_to_send(self, to: &str) -> (&'static str, Value) {
        match self {
            Self::EngagelabMail => ("/v1/messages", message(to, MAIL)),
            Self::EngagelabSms => ("/v1/messages", message(to, OTP)),
            Self::Mailpass => ("/api/v1/otp/send", json!({"email": to})),
            Self::Airtexts => ("/otp/send", json!({"appid": APPID, "recipient": to})),
            Self::Optora => ("/api/otp/generate", json!({"email": to})),
        }
    }

    fn asked_to_judge(self, to: &str, sent: &Value, code: &str) -> (&'static str, Value) {
        match self {
            Self::EngagelabMail | Self::EngagelabSms => {
                ("/v1/verifications", json!({"message_id": sent["message_id"], "verify_code": code}))
            }
            Self::Mailpass => ("/api/v1/otp/verify", json!({"session_id": sent["data"]["session_id"], "code": code})),
            Self::Airtexts => {
                let id = &sent["verification_id"];
                ("/otp/verify", json!({"appid": APPID, "verification_id": id, "otp_code": code}))
            }
            Self::Optora => ("/api/otp/verify", json!({"email": to, "otp": code})),
        }
    }
}

/// Who is known to all APIs, as the application `default`.
pub(crate) struct Client {
    basic: String,
    bearer: String,
    airtexts: Key,
}

impl Client {
    /// Makes its keys and its template.
    pub(crate) async fn of(app: &TestApp) -> Self {
        app.has_template(with_strategy(MAIL, "email")).await;
        let default = app.app_id("default").await;
        let mailpass = app.service().create_key(default, NewKey::of(Pool::Mailpass)).await.unwrap();
        let bearer = format!("Bearer {}", mailpass.api_key().unwrap().as_str());
        let scopes = Scopes::parse([APPID]).unwrap();
        let new = NewKey { scopes, ..NewKey::of(Pool::Airtexts) };
        let airtexts = app.service().create_key(default, new).await.unwrap().into();
        Self { basic: app.key.basic(), bearer, airtexts }
    }

    /// Asks for a code.
    pub(crate) async fn send(&self, node: &Node, way: Way, to: &str) -> Answer {
        self.post(node, way, way.asked_to_send(to)).await
    }

    /// Guesses at the code that was `sent`.
    pub(crate) async fn guess(&self, node: &Node, way: Way, to: &str, sent: &Value, code: &str) -> Answer {
        self.post(node, way, way.asked_to_judge(to, sent, code)).await
    }

    /// A request, while the node that got it delivers: some sends wait for that.
    async fn post(&self, node: &Node, way: Way, (path, body): (&str, Value)) -> Answer {
        let headers = match way {
            Way::EngagelabMail | Way::EngagelabSms => vec![("authorization", self.basic.as_str())],
            Way::Mailpass => vec![("authorization", self.bearer.as_str())],
            Way::Airtexts => {
                vec![("x-api-key", self.airtexts.dev_key.as_str()), ("x-api-secret", self.airtexts.dev_secret.as_str())]
            }
            Way::Optora => vec![],
        };
        let answered = Cell::new(false);
        let call = async {
            let answer = node.exchange(request("POST", path, &headers, body.to_string())).await;
            answered.set(true);
            answer
        };
        let deliveries = async {
            while !answered.get() {
                node.app.worker().step().await.unwrap();
                tokio::task::yield_now().await;
            }
        };
        tokio::join!(call, deliveries).0
    }
}
