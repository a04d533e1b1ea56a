//! One page with everything the dialect can say no with: spec 2.1 to 2.3, and what the server adds.

mod listener;
mod page;

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::{Value, json};
use verifyd::{
    core::{
        access::{Permission, Permissions},
        money::Usd,
        recipient::Recipient,
        template::Audit,
    },
    service::AppUpdate,
};

use super::sample::{sample, with, with_strategy};
use crate::harness::{Key, OTP, PHONE, START, TestApp};
use page::{Call, Page};

const SENDS: [&str; 3] = ["messages", "codes", "custom-messages"];
/// Codes of spec 2.1; the rest of its 50xx rows is said by carriers after the answer.
const SEND_CODES: [u64; 12] = [1000, 2001, 2002, 2004, 3001, 3002, 3003, 3004, 4001, 5001, 5011, 5013];
/// Codes of spec 2.2.
const VERIFY_CODES: [u64; 8] = [1000, 2001, 2002, 2004, 3001, 3002, 3003, 4001];
/// Codes of spec 2.3 that an operation can meet: a deletion has no body whose form or values could be wrong.
const TEMPLATE_CODES: [(&str, &[u64]); 4] = [
    ("POST /v1/template-configs", &[1000, 2001, 2002, 2004, 3001, 3002, 3003]),
    ("GET /v1/template-configs", &[1000, 2001, 2002, 2004]),
    ("GET /v1/template-configs/{templateId}", &[1000, 2001, 2002, 2004, 4001]),
    ("DELETE /v1/template-configs/{templateId}", &[1000, 2001, 2002, 2004, 4001]),
];
/// Statuses beyond those tables (spec 10, rows 24 and 25; security F4, F5).
const STATUSES: [u16; 8] = [404, 405, 408, 413, 415, 429, 431, 503];

/// An installation that carries mail and WhatsApp, but no SMS; with a blocked number and a rejected template.
async fn installation() -> TestApp {
    let app = TestApp::with("[[provider]]\nname = 'inbox'\nkind = 'inbox'\nchannels = ['email', 'whatsapp']").await;
    app.has_template(with_strategy("wa", "whatsapp")).await;
    app.has_template(with_strategy("rejected", "whatsapp")).await;
    let owner = app.app_id("default").await;
    assert!(app.service().audit_template(owner, "rejected", Audit::Rejected, "no").await.unwrap());
    app.service().block(&Recipient::parse("+6598765499").unwrap()).await.unwrap();
    app
}

/// A good body of a send endpoint.
fn body(send: &str, to: &str, template: &str) -> Value {
    match send {
        "codes" => json!({"to": to, "code": "398210", "template": {"id": template}}),
        "custom-messages" => json!({"to": to, "template": {"id": template, "params": {"code": "398210"}}}),
        _ => json!({"to": to, "template": {"id": template}}),
    }
}

/// Everything about credentials, for one operation.
async fn credentials(page: &mut Page, app: &TestApp, operation: &'static str, good: &Call) {
    let expired = app.key_of("default", |new| new.expires_at = Some(START)).await;
    let disabled = app.key_of("default", |_| {}).await;
    app.service().enable_key(&disabled.dev_key, false).await.unwrap();
    let elsewhere = app.key_of("default", |new| new.allowed_ips = vec!["192.0.2.0/24".parse().unwrap()]).await;
    let wrong = Key { dev_secret: "wrong".to_owned(), ..app.key.clone() };
    page.row(app, operation, "no credentials", Call { key: None, ..good.clone() }).await;
    page.row(app, operation, "wrong secret", Call { key: Some(wrong), ..good.clone() }).await;
    page.row(app, operation, "expired key", Call { key: Some(expired), ..good.clone() }).await;
    page.row(app, operation, "disabled key", Call { key: Some(disabled), ..good.clone() }).await;
    page.row(app, operation, "address not allowed", Call { key: Some(elsewhere), ..good.clone() }).await;
    if good.method == "POST" && !good.path.contains("template") {
        let bare = app.key_of("default", |new| new.permissions = Permissions::of(None::<Permission>)).await;
        page.row(app, operation, "permission not given", Call { key: Some(bare), ..good.clone() }).await;
    }
}

async fn sends(page: &mut Page, app: &TestApp) {
    for send in SENDS {
        let operation = page.operation(format!("POST /v1/{send}"));
        let call = |body: Value| Call::post(app, &format!("/v1/{send}"), body.to_string());
        credentials(page, app, operation, &call(body(send, PHONE, "wa"))).await;
        page.row(app, operation, "not JSON", Call { body: "{".to_owned(), ..call(json!(0)) }).await;
        page.row(app, operation, "wrong type", call(body(send, PHONE, "wa").tap("/to", json!(1)))).await;
        page.row(app, operation, "missing field", call(json!({"template": {"id": "wa"}}))).await;
        page.row(app, operation, "bad mail address", call(body(send, "jane@", "wa"))).await;
        page.row(app, operation, "mail to a phone template", call(body(send, "jane@example.com", "wa"))).await;
        page.row(app, operation, "template not approved", call(body(send, PHONE, "rejected"))).await;
        page.row(app, operation, "no such template", call(body(send, PHONE, "none"))).await;
        page.row(app, operation, "nobody carries it", call(body(send, PHONE, OTP))).await;
        page.row(app, operation, "bad number", call(body(send, "+65", "wa"))).await;
        page.row(app, operation, "blocked", call(body(send, "+6598765499", "wa"))).await;
        if send != "custom-messages" {
            app.engagelab("POST", "/v1/messages", body("messages", "+6598765433", "wa")).await;
            page.row(app, operation, "a code is still alive", call(body(send, "+6598765433", "wa"))).await;
        }
    }
}

/// An application that may spend nothing.
async fn without_balance(page: &mut Page, app: &TestApp) {
    let owner = app.app_id("default").await;
    let limit = |amount| AppUpdate { spend_limit: Some(amount), ..AppUpdate::default() };
    app.service().change_app(owner, limit(Some(Usd::ZERO))).await.unwrap();
    for send in SENDS {
        let operation = page.operation(format!("POST /v1/{send}"));
        let call = Call::post(app, &format!("/v1/{send}"), body(send, PHONE, "wa").to_string());
        page.row(app, operation, "nothing left to spend", call).await;
    }
    app.service().change_app(owner, limit(None)).await.unwrap();
}

async fn verifications(page: &mut Page, app: &TestApp) {
    let operation = "POST /v1/verifications";
    let call = |id: &str, code: &str| {
        Call::post(app, "/v1/verifications", json!({"message_id": id, "verify_code": code}).to_string())
    };
    credentials(page, app, operation, &call("1", "1")).await;
    page.row(app, operation, "not JSON", Call { body: "[".to_owned(), ..call("", "") }).await;
    let number = json!({"message_id": 1, "verify_code": "1"}).to_string();
    page.row(app, operation, "a number as id", Call { body: number, ..call("", "") }).await;
    page.row(app, operation, "empty id", call("", "1")).await;
    page.row(app, operation, "no code at all", call("1", "a b")).await;
    page.row(app, operation, "unknown id", call("1", "123456")).await;
    let used = app.sent("+6598765401", "wa").await;
    let code = app.last_code().await;
    app.verify(&used, &code).await.id();
    page.row(app, operation, "used code", call(&used, "123456")).await;
    let guessed = app.sent("+6598765402", "wa").await;
    for _ in 0..5 {
        app.verify(&guessed, "000000").await.id();
    }
    page.row(app, operation, "five wrong codes", call(&guessed, "123456")).await;
    let old = app.sent("+6598765403", "wa").await;
    app.later(Duration::from_mins(1));
    page.row(app, operation, "old code", call(&old, "123456")).await;
}

async fn templates(page: &mut Page, app: &TestApp) {
    let create = TEMPLATE_CODES[0].0;
    let call = |body: Value| Call::post(app, "/v1/template-configs", body.to_string());
    credentials(page, app, create, &call(json!({}))).await;
    page.row(app, create, "not an object", call(json!([]))).await;
    page.row(app, create, "missing field", call(json!({}))).await;
    let short = with(&[("/verify_code_config/verify_code_len", json!(3))]);
    page.row(app, create, "out of range", call(json!({"template_id": "x", "send_channel_strategy": "push"}))).await;
    page.row(app, create, "out of range", Call { shown: Some("{…\"verify_code_len\":3…}"), ..call(short) }).await;
    let bare = json!({"template_id": "x", "send_channel_strategy": "sms"});
    page.row(app, create, "channel without configuration", call(bare)).await;
    let taken = sample().tap("/template_id", json!("wa"));
    page.row(app, create, "name is taken", Call { shown: Some("{\"template_id\":\"wa\"…}"), ..call(taken) }).await;
    let one = |method, id: &str| Call::new(app, method, &format!("/v1/template-configs/{id}"));
    credentials(page, app, TEMPLATE_CODES[1].0, &Call::new(app, "GET", "/v1/template-configs")).await;
    for (operation, method) in [(TEMPLATE_CODES[2].0, "GET"), (TEMPLATE_CODES[3].0, "DELETE")] {
        credentials(page, app, operation, &one(method, "wa")).await;
        page.row(app, operation, "no such template", one(method, "none")).await;
    }
}

/// 1000 from each operation, on an installation whose tables are gone.
async fn faults(page: &mut Page) {
    let app = installation().await;
    let cascade = if app.database().is_postgres() { " CASCADE" } else { "" };
    for table in ["message", "template", "setting"] {
        app.sql(&format!("DROP TABLE {table}{cascade}")).await;
    }
    let why = "database gone";
    for send in SENDS {
        let operation = page.operation(format!("POST /v1/{send}"));
        let call = Call::post(&app, &format!("/v1/{send}"), body(send, PHONE, "wa").to_string());
        page.row(&app, operation, why, call).await;
    }
    let check = json!({"message_id": "1795219200000000000", "verify_code": "123456"}).to_string();
    page.row(&app, "POST /v1/verifications", why, Call::post(&app, "/v1/verifications", check)).await;
    let create = Call { shown: Some("{…}"), ..Call::post(&app, "/v1/template-configs", sample().to_string()) };
    page.row(&app, TEMPLATE_CODES[0].0, why, create).await;
    page.row(&app, TEMPLATE_CODES[1].0, why, Call::new(&app, "GET", "/v1/template-configs")).await;
    page.row(&app, TEMPLATE_CODES[2].0, why, Call::new(&app, "GET", "/v1/template-configs/none")).await;
    page.row(&app, TEMPLATE_CODES[3].0, why, Call::new(&app, "DELETE", "/v1/template-configs/wa")).await;
}

async fn anywhere(page: &mut Page, app: &TestApp) {
    let operation = "anywhere under /v1";
    let call = |body: String| Call::post(app, "/v1/messages", body);
    let long = Call { shown: Some("{65,537 bytes}"), ..call(" ".repeat(65_537)) };
    let twice = r#"{"to":"+6598765432","to":"+6598765432"}"#.to_owned();
    let encoded = Call { header: Some(("content-encoding", "gzip")), ..call("{}".to_owned()) };
    page.row(app, operation, "no such path", Call::new(app, "GET", "/v1/custom-send-otp")).await;
    page.row(app, operation, "no such method", Call::new(app, "PUT", "/v1/template-configs")).await;
    page.row(app, operation, "too long", long).await;
    page.row(app, operation, "encoded body", encoded).await;
    page.row(app, operation, "a key twice", call(twice)).await;
    let busy = TestApp::with("[engagelab]\nrate_per_minute = 1").await;
    busy.call_as(&busy.key, "GET", "/v1/template-configs", "").await;
    page.row(&busy, operation, "key called too often", Call::new(&busy, "GET", "/v1/template-configs")).await;
    app.service().parts().metrics.outbox(100_000, Duration::ZERO);
    page.row(app, operation, "outbox full", call(body("messages", PHONE, "wa").to_string())).await;
    app.service().parts().metrics.outbox(0, Duration::ZERO);
    listener::slow_large_and_many(page, app).await;
}

#[tokio::test]
async fn every_documented_error_is_reached_by_a_request() {
    let app = installation().await;
    let mut page = Page::default();
    sends(&mut page, &app).await;
    without_balance(&mut page, &app).await;
    verifications(&mut page, &app).await;
    templates(&mut page, &app).await;
    anywhere(&mut page, &app).await;
    faults(&mut page).await;
    for send in SENDS {
        let codes = SEND_CODES.into_iter().filter(|code| (send, *code) != ("custom-messages", 3004));
        page.must_have(&format!("POST /v1/{send}"), codes);
    }
    page.must_have("POST /v1/verifications", VERIFY_CODES);
    for (operation, codes) in TEMPLATE_CODES {
        page.must_have(operation, codes.iter().copied());
    }
    page.must_have_statuses(STATUSES);
    assert_snapshot!("errors", page.text());
}

/// Spec 2.4, to the letter.
#[tokio::test]
async fn the_published_words_are_exact() {
    let app = installation().await;
    let old = app.sent(PHONE, "wa").await;
    app.later(Duration::from_mins(1));
    let bare = json!({"template_id": "x", "send_channel_strategy": "sms"});
    let path = "/v1/template-configs/test-template-1";
    assert_snapshot!(app.verify(&old, "123456").await, @r#"400 {"code":3003,"message":"verify code has expired"}"#);
    assert_snapshot!(app.send(body("messages", PHONE, OTP)).await, @r#"400 {"code":5001,"message":"sms send fail"}"#);
    assert_snapshot!(app.template(bare).await, @r#"400 {"code":3003,"message":"not contains any channel config"}"#);
    assert_snapshot!(app.engagelab("GET", path, Value::Null).await, @r#"400 {"code":4001,"message":"config not exist"}"#);
    assert_snapshot!(app.engagelab("DELETE", path, Value::Null).await, @r#"400 {"code":4001,"message":"config not exist"}"#);
    assert_snapshot!(app.template(sample()).await, @r#"200 {"code":0,"message":"success"}"#);
    assert_snapshot!(app.engagelab("DELETE", path, Value::Null).await, @r#"200 {"code":0,"message":"success"}"#);
    let blocked = app.send(body("messages", "+6598765499", "wa")).await;
    assert_snapshot!(blocked, @r#"400 {"code":5013,"message":"Blacklisted"}"#);
}

/// A value with another one at a JSON pointer.
trait Tap {
    fn tap(self, pointer: &str, value: Value) -> Self;
}

impl Tap for Value {
    fn tap(mut self, pointer: &str, value: Value) -> Self {
        *self.pointer_mut(pointer).unwrap() = value;
        self
    }
}
