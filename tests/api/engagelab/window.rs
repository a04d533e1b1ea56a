//! While a code lives, its template is not sent to its target again (3004; spec 10, row 10).

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::json;

use super::sample::with_strategy;
use crate::harness::{OTP, PHONE, TestApp, message, other_than};

const TOO_SOON: &str = r#"400 {"code":3004,"message":"exceeded frequency limit, cannot resend to the same template and target user within the validity period"}"#;
const SENT: &str = r#"200 {"message_id":"[id]","send_channel":"sms"}"#;

async fn send(app: &TestApp, to: &str, template: &str) -> String {
    app.send(message(to, template)).await.to_string()
}

#[tokio::test]
async fn a_second_send_is_refused_and_delivers_nothing() {
    let app = TestApp::new().await;
    assert_eq!(send(&app, PHONE, OTP).await, SENT);
    assert_eq!(send(&app, PHONE, OTP).await, TOO_SOON);
    assert_eq!(app.inbox().await.len(), 1);
}

#[tokio::test]
async fn the_window_ends_with_verification_and_not_with_a_wrong_code() {
    let app = TestApp::new().await;
    let id = app.sent(PHONE, OTP).await;
    let code = app.last_code().await;
    app.verify(&id, &other_than(&code)).await.id();
    assert_eq!(send(&app, PHONE, OTP).await, TOO_SOON);
    app.verify(&id, &code).await.id();
    assert_eq!(send(&app, PHONE, OTP).await, SENT);
    assert_eq!(send(&app, PHONE, OTP).await, TOO_SOON);
}

#[tokio::test]
async fn the_window_ends_with_the_code() {
    let app = TestApp::new().await;
    assert_eq!(send(&app, PHONE, OTP).await, SENT);
    app.later(Duration::from_millis(299_999));
    assert_eq!(send(&app, PHONE, OTP).await, TOO_SOON);
    app.later(Duration::from_millis(1));
    assert_eq!(send(&app, PHONE, OTP).await, SENT);
    assert_eq!(send(&app, PHONE, OTP).await, TOO_SOON);
}

#[tokio::test]
async fn every_template_target_and_application_has_its_own() {
    let app = TestApp::new().await;
    app.has_template(with_strategy("second", "sms")).await;
    assert_eq!(send(&app, PHONE, OTP).await, SENT);
    assert_eq!(send(&app, PHONE, "second").await, SENT);
    assert_eq!(send(&app, "+6598765433", OTP).await, SENT);
    let other = app.key_of("other", |_| {}).await;
    let template = with_strategy(OTP, "sms").to_string();
    app.call_as(&other, "POST", "/v1/template-configs", template).await;
    let answer = app.call_as(&other, "POST", "/v1/messages", message(PHONE, OTP).to_string()).await;
    assert_eq!(answer.to_string(), SENT);
}

#[tokio::test]
async fn aliases_of_one_person_are_one_target() {
    let app = TestApp::new().await;
    app.has_template(with_strategy("mail", "email")).await;
    let sent = SENT.replace("sms", "email");
    assert_eq!(send(&app, "jane@example.com", "mail").await, sent);
    for alias in ["Jane@Example.com", "jane+1@example.com", "jane.+x@EXAMPLE.com"] {
        assert_eq!(send(&app, alias, "mail").await, TOO_SOON, "{alias}");
    }
    assert_eq!(send(&app, "jane.roe@gmail.com", "mail").await, sent);
    assert_eq!(send(&app, "janeroe+a@googlemail.com", "mail").await, TOO_SOON);
    assert_eq!(send(&app, "joan@example.com", "mail").await, sent);
}

#[tokio::test]
async fn a_trunk_zero_makes_no_other_number() {
    let app = TestApp::new().await;
    assert_eq!(send(&app, "+447400123456", OTP).await, SENT);
    assert_eq!(send(&app, "+4407400123456", OTP).await, TOO_SOON);
    assert_eq!(app.last().await.to, "+447400123456");
}

#[tokio::test]
async fn own_codes_share_the_window_and_custom_messages_have_none() {
    let app = TestApp::new().await;
    let own = json!({"to": PHONE, "code": "1", "template": {"id": OTP}});
    let custom = json!({"to": PHONE, "template": {"id": OTP, "params": {"code": "1"}}});
    for _ in 0..2 {
        assert_eq!(app.engagelab("POST", "/v1/custom-messages", custom.clone()).await.to_string(), SENT);
    }
    assert_eq!(app.engagelab("POST", "/v1/codes", own.clone()).await.to_string(), SENT);
    assert_eq!(app.engagelab("POST", "/v1/codes", own).await.to_string(), TOO_SOON);
    assert_eq!(send(&app, PHONE, OTP).await, TOO_SOON);
    assert_eq!(app.engagelab("POST", "/v1/custom-messages", custom).await.to_string(), SENT);
}

#[tokio::test]
async fn a_delivery_that_failed_for_good_leaves_no_window() {
    let stub = super::gateway::Stub::start().await;
    let app = super::gateway::app(&stub).await;
    stub.will(super::gateway::answer(400, "no"));
    assert_eq!(send(&app, PHONE, OTP).await, SENT);
    assert_eq!(send(&app, PHONE, OTP).await, TOO_SOON, "while it is on its way");
    app.deliver().await;
    assert_eq!(send(&app, PHONE, OTP).await, SENT, "after it was refused");
    app.deliver().await;
    assert_eq!(send(&app, PHONE, OTP).await, TOO_SOON, "after it was taken");
    assert_eq!(stub.received().len(), 2);
}

#[tokio::test]
async fn a_send_that_was_refused_leaves_no_window() {
    let app = TestApp::new().await;
    let bad = json!({"to": PHONE, "template": {"id": OTP, "params": {"name": "http://evil.example"}}});
    assert_snapshot!(app.send(bad).await, @r#"400 {"code":3002,"message":"invalid template.params.name"}"#);
    assert_eq!(send(&app, PHONE, OTP).await, SENT);
}
