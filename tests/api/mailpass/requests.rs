//! What requests may look like (spec 1.1).

use std::time::Duration;

use serde_json::{Value, json};

use super::client::{MailPass, fault, session_of};
use crate::harness::EMAIL;

/// The sentence of a refused body.
async fn refusal(api: &MailPass, path: &str, body: Value) -> String {
    let answer = api.call("POST", path, body.clone()).await;
    assert_eq!(fault(&answer), "400 VALIDATION_ERROR", "{body}");
    answer.json()["error"]["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_field_is_refused_in_its_own_sentence() {
    let api = MailPass::with("[mailpass]\nrate_per_minute = 0").await;
    let address = "The email field must contain a valid email address.";
    let template = "The template field must be one of: login, signup, reset.";
    let life = "The expires_in field must be between 60 and 3600.";
    let length = "The code_length field must be between 4 and 8.";
    let required = |field: &str| format!("The {field} field is required.");
    for body in [json!({}), json!({"email": null}), json!({"email": " "}), json!({"Email": EMAIL})] {
        assert_eq!(refusal(&api, "send", body).await, required("email"));
    }
    for email in [json!("jane"), json!("jane@localhost"), json!("+6598765432"), json!(7), json!([EMAIL]), json!(true)] {
        assert_eq!(refusal(&api, "send", json!({"email": email})).await, address, "{email}");
    }
    let fields = [
        ("template", vec![json!("welcome"), json!("Login"), json!(1), json!({}), json!("verification")], template),
        (
            "expires_in",
            vec![json!(59), json!(3601), json!("59"), json!(60.5), json!("soon"), json!(-300), json!([])],
            life,
        ),
        ("code_length", vec![json!(3), json!(9), json!("nine"), json!(u64::MAX), json!(false)], length),
    ];
    for (field, values, sentence) in fields {
        for value in values {
            assert_eq!(refusal(&api, "send", json!({"email": EMAIL, field: value})).await, sentence, "{field} {value}");
        }
    }
    let session = "0".repeat(32);
    for path in ["verify", "resend"] {
        for body in [json!({"code": "123456"}), json!({"session_id": "", "code": "123456"}), json!({"session_id": []})]
        {
            assert_eq!(refusal(&api, path, body).await, required("session_id"), "{path}");
        }
    }
    for code in [json!(null), json!(""), json!("  "), json!({}), json!(true)] {
        assert_eq!(refusal(&api, "verify", json!({"session_id": session, "code": code})).await, required("code"));
    }
    assert!(api.app.inbox().await.is_empty());
}

#[tokio::test]
async fn what_is_no_json_object_is_refused_as_json() {
    let api = MailPass::new().await;
    let twice = r#"{"email":"a@b.co","email":"c@d.co"}"#;
    for body in ["", "{", "email=jane@example.com", "[]", "null", "\"a\"", twice] {
        let must = if body == twice { "name each field once" } else { "be valid JSON" };
        let answer = api.bearing(&api.key, "POST", "/api/v1/otp/send", body).await;
        assert_eq!(fault(&answer), "400 VALIDATION_ERROR", "{body}");
        assert_eq!(answer.json()["error"]["message"], format!("The request body must {must}."), "{body}");
    }
}

#[tokio::test]
async fn numbers_may_be_texts_and_the_other_way_round() {
    let api = MailPass::new().await;
    let body = json!({"email": EMAIL, "expires_in": "60", "code_length": " 4 ", "template": "", "unknown": {"a": 1}});
    let sent = api.send(body).await;
    assert_eq!(sent.json()["data"]["expires_at"], "2026-11-21T00:01:00Z");
    let (session, code) = (session_of(&sent), api.code().await);
    assert_eq!(code.len(), 4);
    // A number has no zeros at its front, and none are put there.
    let number: u32 = code.parse().unwrap();
    let guess = if code.starts_with('0') { json!(format!(" {code} ")) } else { json!(number) };
    let answer = api.call("POST", "verify", json!({"session_id": session, "code": guess})).await;
    assert_eq!(answer.status, 200, "{answer}");
}

#[tokio::test]
async fn a_code_has_as_many_digits_and_lives_as_long_as_asked() {
    let api = MailPass::with("[mailpass]\ndefault_ttl = '10m'").await;
    for (length, life, dies) in [(4, 60, "00:01:00"), (8, 3600, "01:00:00")] {
        let sent = api.send(json!({"email": EMAIL, "code_length": length, "expires_in": life})).await;
        assert_eq!(sent.json()["data"]["expires_at"], format!("2026-11-21T{dies}Z"));
        assert_eq!(api.code().await.len(), length);
    }
    let sent = api.send(json!({"email": EMAIL, "expires_in": null, "code_length": null})).await;
    assert_eq!(sent.json()["data"]["expires_at"], "2026-11-21T00:10:00Z", "the operator's default");
    assert_eq!(api.code().await.len(), 6);
}

#[tokio::test]
async fn an_address_is_answered_as_it_was_written_and_used_as_it_is_meant() {
    let api = MailPass::new().await;
    let sent = api.send(json!({"email": "  Jane.Doe@EXAMPLE.com "})).await;
    assert_eq!(sent.json()["data"]["email"], "Jane.Doe@EXAMPLE.com");
    assert_eq!(api.app.last().await.to, "Jane.Doe@example.com");
    let status = api.status(&session_of(&sent)).await;
    assert_eq!(status.json()["data"]["email"], "Jane.Doe@EXAMPLE.com");
}

#[tokio::test]
async fn the_operator_may_allow_fewer_attempts() {
    let api = MailPass::with("[mailpass]\nmax_attempts = 1").await;
    let (session, code) = api.begun().await;
    assert_eq!(fault(&api.verify(&session, "x").await), "400 INVALID_CODE");
    assert_eq!(fault(&api.verify(&session, &code).await), "400 INVALID_CODE");
    let data = api.status(&session).await.json()["data"].clone();
    assert_eq!((&data["status"], &data["max_attempts"]), (&json!("expired"), &json!(1)));
    api.app.later(Duration::from_secs(1));
    assert_eq!(api.resend(&session).await.status, 200);
}
