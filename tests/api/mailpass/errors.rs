//! One page with everything the dialect can say no with (spec 1.2), each row reached by a request.

mod page;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use insta::assert_snapshot;
use serde_json::{Value, json};
use verifyd::{
    channel::{Accepted, DeliveryError, Provider, Refusal, Registry},
    core::{access::Permissions, channel::Channel, money::Usd, plan::Outgoing, recipient::Recipient},
    server::ListenerSettings,
    service::AppUpdate,
};

use super::client::{MailPass, session_of, token};
use crate::harness::{EMAIL, listener, over_a_socket};
use page::{Call, Page};

const SEND: &str = "POST /api/v1/otp/send";
const VERIFY: &str = "POST /api/v1/otp/verify";
const RESEND: &str = "POST /api/v1/otp/resend";
const STATUS: &str = "GET /api/v1/otp/status/{session_id}";
const ANYWHERE: &str = "anywhere under /api/v1";

/// What each operation must have said at least.
const CODES: [(&str, &[&str]); 5] = [
    (
        SEND,
        &[
            "400 VALIDATION_ERROR",
            "401 UNAUTHORIZED",
            "403 FORBIDDEN",
            "429 RATE_LIMIT_EXCEEDED",
            "500 SERVER_ERROR",
            "502 SEND_FAILED",
            "503 SERVER_ERROR",
        ],
    ),
    (
        VERIFY,
        &[
            "400 INVALID_CODE",
            "400 VALIDATION_ERROR",
            "401 UNAUTHORIZED",
            "403 FORBIDDEN",
            "429 RATE_LIMIT_EXCEEDED",
            "500 SERVER_ERROR",
        ],
    ),
    (
        RESEND,
        &[
            "400 VALIDATION_ERROR",
            "401 UNAUTHORIZED",
            "403 FORBIDDEN",
            "404 NOT_FOUND",
            "409 ALREADY_VERIFIED",
            "429 RATE_LIMIT_EXCEEDED",
            "500 SERVER_ERROR",
            "502 SEND_FAILED",
        ],
    ),
    (STATUS, &["401 UNAUTHORIZED", "403 FORBIDDEN", "404 NOT_FOUND", "429 RATE_LIMIT_EXCEEDED", "500 SERVER_ERROR"]),
    (
        ANYWHERE,
        &[
            "400 VALIDATION_ERROR",
            "404 NOT_FOUND",
            "408 VALIDATION_ERROR",
            "413 VALIDATION_ERROR",
            "415 VALIDATION_ERROR",
            "431 VALIDATION_ERROR",
            "503 SERVER_ERROR",
        ],
    ),
];

/// Takes every mail but those to `nobody`, and one to `once`.
#[derive(Default)]
struct Picky {
    once: AtomicBool,
}

impl Picky {
    fn registry() -> Registry {
        let mut registry = Registry::default();
        registry.add("picky", &[Channel::Email], Arc::new(Self::default()));
        registry
    }
}

#[async_trait]
impl Provider for Picky {
    async fn deliver(&self, message: &Outgoing<'_>) -> Result<Accepted, DeliveryError> {
        let (name, _) = message.recipient.as_str().split_once('@').unwrap();
        if name == "nobody" || name == "once" && self.once.swap(true, Ordering::SeqCst) {
            return Err(DeliveryError::Refused { refusal: Refusal::Unreachable, detail: "no".to_owned() });
        }
        Ok(Accepted { reference: None })
    }
}

/// An operation with a good body, or none.
fn good(operation: &'static str) -> Call {
    let session = "0".repeat(32);
    match operation {
        SEND => Call::post("send", &json!({"email": EMAIL})),
        VERIFY => Call::post("verify", &json!({"session_id": session, "code": "123456"})),
        RESEND => Call::post("resend", &json!({"session_id": session})),
        _ => Call::new("GET", &format!("status/{session}"), ""),
    }
}

async fn credentials(page: &mut Page, api: &MailPass, operation: &'static str) {
    let call = good(operation);
    let powerless = token(&api.key_of("default", |new| new.permissions = Permissions::default()).await);
    let disabled = api.key_of("default", |_| {}).await;
    api.app.service().enable_key(&disabled.dev_key, false).await.unwrap();
    page.row(api, operation, "no key", call.clone().with_key(None)).await;
    page.row(api, operation, "wrong key", call.clone().with_key(Some("YOUR_API_KEY".to_owned()))).await;
    page.row(api, operation, "disabled key", call.clone().with_key(Some(token(&disabled)))).await;
    page.row(api, operation, "without the permission otp", call.clone().with_key(Some(powerless))).await;
}

/// 429 from each operation, on an installation that lets a key call once in a minute.
async fn limits(page: &mut Page) {
    let api = MailPass::with("[mailpass]\nrate_per_minute = 1\npace.per_hour = 1").await;
    session_of(&api.send(json!({"email": EMAIL})).await);
    for operation in [SEND, VERIFY, RESEND, STATUS] {
        page.row(&api, operation, "too many calls in a minute", good(operation)).await;
    }
    api.app.later(Duration::from_mins(1));
    page.row(&api, SEND, "too many mails to one recipient", good(SEND)).await;
}

async fn sends(page: &mut Page, api: &MailPass) {
    credentials(page, api, SEND).await;
    let cases = [
        ("no address", json!({"template": "login"})),
        ("no such address", json!({"email": "jane"})),
        ("no such template", json!({"email": EMAIL, "template": "welcome"})),
        ("too short a life", json!({"email": EMAIL, "expires_in": 59})),
        ("too long a code", json!({"email": EMAIL, "code_length": 9})),
        ("recipient is blocked", json!({"email": "blocked@example.com"})),
        ("mail is refused", json!({"email": "nobody@example.com"})),
    ];
    for (why, body) in cases {
        page.row(api, SEND, why, Call::post("send", &body)).await;
    }
    let owner = api.app.app_id("default").await;
    let limit = |amount| AppUpdate { spend_limit: Some(amount), ..AppUpdate::default() };
    api.app.service().change_app(owner, limit(Some(Usd::ZERO))).await.unwrap();
    page.row(api, SEND, "nothing left to spend", good(SEND)).await;
    api.app.service().change_app(owner, limit(None)).await.unwrap();
    api.app.service().parts().metrics.outbox(100_000, Duration::ZERO);
    page.row(api, SEND, "outbox full", good(SEND)).await;
    api.app.service().parts().metrics.outbox(0, Duration::ZERO);
}

async fn sessions(page: &mut Page, api: &MailPass) {
    credentials(page, api, VERIFY).await;
    credentials(page, api, RESEND).await;
    credentials(page, api, STATUS).await;
    let session = session_of(&api.send(json!({"email": EMAIL})).await);
    let guess = Call::post("verify", &json!({"session_id": session, "code": "x"}));
    page.row(api, VERIFY, "no session", Call::post("verify", &json!({"code": "123456"}))).await;
    page.row(api, VERIFY, "no code", Call::post("verify", &json!({"session_id": session}))).await;
    page.row(api, VERIFY, "wrong code", guess.clone()).await;
    page.row(api, VERIFY, "unknown session", good(VERIFY)).await;
    api.app.later(Duration::from_mins(5));
    page.row(api, VERIFY, "expired", guess.clone()).await;
    page.row(api, RESEND, "no session", Call::post("resend", &json!({}))).await;
    page.row(api, RESEND, "unknown session", good(RESEND)).await;
    for _ in 0..5 {
        assert_eq!(api.resend(&session).await.status, 200);
    }
    page.row(api, RESEND, "sent again too often", Call::post("resend", &json!({"session_id": session}))).await;
    let once = session_of(&api.send(json!({"email": "once@example.com"})).await);
    page.row(api, RESEND, "mail is refused", Call::post("resend", &json!({"session_id": once}))).await;
    for _ in 0..5 {
        api.verify(&session, "x").await;
    }
    page.row(api, VERIFY, "guessed too often", guess).await;
    page.row(api, STATUS, "unknown session", good(STATUS)).await;
    page.row(api, STATUS, "no id of ours", Call::new("GET", "status/%FF", "")).await;
}

/// What is verified, on an installation whose codes can be read.
async fn verified(page: &mut Page) {
    let api = MailPass::new().await;
    let (session, code) = api.begun().await;
    assert_eq!(api.verify(&session, &code).await.status, 200);
    let again = json!({"session_id": session});
    page.row(&api, RESEND, "verified", Call::post("resend", &again)).await;
    let used = Call::post("verify", &json!({"session_id": session, "code": code})).shown_as("{the right code}");
    page.row(&api, VERIFY, "used", used).await;
}

/// 500 from each operation, on an installation whose tables are gone.
async fn faults(page: &mut Page) {
    let api = MailPass::with("[mailpass]\nrate_per_minute = 0").await;
    let cascade = if api.app.database().is_postgres() { " CASCADE" } else { "" };
    for table in ["session", "message"] {
        api.app.sql(&format!("DROP TABLE {table}{cascade}")).await;
    }
    for operation in [SEND, VERIFY, RESEND, STATUS] {
        page.row(&api, operation, "database gone", good(operation)).await;
    }
}

async fn anywhere(page: &mut Page, api: &MailPass) {
    let send = |body: &str| Call::new("POST", "send", body);
    page.row(api, ANYWHERE, "no such path", Call::new("POST", "check", "{}")).await;
    page.row(api, ANYWHERE, "no such method", Call::new("GET", "send", "")).await;
    page.row(api, ANYWHERE, "no JSON", send("{")).await;
    page.row(api, ANYWHERE, "no object", send("[]")).await;
    page.row(api, ANYWHERE, "a key twice", send(r#"{"email":"a@b.co","email":"c@d.co"}"#)).await;
    page.row(api, ANYWHERE, "too long", send(&" ".repeat(65_537)).shown_as("{65,537 bytes}")).await;
    page.row(api, ANYWHERE, "encoded body", send("{}").with_header("content-encoding", "gzip")).await;

    let head = format!("POST /api/v1/otp/send HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\n", api.key);
    let good = format!("{head}content-length: 2\r\n\r\n{{}}");
    let large = format!("{head}x: {}\r\ncontent-length: 2\r\n\r\n{{}}", "x".repeat(17_000));
    let slow = format!("{head}content-length: 2\r\n\r\n{{");
    let quick = ListenerSettings { whole_request: Duration::from_millis(200), ..listener() };
    let full = ListenerSettings { max_in_flight: 0, ..listener() };
    let cases = [
        ("body does not come", "{", quick, slow),
        ("headers too large", "{}", listener(), large),
        ("too many requests at once", "{}", full, good),
    ];
    for (why, body, settings, bytes) in cases {
        let answer = over_a_socket(&api.app, settings, &bytes).await;
        page.note(ANYWHERE, why, &format!("{SEND} {body}"), &answer);
    }
}

#[tokio::test]
async fn every_documented_error_is_reached_by_a_request() {
    let api = MailPass::with_carriers(Picky::registry()).await;
    api.app.service().block(&Recipient::parse("blocked@example.com").unwrap()).await.unwrap();
    let mut page = Page::default();
    sends(&mut page, &api).await;
    sessions(&mut page, &api).await;
    verified(&mut page).await;
    limits(&mut page).await;
    anywhere(&mut page, &api).await;
    faults(&mut page).await;
    for (operation, codes) in CODES {
        page.must_have(operation, codes);
    }
    assert_snapshot!("errors", page.text());
}

/// A mail that is refused leaves no session, and a resend that is refused says so.
#[tokio::test]
async fn a_refused_mail_is_told_at_once() {
    let api = MailPass::with_carriers(Picky::registry()).await;
    let refused = api.send(json!({"email": "nobody@example.com"})).await;
    assert_snapshot!(refused, @r#"502 {"success":false,"error":{"code":"SEND_FAILED","message":"The verification email could not be sent."}}"#);
    let left = api.app.blobs("SELECT m.recipient FROM session AS s JOIN message AS m ON m.id = s.message_id").await;
    assert!(left.is_empty());
    assert_ne!(Value::Null, api.send(json!({"email": EMAIL})).await.json()["data"]["session_id"]);
}
