//! `POST /v1/codes` and `POST /v1/custom-messages` (spec 1.3, 1.5).

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::sample::{sms_text, with_strategy};
use crate::harness::{Answer, EMAIL, OTP, PHONE, TestApp};

async fn codes(app: &TestApp, body: Value) -> Answer {
    app.engagelab("POST", "/v1/codes", body).await
}

async fn custom(app: &TestApp, to: Value, id: &str, params: Value) -> Answer {
    let body = json!({"to": to, "template": {"id": id, "params": params}});
    app.engagelab("POST", "/v1/custom-messages", body).await
}

#[tokio::test]
async fn the_callers_own_code_is_delivered_but_not_judged() {
    let app = TestApp::new().await;
    let answer = codes(&app, json!({"to": PHONE, "code": "A-1 b", "template": {"id": OTP}})).await;
    assert_snapshot!(answer, @r#"200 {"message_id":"[id]","send_channel":"sms"}"#);
    assert!(app.last().await.text.unwrap().contains(" A-1 b is your verification code."));
    let verified = app.verify(&answer.id(), "A1b").await;
    assert_snapshot!(verified, @r#"400 {"code":4001,"message":"message not exist"}"#);
}

#[tokio::test]
async fn a_code_of_ones_own_is_required_and_short() {
    let app = TestApp::new().await;
    let with = async |code: Value| codes(&app, json!({"to": PHONE, "code": code, "template": {"id": OTP}})).await;
    assert_snapshot!(with(Value::Null).await, @r#"400 {"code":3002,"message":"code is required"}"#);
    assert_snapshot!(with(json!("")).await, @r#"400 {"code":3002,"message":"code is required"}"#);
    assert_snapshot!(with(json!(123_456)).await, @r#"400 {"code":3001,"message":"invalid request params format"}"#);
    assert_snapshot!(with(json!("x".repeat(65))).await, @r#"400 {"code":3002,"message":"invalid code"}"#);
    assert_snapshot!(with(json!("x".repeat(64))).await, @r#"200 {"message_id":"[id]","send_channel":"sms"}"#);
}

#[tokio::test]
async fn own_codes_go_by_mail_with_the_names_clients_are_known_to_pass() {
    let app = TestApp::new().await;
    app.has_template(with_strategy("mail", "email")).await;
    let params = json!({"app_name": "V", "brand_name": "V", "code": "1", "otp": "1", "otp_code": "1"});
    let body = json!({"to": EMAIL, "code": "667090", "template": {"id": "mail", "language": "en", "params": params}});
    assert_snapshot!(codes(&app, body).await, @r#"200 {"message_id":"[id]","send_channel":"email"}"#);
    assert_eq!(app.last().await.html.unwrap(), "Hi User, your verification code is 667090");
}

#[tokio::test]
async fn a_custom_message_carries_params_code_and_cannot_be_verified() {
    let app = TestApp::new().await;
    let answer = custom(&app, json!(PHONE), OTP, json!({"code": "398210"})).await;
    assert_snapshot!(answer, @r#"200 {"message_id":"[id]","send_channel":"sms"}"#);
    assert!(app.last().await.text.unwrap().contains(" 398210 is your verification code."));
    let verified = app.verify(&answer.id(), "398210").await;
    assert_snapshot!(verified, @r#"400 {"code":4001,"message":"message not exist"}"#);
}

#[tokio::test]
async fn a_code_template_needs_params_code_and_a_notification_does_not() {
    let app = TestApp::new().await;
    for params in [json!({}), json!({"code": ""}), Value::Null] {
        let answer = custom(&app, json!(PHONE), OTP, params).await;
        assert_eq!(answer.to_string(), r#"400 {"code":3002,"message":"template.params.code is required"}"#);
    }
    let mut sale = sms_text("sale", "marketing", "Sale, {{name}}! {{code_word}}");
    sale.as_object_mut().unwrap().remove("verify_code_config");
    app.has_template(sale).await;
    custom(&app, json!(PHONE), "sale", json!({"name": "Jane"})).await.id();
    assert_eq!(app.last().await.text.unwrap(), "Sale, Jane! {{code_word}}");
}

#[tokio::test]
async fn a_template_without_codes_sends_none() {
    let app = TestApp::new().await;
    app.has_template(sms_text("news", "utility", "News")).await;
    let answer = app.send(json!({"to": PHONE, "template": {"id": "news"}})).await;
    assert_snapshot!(answer, @r#"400 {"code":3003,"message":"template is not a verification code template"}"#);
    let answer = codes(&app, json!({"to": PHONE, "code": "1", "template": {"id": "news"}})).await;
    assert_snapshot!(answer, @r#"400 {"code":3003,"message":"template is not a verification code template"}"#);
}

#[tokio::test]
async fn an_array_of_targets_has_one_id_and_a_message_for_each() {
    let app = TestApp::new().await;
    let answer = custom(&app, json!([PHONE, "+6598765433"]), OTP, json!({"code": "1"})).await;
    assert_snapshot!(answer, @r#"200 {"message_id":"[id]","send_channel":"sms"}"#);
    let inbox = app.inbox().await;
    let mut targets: Vec<_> = inbox.iter().map(|message| message.to.as_str()).collect();
    targets.sort_unstable();
    assert_eq!(targets, [PHONE, "+6598765433"]);
    assert!(inbox.iter().all(|message| message.message_id == answer.id()));
}

#[tokio::test]
async fn arrays_have_one_to_a_hundred_good_targets() {
    let app = TestApp::new().await;
    let to = async |to: Value| custom(&app, to, OTP, json!({"code": "1"})).await;
    let many = |count: usize| json!((0..count).map(|number| format!("+6598765{number:03}")).collect::<Vec<_>>());
    assert_snapshot!(to(json!([])).await, @r#"400 {"code":3002,"message":"to is required"}"#);
    assert_snapshot!(to(json!([PHONE, ""])).await, @r#"400 {"code":3002,"message":"to is required"}"#);
    assert_snapshot!(to(json!([PHONE, 1])).await, @r#"400 {"code":3001,"message":"invalid request params format"}"#);
    assert_snapshot!(to(json!([PHONE, "+65"])).await, @r#"400 {"code":5011,"message":"invalid phone number"}"#);
    assert_snapshot!(to(many(101)).await, @r#"400 {"code":3002,"message":"invalid to"}"#);
    assert!(app.inbox().await.is_empty(), "nothing of a refused list is sent");
    assert_snapshot!(to(many(100)).await, @r#"200 {"message_id":"[id]","send_channel":"sms"}"#);
    assert_eq!(app.inbox().await.len(), 100);
}

#[tokio::test]
async fn arrays_are_for_custom_messages_only() {
    let app = TestApp::new().await;
    let list = json!({"to": [PHONE], "code": "1", "template": {"id": OTP}});
    assert_snapshot!(app.send(list.clone()).await, @r#"400 {"code":3001,"message":"invalid request params format"}"#);
    assert_snapshot!(codes(&app, list).await, @r#"400 {"code":3001,"message":"invalid request params format"}"#);
}
