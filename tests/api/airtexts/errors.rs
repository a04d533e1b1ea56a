//! One page with everything the dialect can say no with: spec 2.3, and what the server adds.

mod page;

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::{Value, json};
use verifyd::{
    channel::Refusal,
    core::{access::Permissions, recipient::Recipient},
    server::ListenerSettings,
    service::NewKey,
};

use self::page::{Call, Page};
use super::stage::{APPID, PHONE, Stage, new_key};
use crate::{
    fallback::stage::Says,
    harness::{Key, START, listener, other_than, over_a_socket},
};

const POSTS: [&str; 3] = ["send", "verify", "resend"];
const GETS: [&str; 6] = ["status", "list", "logs", "rate-limits", "attempts", "reports"];
/// What every operation can say; of 503 and 429 one each stands for all.
const ALWAYS: [&str; 3] = ["INVALID_CREDENTIALS", "INVALID_APPID", "SERVER_ERROR"];

/// A good body.
fn body(operation: &str) -> Value {
    let whose = json!({"appid": APPID, "recipient": PHONE});
    if operation == "verify" { with(whose, "otp_code", json!("123456")) } else { whose }
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

fn post(stage: &Stage, operation: &str, body: &Value) -> Call {
    Call { body: body.to_string(), ..Call::new(stage, "POST", &format!("/otp/{operation}")) }
}

fn get(stage: &Stage, operation: &str) -> Call {
    Call::new(stage, "GET", &format!("/otp/{operation}?appid={APPID}&recipient=5511999888777"))
}

/// Everything about credentials, for one operation.
async fn credentials(page: &mut Page, stage: &Stage, operation: &'static str, good: &Call, elsewhere: &Call) {
    let app = &stage.app;
    let owner = app.app_id("default").await;
    let of = async |change: &dyn Fn(&mut NewKey)| {
        let mut new = new_key(&[APPID]);
        change(&mut new);
        Some(Key::from(app.service().create_key(owner, new).await.unwrap()))
    };
    let expired = of(&|new| new.expires_at = Some(START)).await;
    let bare = of(&|new| new.permissions = Permissions::default()).await;
    let away = of(&|new| new.allowed_ips = vec!["198.51.100.0/24".parse().unwrap()]).await;
    let wrong = Some(Key { dev_secret: "wrong".to_owned(), ..stage.key.clone() });
    for (why, key) in [
        ("no credentials", None),
        ("wrong secret", wrong),
        ("expired key", expired),
        ("permission not given", bare),
        ("address not allowed", away),
    ] {
        page.row(stage, operation, why, Call { key, ..good.clone() }).await;
    }
    page.row(stage, operation, "appid of somebody else", elsewhere.clone()).await;
}

async fn bodies(page: &mut Page, stage: &Stage) {
    for name in POSTS {
        let operation = page::name("POST", name);
        let good = body(name);
        let elsewhere = post(stage, name, &with(good.clone(), "appid", json!("other")));
        credentials(page, stage, operation, &post(stage, name, &good), &elsewhere).await;
        page.row(stage, operation, "not JSON", Call { body: "{".to_owned(), ..post(stage, name, &good) }).await;
        page.row(stage, operation, "not an object", Call { body: "[]".to_owned(), ..post(stage, name, &good) }).await;
        page.row(stage, operation, "nothing", post(stage, name, &json!({}))).await;
        let phone = with(good.clone(), "recipient", json!("12"));
        page.row(stage, operation, "no phone number", post(stage, name, &phone)).await;
    }
}

async fn sends(page: &mut Page, stage: &Stage) {
    let operation = page::name("POST", "send");
    let call = |name: &str, value: Value| post(stage, "send", &with(body("send"), name, value));
    page.row(stage, operation, "no recipient", post(stage, "send", &json!({"appid": APPID}))).await;
    page.row(stage, operation, "blocked", call("recipient", json!("+258845888199"))).await;
    page.row(stage, operation, "no such channel", call("channel", json!("voice"))).await;
    page.row(stage, operation, "nine digits", call("otp_length", json!(9))).await;
    page.row(stage, operation, "a name too long", call("from", json!("TwelveLetter"))).await;
    page.row(stage, operation, "no such text", call("templateId", json!(8))).await;
    stage.provider_will(Says::Refused(Refusal::Unreachable));
    page.row(stage, operation, "refused by the provider", call("recipient", json!("+258845888191"))).await;
    stage.sent("+258845888192").await;
    page.row(stage, operation, "too soon", call("recipient", json!("+258845888192"))).await;
}

async fn codes(page: &mut Page, stage: &Stage) {
    let operation = page::name("POST", "verify");
    let call =
        |id: &str, code: &str| post(stage, "verify", &json!({"appid": APPID, "verification_id": id, "otp_code": code}));
    page.row(stage, operation, "no code", post(stage, "verify", &json!({"appid": APPID}))).await;
    page.row(
        stage,
        operation,
        "neither id nor recipient",
        post(stage, "verify", &json!({"appid": APPID, "otp_code": "1"})),
    )
    .await;
    page.row(stage, operation, "unknown id", call("otp_0000000000000000", "123456")).await;
    let used = stage.sent("+258845888101").await;
    let code = stage.code();
    stage.verify(&used, &code).await;
    page.row(stage, operation, "used code", call(&used, "123456")).await;
    let guessed = stage.sent("+258845888102").await;
    let wrong = other_than(&stage.code());
    let shown = |call: Call| Call { shown: Some("{…a wrong code…}"), ..call };
    page.row(stage, operation, "wrong code", shown(call(&guessed, &wrong))).await;
    for _ in 1..5 {
        stage.verify(&guessed, &wrong).await;
    }
    page.row(stage, operation, "five wrong codes", call(&guessed, "123456")).await;
    let old = stage.sent("+258845888103").await;
    stage.later(Duration::from_mins(10));
    page.row(stage, operation, "old code", call(&old, "123456")).await;
    let again = page::name("POST", "resend");
    page.row(stage, again, "used code", post(stage, "resend", &json!({"appid": APPID, "verification_id": used}))).await;
    page.row(stage, again, "unknown id", post(stage, "resend", &json!({"appid": APPID, "verification_id": "x"}))).await;
    let recent = stage.sent("+258845888104").await;
    page.row(stage, again, "too soon", post(stage, "resend", &json!({"appid": APPID, "verification_id": recent})))
        .await;
    stage.later(Duration::from_secs(30));
    stage.provider_will(Says::Refused(Refusal::Unreachable));
    let refused = post(stage, "resend", &json!({"appid": APPID, "verification_id": recent}));
    page.row(stage, again, "refused by the provider", refused).await;
}

async fn looks(page: &mut Page, stage: &Stage) {
    for name in GETS {
        let operation = page::name("GET", name);
        let elsewhere = Call::new(stage, "GET", &format!("/otp/{name}?appid=other&recipient=5511999888777"));
        credentials(page, stage, operation, &get(stage, name), &elsewhere).await;
        let phone = Call::new(stage, "GET", &format!("/otp/{name}?appid={APPID}&recipient=12"));
        page.row(stage, operation, "no phone number", phone).await;
    }
    let call = |query: &str| Call::new(stage, "GET", &format!("/otp/{query}"));
    page.row(stage, page::name("GET", "status"), "neither id nor recipient", call("status")).await;
    page.row(stage, page::name("GET", "status"), "unknown id", call("status/otp_0000000000000000")).await;
    page.row(stage, page::name("GET", "attempts"), "unknown id", call("attempts?verification_id=x")).await;
    page.row(stage, page::name("GET", "list"), "no such status", call("list?status=new")).await;
    page.row(stage, page::name("GET", "list"), "no such channel", call("list?channel=voice")).await;
    page.row(stage, page::name("GET", "reports"), "no such day", call("reports?start_date=2026-02-30")).await;
}

async fn anywhere(page: &mut Page, stage: &Stage) {
    let operation = "anywhere under /otp";
    let call = |body: String| Call { body, ..post(stage, "send", &json!({})) };
    page.row(stage, operation, "no such path", Call::new(stage, "GET", "/otp/nothing")).await;
    page.row(stage, operation, "no such method", Call::new(stage, "GET", "/otp/send")).await;
    let long = Call { shown: Some("{65,537 bytes}"), ..call(" ".repeat(65_537)) };
    page.row(stage, operation, "too long", long).await;
    let encoded = Call { header: Some(("content-encoding", "gzip")), ..call("{}".to_owned()) };
    page.row(stage, operation, "encoded body", encoded).await;
    page.row(stage, operation, "a key twice", call(r#"{"appid":"a","appid":"b"}"#.to_owned())).await;
    let form = Some(("content-type", "application/x-www-form-urlencoded"));
    let twice = Call { header: form, ..call("appid=a&appid=b".to_owned()) };
    page.row(stage, operation, "a field of a form twice", twice).await;
    stage.app.service().parts().metrics.outbox(100_000, Duration::ZERO);
    let send = post(stage, "send", &with(body("send"), "recipient", json!("+258845888105")));
    page.row(stage, operation, "outbox full", send).await;
    stage.app.service().parts().metrics.outbox(0, Duration::ZERO);
}

/// What only a listener can refuse, over a socket.
async fn at_the_listener(page: &mut Page, stage: &Stage) {
    let operation = "anywhere under /otp";
    let basic = stage.key.basic();
    let head = format!("POST /otp/send HTTP/1.1\r\nhost: a\r\nauthorization: {basic}\r\n");
    let quick = ListenerSettings { whole_request: Duration::from_millis(200), ..listener() };
    let slow = over_a_socket(&stage.app, quick, &format!("{head}content-length: 2\r\n\r\n{{")).await;
    page.note(operation, "body does not come", "POST /otp/send {", &slow);
    let large = format!("{head}x: {}\r\ncontent-length: 2\r\n\r\n{{}}", "x".repeat(17_000));
    let large = over_a_socket(&stage.app, listener(), &large).await;
    page.note(operation, "headers too large", "POST /otp/send {}", &large);
    let full = ListenerSettings { max_in_flight: 0, ..listener() };
    let full = over_a_socket(&stage.app, full, &format!("{head}content-length: 2\r\n\r\n{{}}")).await;
    page.note(operation, "too many requests at once", "POST /otp/send {}", &full);
}

/// `SERVER_ERROR` from each operation, on an installation whose tables are gone.
async fn faults(page: &mut Page) {
    let stage = installation().await;
    let cascade = if stage.app.database().is_postgres() { " CASCADE" } else { "" };
    for table in ["session", "message", "event"] {
        stage.app.sql(&format!("DROP TABLE {table}{cascade}")).await;
    }
    for name in POSTS {
        page.row(&stage, page::name("POST", name), "database gone", post(&stage, name, &body(name))).await;
    }
    for name in GETS.into_iter().filter(|name| *name != "rate-limits") {
        page.row(&stage, page::name("GET", name), "database gone", get(&stage, name)).await;
    }
}

async fn installation() -> Stage {
    let stage = Stage::with("airtexts.rate_per_minute = 0").await;
    stage.app.service().block(&Recipient::parse("+258845888199").unwrap()).await.unwrap();
    stage
}

#[tokio::test]
async fn every_documented_error_is_reached_by_a_request() {
    let stage = installation().await;
    let mut page = Page::default();
    bodies(&mut page, &stage).await;
    sends(&mut page, &stage).await;
    codes(&mut page, &stage).await;
    looks(&mut page, &stage).await;
    anywhere(&mut page, &stage).await;
    at_the_listener(&mut page, &stage).await;
    Box::pin(faults(&mut page)).await;
    for name in POSTS {
        page.must_have(page::name("POST", name), ALWAYS);
        page.must_have(page::name("POST", name), ["INVALID_JSON", "MISSING_PARAMETER", "INVALID_PHONE"]);
    }
    for name in GETS {
        let codes = ALWAYS.into_iter().filter(|code| (name, *code) != ("rate-limits", "SERVER_ERROR"));
        page.must_have(page::name("GET", name), codes);
    }
    let send = ["INVALID_CHANNEL", "INVALID_OTP_LENGTH", "SENDER_ID_NOT_APPROVED", "TEMPLATE_NOT_FOUND"];
    page.must_have(page::name("POST", "send"), send);
    page.must_have(page::name("POST", "send"), ["RATE_LIMIT_EXCEEDED", "DELIVERY_FAILED"]);
    let verify = ["INVALID_OTP", "OTP_EXPIRED", "OTP_ALREADY_VERIFIED", "MAX_ATTEMPTS_EXCEEDED", "OTP_NOT_FOUND"];
    page.must_have(page::name("POST", "verify"), verify);
    let resend = ["OTP_ALREADY_VERIFIED", "OTP_NOT_FOUND", "RATE_LIMIT_EXCEEDED", "DELIVERY_FAILED"];
    page.must_have(page::name("POST", "resend"), resend);
    page.must_have("anywhere under /otp", ["NOT_FOUND", "INVALID_JSON"]);
    assert_snapshot!("errors", page.text());
}
