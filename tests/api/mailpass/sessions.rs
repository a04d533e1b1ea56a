//! The life of a session (spec 1.1, 1.3).

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::client::{MailPass, fault, session_of, shown, token};
use crate::harness::{EMAIL, other_than};

const INVALID: &str =
    r#"400 {"success":false,"error":{"code":"INVALID_CODE","message":"The verification code is invalid or expired."}}"#;

/// Status, attempts, and when the code dies.
async fn state(api: &MailPass, session: &str) -> Value {
    let answer = api.status(session).await;
    assert_eq!(answer.status, 200, "{answer}");
    let data = &answer.json()["data"];
    json!([data["status"], data["attempts"], data["expires_at"]])
}

/// The documented examples, field by field.
#[tokio::test]
async fn the_four_calls_answer_as_documented() {
    let api = MailPass::new().await;
    let body = json!({"email": "user@example.com", "template": "login", "expires_in": 300, "code_length": 6});
    let sent = api.send(body).await;
    assert_snapshot!(shown(&sent), @r#"200 {"success":true,"data":{"session_id":"[session]","email":"user@example.com","expires_at":"2026-11-21T00:05:00Z"}}"#);
    let (session, code) = (session_of(&sent), api.code().await);
    assert_eq!(api.verify(&session, &other_than(&code)).await.to_string(), INVALID);
    assert_snapshot!(shown(&api.status(&session).await), @r#"200 {"success":true,"data":{"session_id":"[session]","email":"user@example.com","status":"pending","attempts":1,"max_attempts":5,"expires_at":"2026-11-21T00:05:00Z"}}"#);
    assert_snapshot!(shown(&api.resend(&session).await), @r#"200 {"success":true,"data":{"session_id":"[session]","expires_at":"2026-11-21T00:05:00Z"}}"#);
    let code = api.code().await;
    assert_snapshot!(api.verify(&session, &code).await, @r#"200 {"success":true,"data":{"verified":true,"email":"user@example.com"}}"#);
}

/// one-port 5.3.
#[tokio::test]
async fn five_wrong_codes_end_a_code_and_a_resend_begins_another() {
    let api = MailPass::new().await;
    let sent = api.send(json!({"email": EMAIL})).await;
    let keys: Vec<_> = sent.json()["data"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["session_id", "email", "expires_at"]);
    let (session, code) = (session_of(&sent), api.code().await);
    for attempts in 1..=5 {
        assert_eq!(api.verify(&session, &other_than(&code)).await.to_string(), INVALID);
        let status = if attempts == 5 { "expired" } else { "pending" };
        assert_eq!(state(&api, &session).await, json!([status, attempts, "2026-11-21T00:05:00Z"]));
    }
    assert_eq!(api.verify(&session, &code).await.to_string(), INVALID, "the right one comes too late");
    assert_eq!(state(&api, &session).await, json!(["expired", 5, "2026-11-21T00:05:00Z"]), "and is not counted");

    api.app.later(Duration::from_secs(10));
    assert_eq!(session_of(&api.resend(&session).await), session);
    assert_eq!(state(&api, &session).await, json!(["pending", 0, "2026-11-21T00:05:10Z"]));
    let code = api.code().await;
    assert_eq!(api.verify(&session, &code).await.status, 200);
    assert_eq!(api.verify(&session, &code).await.to_string(), INVALID, "a code is accepted once");
    assert_eq!(state(&api, &session).await[0], "verified");
}

#[tokio::test]
async fn a_code_dies_at_its_expiry_without_any_sweep_and_is_forgotten_a_day_later() {
    let api = MailPass::new().await;
    let (session, code) = api.begun().await;
    api.app.later(Duration::from_millis(299_999));
    assert_eq!(state(&api, &session).await[0], "pending");
    api.app.later(Duration::from_millis(1));
    assert_eq!(state(&api, &session).await, json!(["expired", 0, "2026-11-21T00:05:00Z"]));
    assert_eq!(api.verify(&session, &code).await.to_string(), INVALID);
    api.app.later(Duration::from_hours(24) - Duration::from_millis(1));
    assert_eq!(state(&api, &session).await[0], "expired");
    api.app.later(Duration::from_millis(1));
    assert_eq!(fault(&api.status(&session).await), "404 NOT_FOUND");
    assert_eq!(fault(&api.resend(&session).await), "404 NOT_FOUND");
    assert_eq!(api.verify(&session, &code).await.to_string(), INVALID);
}

#[tokio::test]
async fn a_verified_session_is_remembered_for_a_day_and_is_not_sent_again() {
    let api = MailPass::new().await;
    let (session, code) = api.begun().await;
    api.app.later(Duration::from_mins(1));
    assert_eq!(api.verify(&session, &code).await.status, 200);
    assert_snapshot!(api.resend(&session).await, @r#"409 {"success":false,"error":{"code":"ALREADY_VERIFIED","message":"The OTP session is already verified."}}"#);
    api.app.later(Duration::from_hours(24) - Duration::from_millis(1));
    assert_eq!(state(&api, &session).await[0], "verified");
    api.app.later(Duration::from_millis(1));
    assert_eq!(fault(&api.status(&session).await), "404 NOT_FOUND");
}

#[tokio::test]
async fn a_resend_kills_the_old_code_and_lives_as_long_as_the_first_one() {
    let api = MailPass::new().await;
    let sent = api.send(json!({"email": EMAIL, "expires_in": 60, "code_length": 8})).await;
    let (session, old) = (session_of(&sent), api.code().await);
    api.app.later(Duration::from_mins(10));
    assert_eq!(state(&api, &session).await[0], "expired");
    let again = api.resend(&session).await;
    assert_eq!(again.json()["data"], json!({"session_id": session, "expires_at": "2026-11-21T00:11:00Z"}));
    let new = api.code().await;
    assert_eq!((new.len(), old != new), (8, true));
    assert_eq!(api.verify(&session, &old).await.to_string(), INVALID);
    assert_eq!(state(&api, &session).await, json!(["pending", 1, "2026-11-21T00:11:00Z"]));
    assert_eq!(api.verify(&session, &new).await.status, 200);
}

#[tokio::test]
async fn a_session_is_sent_again_five_times_and_no_more() {
    let api = MailPass::new().await;
    let (session, _) = api.begun().await;
    for _ in 0..5 {
        assert_eq!(api.resend(&session).await.status, 200);
    }
    let refused = api.resend(&session).await;
    assert_eq!((fault(&refused), refused.header("retry-after")), ("429 RATE_LIMIT_EXCEEDED".to_owned(), ""));
    let code = api.code().await;
    assert_eq!(api.verify(&session, &code).await.status, 200, "the last code lives on");
}

#[tokio::test]
async fn sessions_of_one_address_live_side_by_side() {
    let api = MailPass::new().await;
    let ((first, code), (second, other)) = (api.begun().await, api.begun().await);
    assert_ne!(first, second);
    assert_eq!(api.verify(&second, &other).await.status, 200);
    assert_eq!(api.verify(&first, &code).await.status, 200);
}

#[tokio::test]
async fn a_session_belongs_to_the_account_of_its_key() {
    let api = MailPass::new().await;
    let (session, code) = api.begun().await;
    let stranger = token(&api.key_of("other", |_| {}).await);
    let body = json!({"session_id": session, "code": code});
    assert_eq!(fault(&api.call_as(&stranger, "GET", &format!("status/{session}"), Value::Null).await), "404 NOT_FOUND");
    assert_eq!(fault(&api.call_as(&stranger, "POST", "resend", body.clone()).await), "404 NOT_FOUND");
    assert_eq!(api.call_as(&stranger, "POST", "verify", body.clone()).await.to_string(), INVALID);
    assert_eq!(
        state(&api, &session).await,
        json!(["pending", 0, "2026-11-21T00:05:00Z"]),
        "nobody else's guess counts"
    );
    let colleague = token(&api.key_of("default", |_| {}).await);
    assert_eq!(api.call_as(&colleague, "POST", "verify", body).await.status, 200);
}

#[tokio::test]
async fn what_is_no_id_of_ours_is_unknown() {
    let api = MailPass::new().await;
    let (session, code) = api.begun().await;
    let upper = session.to_uppercase();
    let (unknown, changed) = ("0".repeat(32), other_than(&session));
    for id in
        [unknown.as_str(), &changed, &upper, &session[1..], "abc123...", "%00", "%FF", "a%20b", "otp_0123456789abcdef"]
    {
        assert_eq!(fault(&api.status(id).await), "404 NOT_FOUND", "{id}");
    }
    for id in [unknown.as_str(), &changed, &upper, "\0", "abc123...", "é"] {
        assert_eq!(fault(&api.resend(id).await), "404 NOT_FOUND", "{id}");
        assert_eq!(api.verify(id, &code).await.to_string(), INVALID, "{id}");
    }
    assert_eq!(api.verify(&session, &code).await.status, 200);
}

#[tokio::test]
async fn times_are_whole_seconds() {
    let api = MailPass::new().await;
    api.app.later(Duration::from_millis(1999));
    let (session, _) = api.begun().await;
    assert_eq!(state(&api, &session).await[2], "2026-11-21T00:05:01Z");
}
