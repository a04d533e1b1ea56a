//! `GET /otp/logs`.

use std::time::Duration;

use serde_json::{Value, json};

use super::stage::{APPID, CALLER, PHONE, Stage, is, refusal};
use crate::harness::other_than;

async fn logs(stage: &Stage, query: &str) -> Vec<Value> {
    let answer = stage.get(&format!("/otp/logs?{query}")).await;
    assert_eq!(answer.status, 200, "{answer}");
    let data = answer.json()["data"].clone();
    let logs = data["logs"].as_array().unwrap().clone();
    assert_eq!(data["total"], logs.len());
    logs
}

async fn events(stage: &Stage, query: &str) -> Vec<String> {
    logs(stage, query).await.iter().map(|log| log["event"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_life_of_an_otp_is_told_newest_first() {
    let stage = Stage::new().await;
    let id = stage.sent(PHONE).await;
    stage.verify(&id, &other_than(&stage.code())).await;
    stage.later(Duration::from_secs(30));
    stage.resend(&id).await;
    stage.delivered().await;
    stage.verify(&id, &stage.code()).await;
    let all = events(&stage, &format!("verification_id={id}")).await;
    assert_eq!(all, ["verified", "delivered", "resent", "verify_failed", "sent"]);

    let mut first = logs(&stage, "event=sent").await.remove(0);
    assert!(first["id"].take().is_i64());
    assert_eq!(
        first,
        json!({
            "id": null, "verification_id": id, "appid": APPID, "recipient": PHONE, "channel": "sms", "event": "sent",
            "detail": null, "ip_address": CALLER, "created_at": "2026-11-21T00:00:00Z",
        })
    );
    for event in ["verified", "verify_failed", "resent"] {
        assert_eq!(logs(&stage, &format!("event={event}")).await[0]["ip_address"], CALLER, "{event}");
    }
    assert_eq!(logs(&stage, "event=delivered").await[0]["ip_address"], Value::Null);
}

#[tokio::test]
async fn failures_say_why_and_the_last_wrong_code_locks() {
    let stage = Stage::with("airtexts.max_attempts = 2").await;
    let id = stage.sent(PHONE).await;
    let wrong = other_than(&stage.code());
    for _ in 0..3 {
        stage.verify(&id, &wrong).await;
    }
    assert_eq!(events(&stage, "").await, ["locked", "verify_failed", "sent"]);
    stage.sent("+258845888195").await;
    stage.failed().await;
    let failed = logs(&stage, "event=delivery_failed").await.remove(0);
    assert_eq!((&failed["detail"], &failed["recipient"]), (&json!("absent"), &json!("+258845888195")));
}

#[tokio::test]
async fn the_end_of_a_code_that_nobody_sent_back_is_told() {
    let stage = Stage::new().await;
    let id = stage.sent(PHONE).await;
    assert_eq!(events(&stage, "event=expired").await, Vec::<String>::new());
    stage.later(Duration::from_mins(10));
    let expired = logs(&stage, "event=expired").await;
    assert_eq!((expired.len(), &expired[0]["verification_id"]), (1, &json!(id)));
    assert_eq!(expired[0]["created_at"], "2026-11-21T00:10:00Z");
}

#[tokio::test]
async fn logs_can_be_narrowed() {
    let stage = Stage::new().await;
    stage.sent(PHONE).await;
    stage.later(Duration::from_hours(24));
    let other = json!({"appid": APPID, "recipient": "+258845888195", "channel": "whatsapp"});
    let id = super::stage::id(&stage.send(&other).await);
    for (query, count) in [
        ("", 3),
        ("channel=whatsapp", 1),
        ("recipient=258845888195", 1),
        ("start_date=2026-11-22", 1),
        ("end_date=2026-11-21", 2),
        ("appid=your_app_id&event=sent", 2),
        ("event=rate_limited", 0),
        ("verification_id=otp_0000000000000000", 0),
        ("verification_id=%00", 0),
        (&format!("verification_id={id}"), 1),
    ] {
        assert_eq!(logs(&stage, query).await.len(), count, "{query}");
    }
    assert_eq!(refusal(&stage.get("/otp/logs?event=sneezed").await), is(400, "MISSING_PARAMETER"));
    let other = stage.key_for(&["myapp_123"]).await;
    let answer = stage.call_as(&other, "GET", "/otp/logs", "").await;
    assert_eq!(answer.json()["data"], json!({"total": 0, "limit": 50, "offset": 0, "logs": []}));
}
