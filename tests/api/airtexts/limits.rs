//! How often: `GET /otp/rate-limits`, and the calls that are refused (spec 2.5).

use std::time::Duration;

use serde_json::json;

use super::stage::{APPID, PHONE, Stage, is, refusal};

#[tokio::test]
async fn the_hundred_and_first_call_in_a_minute_is_refused() {
    let stage = Stage::new().await;
    for _ in 0..100 {
        assert_eq!(stage.get("/otp/list").await.status, 200);
    }
    stage.later(Duration::from_secs(15));
    let over = stage.get("/otp/list").await;
    let words =
        json!({"success": false, "error": "Rate limit exceeded", "code": "RATE_LIMIT_EXCEEDED", "retry_after": 45});
    assert_eq!((over.status.as_u16(), over.header("retry-after"), over.json()), (429, "45", words));
    let other = stage.key_for(&[APPID]).await;
    assert_eq!(stage.call_as(&other, "GET", "/otp/list", "").await.status, 200, "another key has its own rate");
    stage.later(Duration::from_secs(45));
    assert_eq!(stage.get("/otp/list").await.status, 200);
}

#[tokio::test]
async fn a_recipient_is_sent_to_five_times_an_hour_and_not_twice_in_half_a_minute() {
    let stage = Stage::new().await;
    let send = json!({"appid": APPID, "recipient": PHONE});
    stage.sent(PHONE).await;
    let early = stage.send(&send).await;
    assert_eq!((refusal(&early), early.header("retry-after")), (is(429, "RATE_LIMIT_EXCEEDED"), "30"));
    for _ in 0..4 {
        stage.later(Duration::from_secs(30)); // the refused one was none of this hour's
        stage.sent(PHONE).await;
    }
    stage.later(Duration::from_secs(30));
    let over = stage.send(&send).await;
    assert_eq!((refusal(&over), over.header("retry-after")), (is(429, "RATE_LIMIT_EXCEEDED"), "3450"));
    assert_eq!(stage.send(&json!({"appid": APPID, "recipient": "+258845888195"})).await.status, 200);
    stage.later(Duration::from_mins(58));
    stage.sent(PHONE).await;
}

#[tokio::test]
async fn caps_of_the_application_are_told_in_the_words_of_this_api() {
    let stage = Stage::with("[limits]\napp_per_day = 1\ncountries = { BR = 0 }").await;
    let closed = stage.send(&json!({"appid": APPID, "recipient": "+258845888195"})).await;
    assert_eq!(refusal(&closed), is(502, "DELIVERY_FAILED"));
    stage.sent(PHONE).await;
    stage.later(Duration::from_hours(1));
    let over = stage.send(&json!({"appid": APPID, "recipient": "+5511999888666"})).await;
    let told = (refusal(&over), over.header("retry-after"));
    assert_eq!(told, (is(429, "RATE_LIMIT_EXCEEDED"), (23 * 3600).to_string().as_str()));
}

#[tokio::test]
async fn the_rates_are_shown() {
    let stage = Stage::new().await;
    let answer = stage.get("/otp/rate-limits").await;
    assert_eq!(
        answer.json(),
        json!({"success": true, "data": {"blocked": false, "retry_after": 0, "limits": [
            {"scope": "account", "limit": 100, "window_seconds": 60, "used": 1, "remaining": 99, "reset_at": "2026-11-21T00:01:00Z"},
        ]}})
    );
    stage.sent(PHONE).await;
    stage.later(Duration::from_secs(10));
    let answer = stage.get("/otp/rate-limits?appid=your_app_id&recipient=5511999888777").await;
    assert_eq!(
        answer.json()["data"],
        json!({"blocked": true, "retry_after": 20, "limits": [
            {"scope": "account", "limit": 100, "window_seconds": 60, "used": 3, "remaining": 97, "reset_at": "2026-11-21T00:01:00Z"},
            {"scope": "recipient", "limit": 5, "window_seconds": 3600, "used": 1, "remaining": 4, "reset_at": "2026-11-21T01:00:00Z"},
            {"scope": "resend", "limit": 1, "window_seconds": 30, "used": 1, "remaining": 0, "reset_at": "2026-11-21T00:00:30Z"},
        ]})
    );
    let nobody = stage.get("/otp/rate-limits?recipient=5511999888777").await;
    assert_eq!(nobody.json()["error"], "Missing required parameter: appid");
}

#[tokio::test]
async fn no_rate_is_a_rate_of_zero() {
    let none = "airtexts.rate_per_minute = 0\nairtexts.recipient_per_hour = 0\nairtexts.resend_interval = '0s'";
    let stage = Stage::with(none).await;
    for _ in 0..7 {
        stage.sent(PHONE).await;
    }
    let answer = stage.get("/otp/rate-limits?appid=your_app_id&recipient=5511999888777").await;
    assert_eq!(answer.json()["data"], json!({"blocked": false, "retry_after": 0, "limits": []}));
}
