//! `GET /otp/attempts`.

use std::time::Duration;

use serde_json::json;

use super::stage::{CALLER, PHONE, Stage};
use crate::harness::other_than;

#[tokio::test]
async fn the_codes_that_came_back_are_counted_newest_first() {
    let stage = Stage::new().await;
    let id = stage.sent(PHONE).await;
    let code = stage.code();
    stage.verify(&id, &other_than(&code)).await;
    stage.later(Duration::from_mins(1));
    stage.verify(&id, &code).await;
    let answer = stage.get(&format!("/otp/attempts?verification_id={id}")).await;
    let items = json!([
        {"attempt": 2, "result": "verified", "ip_address": CALLER, "created_at": "2026-11-21T00:01:00Z"},
        {"attempt": 1, "result": "invalid", "ip_address": CALLER, "created_at": "2026-11-21T00:00:00Z"},
    ]);
    assert_eq!(
        answer.json(),
        json!({
            "success": true, "verification_id": id, "status": "verified", "attempts_remaining": 3,
            "data": {
                "verification_id": id, "status": "verified", "attempts": 2, "max_attempts": 5, "attempts_remaining": 3,
                "total": 2, "limit": 50, "offset": 0, "items": items,
            },
        })
    );
    assert!(!answer.text.contains(&code));
}

#[tokio::test]
async fn the_last_wrong_code_locks_and_later_ones_are_not_compared() {
    let stage = Stage::with("airtexts.max_attempts = 2").await;
    let id = stage.sent(PHONE).await;
    let wrong = other_than(&stage.code());
    for _ in 0..4 {
        stage.verify(&id, &wrong).await;
    }
    let data = stage.get("/otp/attempts?appid=your_app_id&recipient=5511999888777").await.json()["data"].clone();
    let results: Vec<_> = data["items"].as_array().unwrap().iter().map(|item| item["result"].clone()).collect();
    assert_eq!((results, &data["attempts_remaining"]), (vec![json!("locked"), json!("invalid")], &json!(0)));
    let second = stage.get(&format!("/otp/attempts?verification_id={id}&limit=1&offset=1")).await.json();
    assert_eq!(second["data"]["items"][0]["attempt"], 1);
}

#[tokio::test]
async fn codes_count_on_over_a_resend() {
    let stage = Stage::new().await;
    let id = stage.sent(PHONE).await;
    stage.verify(&id, &other_than(&stage.code())).await;
    stage.later(Duration::from_secs(30));
    stage.resend(&id).await;
    stage.verify(&id, &other_than(&stage.code())).await;
    let data = stage.get(&format!("/otp/attempts?verification_id={id}")).await.json()["data"].clone();
    let numbers: Vec<_> = data["items"].as_array().unwrap().iter().map(|item| item["attempt"].clone()).collect();
    assert_eq!((numbers, &data["attempts"]), (vec![json!(2), json!(1)], &json!(2)));
    let late = stage.get(&format!("/otp/attempts?verification_id={id}&start_date=2026-11-21T00:00:30Z")).await.json();
    assert_eq!((&late["data"]["total"], &late["data"]["items"][0]["attempt"]), (&json!(1), &json!(2)));
}
