//! Codes: sent, sent again, judged, asked about (spec 3.1, 3.3).

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::client::{INVALID, Optora, request_id, shown};
use crate::harness::{EMAIL, other_than};

const USED_UP: &str = r#"400 {"error":"Maximum attempts reached. Try again later."}"#;

#[tokio::test]
async fn a_code_is_sent_judged_and_asked_about_as_documented() {
    let api = Optora::new().await;
    let sent = api.post("generate", json!({"email": " Jane@Example.com ", "organization": "Acme Inc"})).await;
    assert_snapshot!(shown(&sent), @r#"200 {"message":"Verification code sent to your email","mode":"code","requestId":"[id]","validityMinutes":5,"success":true}"#);
    let (id, code) = (request_id(&sent), api.code().await);
    let status = |answer: Value| answer.to_string().replace(&id, "[id]");
    assert_snapshot!(status(api.status(&id).await), @r#"{"found":true,"verified":false,"expired":false,"requestId":"[id]","email":"jane@example.com","verifiedAt":null,"expiresAt":"2026-11-21T00:05:00.000Z"}"#);
    api.app.later(Duration::from_millis(1500));
    assert_snapshot!(api.verify("JANE@example.com", code.as_str()).await, @r#"200 {"message":"Email verified successfully","verified":true,"success":true}"#);
    assert_snapshot!(status(api.status(&id).await), @r#"{"found":true,"verified":true,"expired":false,"requestId":"[id]","email":"jane@example.com","verifiedAt":"2026-11-21T00:00:01.500Z","expiresAt":"2026-11-21T00:05:00.000Z"}"#);
    assert_eq!(api.verify(EMAIL, code).await.to_string(), INVALID, "a code is accepted once");
}

#[tokio::test]
async fn a_code_that_is_sent_again_is_counted_as_sent_and_not_as_refused() {
    let api = Optora::new().await;
    for _ in 0..3 {
        assert_eq!(api.post("generate", json!({"email": EMAIL})).await.status, 200);
    }
    let counted = |outcome| api.app.metric(&format!("verifyd_sends_total{{channel=\"email\",outcome=\"{outcome}\"}}"));
    assert_eq!((counted("accepted"), counted("too_soon")), (3, 0));
}

/// one-port 5.3.
#[tokio::test]
async fn six_rapid_generates_are_four_mails_a_refusal_and_the_limiter() {
    let api = Optora::new().await;
    let mut ids = vec![];
    for _ in 0..4 {
        ids.push(request_id(&api.post_from("127.0.0.1", "generate", json!({"email": EMAIL})).await));
        api.app.later(Duration::from_secs(1));
    }
    let fifth = api.post_from("127.0.0.1", "generate", json!({"email": EMAIL})).await;
    let sixth = api.post_from("127.0.0.1", "generate", json!({"email": EMAIL})).await;
    assert_eq!(fifth.to_string(), USED_UP);
    assert_snapshot!(sixth, @r#"429 {"error":"Too many requests. Try again in 15 minutes.","retryAfterSeconds":896}"#);
    assert_eq!(sixth.header("retry-after"), "896");
    ids.dedup();
    assert_eq!((ids.len(), api.mails().await), (1, 4));
}

#[tokio::test]
async fn sending_again_sends_the_same_code_under_the_same_id_and_clock() {
    let api = Optora::new().await;
    let (id, code) = (api.code_sent().await, api.code().await);
    api.app.later(Duration::from_mins(2));
    let again = api.post("generate", json!({"email": EMAIL, "type": "alphabet"})).await;
    assert_eq!((request_id(&again), api.code().await), (id.clone(), code.clone()));
    assert!(api.mail().await.contains("expires in 3 minutes"), "what is left of it");
    assert_eq!(api.status(&id).await["expiresAt"], "2026-11-21T00:05:00.000Z");
    assert_eq!(api.verify(EMAIL, code).await.status, 200);
}

#[tokio::test]
async fn a_code_and_a_link_share_one_record_and_its_four_mails() {
    let api = Optora::with("max_requests = 9").await;
    let id = api.code_sent().await;
    let code = api.code().await;
    for _ in 0..2 {
        assert_eq!(api.link_sent().await, id);
    }
    let link = api.link().await;
    assert_eq!(api.code_sent().await, id);
    let fifth = api.post("send-link", json!({"email": EMAIL})).await;
    assert_eq!(fifth.to_string(), USED_UP);
    assert_eq!(api.verify(EMAIL, code).await.status, 200);
    assert_eq!(api.get(&link).await.status, 400, "the code has used the link up");
}

#[tokio::test]
async fn the_window_frees_itself_at_its_end_and_a_new_code_is_made() {
    let api = Optora::with("max_requests = 9").await;
    let old = api.code_sent().await;
    for _ in 0..3 {
        api.code_sent().await;
    }
    assert_eq!(api.post("generate", json!({"email": EMAIL})).await.to_string(), USED_UP);
    api.app.later(Duration::from_mins(5));
    assert_eq!(api.status(&old).await["expired"], true);
    let new = api.code_sent().await;
    assert_ne!(new, old);
    assert_eq!(api.status(&new).await["expiresAt"], "2026-11-21T00:10:00.000Z");
}

#[tokio::test]
async fn five_wrong_guesses_kill_a_code_silently() {
    let api = Optora::new().await;
    let id = api.code_sent().await;
    let code = api.code().await;
    for _ in 0..5 {
        assert_eq!(api.verify(EMAIL, other_than(&code)).await.to_string(), INVALID);
    }
    assert_eq!(api.verify(EMAIL, code).await.to_string(), INVALID, "the right one comes too late");
    assert_eq!(api.status(&id).await["verified"], false);
}

#[tokio::test]
async fn what_cannot_be_a_code_is_not_counted_as_a_guess() {
    let api = Optora::new().await;
    api.code_sent().await;
    let code = api.code().await;
    for otp in [json!("1"), json!("1234567"), json!(true), json!(null), json!([code]), json!({}), json!(12345)] {
        assert_eq!(api.verify(EMAIL, otp).await.to_string(), INVALID);
    }
    assert_eq!(api.verify(EMAIL, code).await.status, 200);
}

#[tokio::test]
async fn a_code_may_come_as_a_number() {
    let api = Optora::with("max_requests = 100").await;
    for number in 0..8 {
        let email = format!("jane{number}@example.com");
        api.post("generate", json!({"email": email})).await;
        let code = api.code().await;
        let answer = api.verify(&email, code.parse::<u32>().unwrap()).await;
        let expected = if code.starts_with('0') { 400 } else { 200 };
        assert_eq!(answer.status.as_u16(), expected, "zeros at its beginning are lost: {code}");
    }
}

#[tokio::test]
async fn a_code_dies_with_its_time_and_its_status_says_so() {
    let api = Optora::with("validity_minutes = 1").await;
    let id = api.code_sent().await;
    let code = api.code().await;
    assert!(api.mail().await.contains("expires in 1 minute."));
    api.app.later(Duration::from_millis(59_999));
    assert_eq!(api.status(&id).await["expired"], false);
    api.app.later(Duration::from_millis(1));
    assert_eq!(api.status(&id).await["expired"], true);
    assert_eq!(api.verify(EMAIL, code).await.to_string(), INVALID);
}

#[tokio::test]
async fn a_verified_request_is_remembered_for_a_day() {
    let api = Optora::new().await;
    let id = api.code_sent().await;
    api.verify(EMAIL, api.code().await).await;
    api.app.later(Duration::from_hours(24) - Duration::from_millis(1));
    let status = api.status(&id).await;
    assert_eq!((&status["verified"], &status["expired"]), (&json!(true), &json!(true)));
    api.app.later(Duration::from_millis(1));
    assert_eq!(api.status(&id).await, json!({"found": false, "verified": false, "expired": true}));
}

/// Pollers stop on `expired`.
#[tokio::test]
async fn an_unknown_id_is_no_error() {
    let api = Optora::new().await;
    let sent = api.code_sent().await;
    assert_eq!(api.status(&sent).await["found"], true);
    for id in ["0123456789abcdef0123456789abcdef", &other_than(&sent), "x", "1795219200000000000", "a b"] {
        let status = api.status(&id.replace(' ', "%20")).await;
        assert_eq!(status, json!({"found": false, "verified": false, "expired": true}));
    }
}

/// Which characters a code may have.
type Allowed = fn(u8) -> bool;

#[tokio::test]
async fn codes_are_made_of_what_is_asked_for() {
    let api = Optora::with("max_requests = 100\ncode_length = 10").await;
    let letter: fn(u8) -> bool = |byte| byte.is_ascii_alphabetic();
    let cases: [(&str, Allowed); 4] = [
        ("numeric", |byte| byte.is_ascii_digit()),
        ("alphabet", letter),
        ("alpha", letter),
        ("alphanumeric", |byte| byte.is_ascii_alphanumeric()),
    ];
    for (number, (kind, made)) in cases.into_iter().enumerate() {
        let email = format!("jane{number}@example.com");
        let answer = api.post("generate", json!({"email": email, "type": kind})).await;
        assert_eq!(answer.status, 200, "{kind}: {answer}");
        let code = api.code().await;
        assert!(code.len() == 10 && code.bytes().all(made), "{kind}: {code}");
        let changed = code.to_ascii_lowercase();
        if changed != code {
            assert_eq!(api.verify(&email, changed).await.to_string(), INVALID, "capitals count");
        }
        assert_eq!(api.verify(&email, code).await.status, 200);
    }
    let unknown = api.post("generate", json!({"email": EMAIL, "type": "hex"})).await;
    assert_eq!(unknown.to_string(), r#"400 {"error":"Invalid OTP type"}"#);
}

/// Spec 3.3: the type is looked at only when a new code is made.
#[tokio::test]
async fn a_wrong_type_is_passed_over_while_a_code_is_alive() {
    let api = Optora::new().await;
    let id = api.code_sent().await;
    assert_eq!(request_id(&api.post("generate", json!({"email": EMAIL, "type": "hex"})).await), id);
}

#[tokio::test]
async fn an_address_may_be_kept_out_of_the_status() {
    let api = Optora::with("status_email = false").await;
    let id = api.code_sent().await;
    let status = api.status(&id).await;
    assert!(status.get("email").is_none() && status["found"] == true, "{status}");
}

/// Whoever gets the mail of one address must not verify another one with it.
#[tokio::test]
async fn a_code_is_for_the_address_as_it_was_written() {
    let api = Optora::new().await;
    let id = api.code_sent().await;
    let code = api.code().await;
    for other in ["jane+x@example.com", "jane@example.org", "j.ane@example.com"] {
        assert_eq!(api.verify(other, code.as_str()).await.to_string(), INVALID, "{other}");
    }
    let alias = request_id(&api.post("generate", json!({"email": "jane+x@example.com"})).await);
    assert_ne!((alias, api.code().await), (id, code.clone()), "an alias has a request of its own");
    assert_eq!(api.verify(EMAIL, code).await.status, 200);
}

/// What a letter becomes when it is made small is not always what stands in somebody's address.
#[tokio::test]
async fn a_letter_that_only_looks_like_another_leads_to_nobody_else() {
    let api = Optora::new().await;
    let kelvin = api.post("generate", json!({"email": "ja\u{212a}e@example.com"})).await;
    assert_eq!(kelvin.to_string(), r#"400 {"error":"Invalid email"}"#);
    let sigma = api.post("generate", json!({"email": "Jane@ΟΣ.example"})).await;
    assert_eq!(api.status(&request_id(&sigma)).await["email"], "jane@xn--0xai.example");
}
