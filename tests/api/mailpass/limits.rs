//! How often keys may call and recipients are sent to (spec 1.4).

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::client::{MailPass, fault, session_of, token};
use crate::harness::{Answer, EMAIL, seconds};

/// `limit remaining reset retry-after`, the third as seconds from now.
fn quota(api: &MailPass, answer: &Answer) -> [String; 4] {
    let reset = answer.header("x-ratelimit-reset").parse().map_or(0, |reset: i64| reset - seconds(&api.app.clock));
    let header = |name: &str| answer.header(name).to_owned();
    [header("x-ratelimit-limit"), header("x-ratelimit-remaining"), reset.to_string(), header("retry-after")]
}

async fn look(api: &MailPass, key: &str) -> Answer {
    api.call_as(key, "GET", &format!("status/{}", "0".repeat(32)), Value::Null).await
}

#[tokio::test]
async fn the_sixty_first_call_in_a_minute_is_refused() {
    let api = MailPass::new().await;
    for call in 1..=60 {
        let answer = look(&api, &api.key).await;
        assert_eq!(fault(&answer), "404 NOT_FOUND", "a failed call counts as well");
        assert_eq!(quota(&api, &answer), ["60", &(60 - call).to_string(), "60", ""]);
    }
    api.app.later(Duration::from_millis(500));
    let refused = look(&api, &api.key).await;
    assert_snapshot!(refused, @r#"429 {"success":false,"error":{"code":"RATE_LIMIT_EXCEEDED","message":"Too many requests. Please try again later."}}"#);
    assert_eq!(quota(&api, &refused), ["60", "0", "60", "60"], "half a second is rounded up");
    let sent = api.send(json!({"email": EMAIL})).await;
    assert_eq!(fault(&sent), "429 RATE_LIMIT_EXCEEDED", "whichever call it is");
    assert!(api.app.inbox().await.is_empty());

    let other = token(&api.key_of("default", |_| {}).await);
    assert_eq!(fault(&look(&api, &other).await), "404 NOT_FOUND", "each key has a minute of its own");
    api.app.later(Duration::from_millis(59_499));
    assert_eq!(fault(&look(&api, &api.key).await), "429 RATE_LIMIT_EXCEEDED");
    api.app.later(Duration::from_millis(1));
    let answer = look(&api, &api.key).await;
    assert_eq!(fault(&answer), "404 NOT_FOUND");
    assert_eq!(quota(&api, &answer), ["60", "59", "60", ""], "a minute begins with its first call");
}

#[tokio::test]
async fn every_answer_to_a_known_key_tells_the_rest_of_its_minute() {
    let api = MailPass::with("[mailpass]\nrate_per_minute = 3").await;
    let sent = api.send(json!({"email": EMAIL})).await;
    let no_path = api.bearing(&api.key, "GET", "/api/v1/subscribers", "").await;
    let no_json = api.bearing(&api.key, "POST", "/api/v1/otp/send", "{").await;
    let no_key = look(&api, "wrong").await;
    let told = [&sent, &no_path, &no_json, &no_key].map(|answer| quota(&api, answer)[1].clone());
    assert_eq!(told, ["2", "", "1", ""], "a path that is not there reads no key");
}

#[tokio::test]
async fn the_operator_may_lift_the_limits() {
    let api = MailPass::with("[mailpass]\nrate_per_minute = 0\npace.per_hour = 0").await;
    for _ in 0..11 {
        let answer = api.send(json!({"email": EMAIL})).await;
        session_of(&answer);
        assert_eq!(quota(&api, &answer), ["", "", "0", ""]);
    }
}

#[tokio::test]
async fn a_recipient_gets_ten_mails_in_an_hour_by_any_spelling_and_any_call() {
    let api = MailPass::new().await;
    let (session, _) = api.begun().await;
    for resent in 1..10 {
        let answer = match resent % 3 {
            0 => api.resend(&session).await,
            1 => api.send(json!({"email": format!("jane+{resent}@example.com")})).await,
            _ => api.send(json!({"email": "JANE@Example.com"})).await,
        };
        assert_eq!(answer.status, 200, "{answer}");
    }
    api.app.later(Duration::from_mins(1));
    let refused = api.send(json!({"email": EMAIL})).await;
    assert_eq!(fault(&refused), "429 RATE_LIMIT_EXCEEDED");
    assert_eq!(refused.header("retry-after"), (59 * 60).to_string());
    assert_eq!(fault(&api.resend(&session).await), "429 RATE_LIMIT_EXCEEDED");
    assert_eq!(api.app.inbox().await.len(), 10);
    assert_eq!(api.send(json!({"email": "john@example.com"})).await.status, 200);
    let other = token(&api.key_of("other", |_| {}).await);
    assert_eq!(api.call_as(&other, "POST", "send", json!({"email": EMAIL})).await.status, 200, "another application");
    api.app.later(Duration::from_mins(59));
    assert_eq!(api.send(json!({"email": EMAIL})).await.status, 200);
}

#[tokio::test]
async fn the_cap_of_the_application_is_told_in_the_words_of_this_api() {
    let api = MailPass::with("[limits]\napp_per_second = 1").await;
    for email in ["a@x.test", "b@x.test"] {
        assert_eq!(api.send(json!({"email": email})).await.status, 200);
    }
    let refused = api.send(json!({"email": "c@x.test"})).await;
    assert_eq!((fault(&refused), refused.header("retry-after")), ("429 RATE_LIMIT_EXCEEDED".to_owned(), "2"));
    api.app.later(Duration::from_secs(2));
    assert_eq!(api.send(json!({"email": "c@x.test"})).await.status, 200);
}

#[tokio::test]
async fn failures_may_be_answered_with_200() {
    let api = MailPass::with("[mailpass]\nerrors_as_200 = true\nrate_per_minute = 1").await;
    let (session, _) = api.begun().await;
    api.app.later(Duration::from_mins(1));
    let wrong = api.verify(&session, "x").await;
    assert_snapshot!(wrong, @r#"200 {"success":false,"error":{"code":"INVALID_CODE","message":"The verification code is invalid or expired."}}"#);
    let over = api.verify(&session, "x").await;
    assert_eq!((fault(&over), over.header("retry-after")), ("200 RATE_LIMIT_EXCEEDED".to_owned(), "60"));
    assert_eq!(fault(&look(&api, "wrong").await), "200 UNAUTHORIZED");
    assert_eq!(fault(&api.bearing(&api.key, "GET", "/api/v1/nothing", "").await), "200 NOT_FOUND");
    assert_eq!(
        api.app.engagelab("GET", "/v1/nothing", Value::Null).await.status,
        404,
        "other dialects are not touched"
    );
}
