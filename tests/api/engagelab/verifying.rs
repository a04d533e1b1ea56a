//! `POST /v1/verifications` (spec 1.4, 3).

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::json;

use crate::harness::{OTP, PHONE, TestApp, message, other_than};

/// Life of a code of [`OTP`].
const LIFE: Duration = Duration::from_mins(5);

/// A message and its code.
async fn delivered(app: &TestApp) -> (String, String) {
    (app.sent(PHONE, OTP).await, app.last_code().await)
}

#[tokio::test]
async fn the_right_code_is_true_once_then_3003() {
    let app = TestApp::new().await;
    let (id, code) = delivered(&app).await;
    let answer = app.verify(&id, &code).await;
    assert_eq!(answer.text, format!(r#"{{"message_id":"{id}","verify_code":"{code}","verified":true}}"#));
    assert_snapshot!(app.verify(&id, &code).await, @r#"400 {"code":3003,"message":"verify code has been verified"}"#);
    let other = app.verify(&id, &other_than(&code)).await;
    assert_snapshot!(other, @r#"400 {"code":3003,"message":"verify code has been verified"}"#);
}

#[tokio::test]
async fn a_wrong_code_is_false_and_echoed() {
    let app = TestApp::new().await;
    let (id, code) = delivered(&app).await;
    let answer = app.verify(&id, "Wrong1").await;
    assert_snapshot!(answer, @r#"200 {"message_id":"[id]","verify_code":"Wrong1","verified":false}"#);
    assert!(app.verify(&id, &code).await.text.ends_with(r#""verified":true}"#));
}

#[tokio::test]
async fn an_expired_code_is_3003_whatever_is_submitted() {
    let app = TestApp::new().await;
    let (id, code) = delivered(&app).await;
    app.later(Duration::from_millis(299_999));
    assert!(app.verify(&id, &other_than(&code)).await.text.ends_with(r#""verified":false}"#));
    app.later(Duration::from_millis(1));
    for code in [&code, &other_than(&code)] {
        let answer = app.verify(&id, code).await;
        assert_eq!(answer.to_string(), r#"400 {"code":3003,"message":"verify code has expired"}"#);
    }
}

#[tokio::test]
async fn a_used_code_is_used_even_when_it_is_old() {
    let app = TestApp::new().await;
    let (id, code) = delivered(&app).await;
    app.verify(&id, &code).await.id();
    app.later(LIFE);
    assert_snapshot!(app.verify(&id, &code).await, @r#"400 {"code":3003,"message":"verify code has been verified"}"#);
}

#[tokio::test]
async fn after_five_wrong_codes_the_right_one_is_expired() {
    let app = TestApp::new().await;
    let (id, code) = delivered(&app).await;
    for _ in 0..5 {
        let answer = app.verify(&id, &other_than(&code)).await;
        assert!(answer.text.ends_with(r#""verified":false}"#), "{answer}");
    }
    for code in [&code, &other_than(&code)] {
        let answer = app.verify(&id, code).await;
        assert_eq!(answer.to_string(), r#"400 {"code":3003,"message":"verify code has expired"}"#);
    }
}

#[tokio::test]
async fn the_fifth_guess_may_be_right() {
    let app = TestApp::new().await;
    let (id, code) = delivered(&app).await;
    for _ in 0..4 {
        app.verify(&id, &other_than(&code)).await.id();
    }
    assert!(app.verify(&id, &code).await.text.ends_with(r#""verified":true}"#));
}

#[tokio::test]
async fn the_number_of_guesses_is_a_setting() {
    let app = TestApp::with("[engagelab]\nmax_guesses = 1").await;
    let (id, code) = delivered(&app).await;
    app.verify(&id, &other_than(&code)).await.id();
    assert_snapshot!(app.verify(&id, &code).await, @r#"400 {"code":3003,"message":"verify code has expired"}"#);
}

#[tokio::test]
async fn what_cannot_be_a_code_costs_no_guess() {
    let app = TestApp::new().await;
    let (id, code) = delivered(&app).await;
    for bad in ["1 2", "１２３４５６", "12345\0", "'; --", &"1".repeat(33)] {
        let answer = app.verify(&id, bad).await;
        assert_eq!(answer.to_string(), r#"400 {"code":3002,"message":"invalid verify_code"}"#);
    }
    app.verify(&id, "x").await.id();
    assert!(app.verify(&id, &code).await.text.ends_with(r#""verified":true}"#));
}

#[tokio::test]
async fn letter_codes_are_matched_exactly() {
    let app = TestApp::new().await;
    let mut template = super::sample::sms_text("letters", "authentication", "{{code}}");
    template["verify_code_config"]["verify_code_type"] = json!(4);
    app.has_template(template).await;
    let id = app.sent(PHONE, "letters").await;
    let code = app.last().await.text.unwrap();
    assert!(app.verify(&id, &code.to_lowercase()).await.text.ends_with(r#""verified":false}"#));
    assert!(app.verify(&id, &code).await.text.ends_with(r#""verified":true}"#));
}

#[tokio::test]
async fn an_unknown_or_malformed_id_is_4001() {
    let app = TestApp::new().await;
    let (id, code) = delivered(&app).await;
    let (zero, blank, far) = (format!("0{id}"), format!("{id} "), format!("{id}0"));
    for unknown in ["1", "-1", "abc", "+1", "1.0", "99999999999999999999", "\0", &zero, &blank, &far] {
        let answer = app.verify(unknown, &code).await;
        assert_eq!(answer.to_string(), r#"400 {"code":4001,"message":"message not exist"}"#);
    }
}

#[tokio::test]
async fn another_applications_message_does_not_exist_and_loses_no_guess() {
    let app = TestApp::new().await;
    let (id, code) = delivered(&app).await;
    let stranger = app.key_of("stranger", |_| {}).await;
    let body = json!({"message_id": id, "verify_code": code}).to_string();
    for _ in 0..6 {
        let answer = app.call_as(&stranger, "POST", "/v1/verifications", body.clone()).await;
        assert_eq!(answer.to_string(), r#"400 {"code":4001,"message":"message not exist"}"#);
    }
    assert!(app.verify(&id, &code).await.text.ends_with(r#""verified":true}"#));
}

#[tokio::test]
async fn numbers_in_place_of_strings_are_3001() {
    let app = TestApp::new().await;
    let (id, code) = delivered(&app).await;
    for body in [
        format!(r#"{{"message_id":{id},"verify_code":"{code}"}}"#),
        format!(r#"{{"message_id":"{id}","verify_code":{code}}}"#),
    ] {
        let answer = app.raw("/v1/verifications", body).await;
        assert_eq!(answer.to_string(), r#"400 {"code":3001,"message":"invalid request params format"}"#);
    }
}

#[tokio::test]
async fn both_fields_are_required() {
    let app = TestApp::new().await;
    let verify = async |body| app.engagelab("POST", "/v1/verifications", body).await;
    assert_snapshot!(verify(json!({"verify_code": "1"})).await, @r#"400 {"code":3002,"message":"message_id is required"}"#);
    assert_snapshot!(verify(json!({"message_id": "1"})).await, @r#"400 {"code":3002,"message":"verify_code is required"}"#);
    assert_snapshot!(verify(json!({"message_id": "1", "verify_code": ""})).await, @r#"400 {"code":3002,"message":"verify_code is required"}"#);
}

#[tokio::test]
async fn codes_of_other_templates_and_targets_live_on() {
    let app = TestApp::new().await;
    let (first, code) = delivered(&app).await;
    app.has_template(super::sample::with_strategy("second", "sms")).await;
    app.send(message(PHONE, "second")).await.id();
    app.send(message("+6598765433", OTP)).await.id();
    assert!(app.verify(&first, &code).await.text.ends_with(r#""verified":true}"#));
}
