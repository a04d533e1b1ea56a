//! One page with everything the dialect can say no with (spec 3.2), each row reached by a request.

mod page;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use insta::assert_snapshot;
use serde_json::json;
use verifyd::{
    channel::{Accepted, DeliveryError, Provider, Refusal, Registry},
    core::{channel::Channel, money::Usd, plan::Outgoing, recipient::Recipient},
    server::ListenerSettings,
    service::AppUpdate,
};

use super::client::{INVALID, Optora, request_id};
use crate::harness::{EMAIL, listener, other_than, over_a_socket};
use page::{Call, Page};

const GENERATE: &str = "POST /api/otp/generate";
const SEND_LINK: &str = "POST /api/otp/send-link";
const VERIFY: &str = "POST /api/otp/verify";
const LINK: &str = "/api/otp/verify-link";
const STATUS: &str = "GET /api/otp/status/{requestId}";
const ANYWHERE: &str = "anywhere under /api";

/// What each operation must have said at least.
const ERRORS: [(&str, &[&str]); 6] = [
    (
        GENERATE,
        &[
            "400 Invalid email",
            "400 Spam detected",
            "400 Maximum attempts reached. Try again later.",
            "400 Invalid OTP type",
            "400 Failed to send verification email. Please try again.",
            "429 Too many requests. Try again in 15 minutes.",
            "500 Internal server error",
            "503 Service is overloaded. Try again later.",
        ],
    ),
    (
        SEND_LINK,
        &[
            "400 Invalid email",
            "400 Spam detected",
            "400 Maximum attempts reached. Try again later.",
            "400 Failed to send verification email. Please try again.",
            "429 Too many requests. Try again in 15 minutes.",
            "500 Internal server error",
        ],
    ),
    (VERIFY, &["400 Invalid email", "400 Invalid OTP", "500 Internal server error"]),
    (
        LINK,
        &[
            "400 Invalid verification link",
            "400 Verification link is invalid or has expired",
            "403 This confirmation did not come from the page of the link",
            "500 Something went wrong on our side; the link has not been used",
        ],
    ),
    (STATUS, &["500 Internal server error"]),
    (
        ANYWHERE,
        &[
            "400 Invalid JSON",
            "404 API endpoint not found",
            "408 Request did not arrive in time",
            "413 Request body is too large",
            "415 Content encodings are not supported",
            "431 Request headers are too large",
            "503 Service is overloaded. Try again later.",
        ],
    ),
];

/// Takes every mail but those to `nobody`.
struct Picky;

#[async_trait]
impl Provider for Picky {
    async fn deliver(&self, message: &Outgoing<'_>) -> Result<Accepted, DeliveryError> {
        if message.recipient.as_str().starts_with("nobody@") {
            return Err(DeliveryError::Refused { refusal: Refusal::Unreachable, detail: "no".to_owned() });
        }
        Ok(Accepted::default())
    }
}

fn picky() -> Registry {
    let mut registry = Registry::default();
    registry.add("picky", &[Channel::Email], Arc::new(Picky));
    registry
}

/// A good call of each.
fn good(operation: &'static str) -> Call {
    match operation {
        GENERATE => Call::post("generate", &json!({"email": EMAIL})),
        SEND_LINK => Call::post("send-link", &json!({"email": EMAIL})),
        VERIFY => Call::post("verify", &json!({"email": EMAIL, "otp": "123456"})),
        LINK => Call::new("GET", "verify-link?token=0123456789012345678901234567890123456789010", ""),
        _ => Call::new("GET", "status/0123456789abcdef0123456789abcdef", ""),
    }
}

async fn sends(page: &mut Page) {
    let keys = "max_requests = 100\nblocked_keywords = ['casino']\nallowed_domains = ['example.com', 'x.test']";
    let api = Optora::with_carriers(keys, picky()).await;
    api.app.service().block(&Recipient::parse("blocked@example.com").unwrap()).await.unwrap();
    for (operation, path) in [(GENERATE, "generate"), (SEND_LINK, "send-link")] {
        let cases = [
            ("no address", json!({"subject": "Hello"})),
            ("no such address", json!({"email": "jane"})),
            ("domain not allowed", json!({"email": "jane@example.org"})),
            ("address is no text", json!({"email": 5})),
            ("recipient is blocked by the operator", json!({"email": "blocked@example.com"})),
            ("blocked keyword", json!({"email": format!("{path}@x.test"), "organization": "The Casino"})),
            ("address was blocked by a keyword", json!({"email": format!("{path}@x.test")})),
            ("mail is refused", json!({"email": "nobody@example.com"})),
        ];
        for (why, body) in cases {
            page.row(&api, operation, why, Call::post(path, &body)).await;
        }
    }
    let unknown = json!({"email": EMAIL, "type": "hex"});
    page.row(&api, GENERATE, "no such type", Call::post("generate", &unknown)).await;
    for _ in 0..4 {
        api.code_sent().await;
    }
    page.row(&api, GENERATE, "a fifth mail", good(GENERATE)).await;
    page.row(&api, SEND_LINK, "a fifth mail", good(SEND_LINK)).await;
    without_money(page, &api).await;
    api.app.service().parts().metrics.outbox(100_000, Duration::ZERO);
    let other = json!({"email": "joe@example.com"});
    page.row(&api, GENERATE, "outbox full", Call::post("generate", &other)).await;
    api.app.service().parts().metrics.outbox(0, Duration::ZERO);
}

async fn without_money(page: &mut Page, api: &Optora) {
    let owner = api.app.app_id("default").await;
    let limit = |amount| AppUpdate { spend_limit: Some(amount), ..AppUpdate::default() };
    api.app.service().change_app(owner, limit(Some(Usd::ZERO))).await.unwrap();
    let other = json!({"email": "joe@example.com"});
    page.row(api, GENERATE, "nothing left to spend", Call::post("generate", &other)).await;
    api.app.service().change_app(owner, limit(None)).await.unwrap();
}

async fn limits(page: &mut Page) {
    let api = Optora::with("max_requests = 1").await;
    api.code_sent().await;
    page.row(&api, GENERATE, "too many calls", good(GENERATE)).await;
    page.row(&api, SEND_LINK, "too many calls", good(SEND_LINK)).await;
    let baseless = Optora::with("base_url = ''").await;
    page.row(&baseless, SEND_LINK, "nobody knows where links lead", good(SEND_LINK)).await;
}

async fn verifications(page: &mut Page) {
    let api = Optora::new().await;
    let guess = |otp: &str| Call::post("verify", &json!({"email": EMAIL, "otp": otp}));
    page.row(&api, VERIFY, "no address", Call::post("verify", &json!({"otp": "123456"}))).await;
    page.row(&api, VERIFY, "nothing was sent", guess("123456")).await;
    api.code_sent().await;
    let code = api.code().await;
    page.row(&api, VERIFY, "no code", Call::post("verify", &json!({"email": EMAIL}))).await;
    page.row(&api, VERIFY, "too short", guess("12345")).await;
    page.row(&api, VERIFY, "wrong", guess(&other_than(&code)).shown_as("{…}")).await;
    for _ in 0..4 {
        assert_eq!(api.verify(EMAIL, other_than(&code)).await.to_string(), INVALID);
    }
    page.row(&api, VERIFY, "guessed too often", guess(&code).shown_as("{…}")).await;
    let joe = "joe@example.com";
    let id = request_id(&api.post("generate", json!({"email": joe})).await);
    let code = api.code().await;
    assert_eq!(api.verify(joe, code.as_str()).await.status, 200, "{id}");
    let again = Call::post("verify", &json!({"email": joe, "otp": code})).shown_as("{…}");
    page.row(&api, VERIFY, "used", again).await;
}

async fn links(page: &mut Page) {
    let api = Optora::with("link = 'button'").await;
    page.row(&api, LINK, "no token", Call::new("GET", "verify-link", "")).await;
    page.row(&api, LINK, "two tokens", Call::new("GET", "verify-link?token=a&token=b", "")).await;
    page.row(&api, LINK, "unknown", good(LINK)).await;
    page.row(&api, LINK, "unknown, confirmed", Call::new("POST", "verify-link?token=a", "")).await;
    let elsewhere = Call::new("POST", "verify-link?token=a", "").with_header("sec-fetch-site", "cross-site");
    page.row(&api, LINK, "confirmed from another site", elsewhere).await;
}

/// 500 from each operation, on an installation whose tables are gone.
async fn faults(page: &mut Page) {
    let api = Optora::new().await;
    let cascade = if api.app.database().is_postgres() { " CASCADE" } else { "" };
    for table in ["session", "message"] {
        api.app.sql(&format!("DROP TABLE {table}{cascade}")).await;
    }
    for operation in [GENERATE, SEND_LINK, VERIFY, LINK, STATUS] {
        page.row(&api, operation, "database gone", good(operation)).await;
    }
}

async fn anywhere(page: &mut Page) {
    let api = Optora::new().await;
    let send = |body: &str| Call::new("POST", "generate", body);
    page.row(&api, ANYWHERE, "no such path", Call::new("POST", "check", "{}")).await;
    page.row(&api, ANYWHERE, "no such method", Call::new("GET", "generate", "")).await;
    page.row(&api, ANYWHERE, "no JSON", send("{")).await;
    page.row(&api, ANYWHERE, "a key twice", send(r#"{"email":"a@b.co","email":"c@d.co"}"#)).await;
    page.row(&api, ANYWHERE, "too long", send(&" ".repeat(65_537)).shown_as("{65,537 bytes}")).await;
    page.row(&api, ANYWHERE, "encoded body", send("{}").with_header("content-encoding", "gzip")).await;
    page.row(&api, ANYWHERE, "a broken id", Call::new("GET", "status/%FF", "")).await;

    let head = "POST /api/otp/generate HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n";
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
        page.note(ANYWHERE, why, &format!("{GENERATE} {body}"), &answer);
    }
}

#[tokio::test]
async fn every_documented_error_is_reached_by_a_request() {
    let mut page = Page::default();
    sends(&mut page).await;
    limits(&mut page).await;
    verifications(&mut page).await;
    links(&mut page).await;
    anywhere(&mut page).await;
    faults(&mut page).await;
    for (operation, errors) in ERRORS {
        page.must_have(operation, errors);
    }
    assert_snapshot!("errors", page.text());
}

/// Spec 3.2: the request is deleted first.
#[tokio::test]
async fn a_refused_mail_leaves_no_request() {
    let api = Optora::with_carriers("", picky()).await;
    let refused = api.post("generate", json!({"email": "nobody@example.com"})).await;
    assert_snapshot!(refused, @r#"400 {"error":"Failed to send verification email. Please try again."}"#);
    assert!(
        api.app.blobs("SELECT m.recipient FROM session AS s JOIN message AS m ON m.id = s.message_id").await.is_empty()
    );
}
