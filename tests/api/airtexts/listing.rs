//! `GET /otp/list`.

use std::time::Duration;

use serde_json::{Value, json};

use super::stage::{APPID, PHONE, Stage, is, refusal};

/// The ids of a list.
async fn listed(stage: &Stage, query: &str) -> Vec<String> {
    let answer = stage.get(&format!("/otp/list?{query}")).await;
    assert_eq!(answer.status, 200, "{answer}");
    let data = answer.json()["data"].clone();
    let otps = data["otps"].as_array().unwrap();
    assert_eq!(data["total"], otps.len(), "{query}");
    otps.iter().map(|otp| otp["verification_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn otps_are_listed_newest_first_as_their_status_shows_them() {
    let stage = Stage::new().await;
    let first = stage.sent(PHONE).await;
    stage.later(Duration::from_secs(30));
    let second = stage.sent(PHONE).await;
    let answer = stage.get("/otp/list").await;
    let otps = json!([stage.status(&second).await, stage.status(&first).await]);
    assert_eq!(answer.json(), json!({"success": true, "data": {"total": 2, "limit": 50, "offset": 0, "otps": otps}}));
}

#[tokio::test]
async fn a_list_can_be_narrowed() {
    let stage = Stage::with("airtexts.resend_interval = '0s'").await;
    let verified = stage.sent(PHONE).await;
    stage.verify(&verified, &stage.code()).await;
    let failed = stage.sent("+258845888195").await;
    stage.failed().await;
    let expired = stage.sent("+258845888196").await;
    stage.later(Duration::from_hours(24));
    let other = json!({"appid": APPID, "recipient": "+258845888197", "channel": "whatsapp"});
    let pending = super::stage::id(&stage.send(&other).await);
    for (query, ids) in [
        ("status=verified", vec![&verified]),
        ("status=failed", vec![&failed]),
        ("status=expired", vec![&expired]),
        ("status=pending", vec![&pending]),
        ("channel=whatsapp", vec![&pending]),
        ("channel=sms", vec![&expired, &failed, &verified]),
        ("phone=258845888195", vec![&failed]),
        ("appid=your_app_id&status=verified&channel=whatsapp", vec![]),
        ("start_date=2026-11-22", vec![&pending]),
        ("end_date=2026-11-21", vec![&expired, &failed, &verified]),
        ("start_date=2026-11-21T00:00:00Z&end_date=2026-11-21T23:59:59Z", vec![&expired, &failed, &verified]),
        ("start_date=0001-01-01&end_date=9999-12-31", vec![&pending, &expired, &failed, &verified]),
    ] {
        assert_eq!(listed(&stage, query).await.iter().collect::<Vec<_>>(), ids, "{query}");
    }
}

#[tokio::test]
async fn every_status_of_a_list_is_that_of_its_otp() {
    let stage = Stage::with("airtexts.resend_interval = '0s'").await;
    let id = stage.sent(PHONE).await;
    for _ in 0..5 {
        stage.verify(&id, "x").await;
    }
    stage.sent("+258845888195").await;
    stage.delivered().await;
    stage.later(Duration::from_mins(10));
    stage.sent("+258845888196").await;
    let mut seen = 0;
    for status in ["pending", "verified", "expired", "failed"] {
        let answer = stage.get(&format!("/otp/list?status={status}")).await;
        let otps = answer.json()["data"]["otps"].as_array().unwrap().clone();
        assert!(otps.iter().all(|otp: &Value| otp["status"] == status), "{answer}");
        seen += otps.len();
    }
    assert_eq!(seen, 3);
}

#[tokio::test]
async fn pages_follow_each_other() {
    let stage = Stage::new().await;
    let mut ids = vec![];
    for number in 0..5 {
        ids.insert(0, stage.sent(&format!("+25884588819{number}")).await);
    }
    let mut found = vec![];
    for offset in [0, 2, 4] {
        let data = stage.get(&format!("/otp/list?limit=2&offset={offset}")).await.json()["data"].clone();
        assert_eq!((&data["total"], &data["limit"], &data["offset"]), (&json!(5), &json!(2), &json!(offset)));
        let page = data["otps"].as_array().unwrap().iter();
        found.extend(page.map(|otp| otp["verification_id"].as_str().unwrap().to_owned()));
    }
    assert_eq!(found, ids);
    for (limit, used) in [("1000", 500), ("0", 1), ("500", 500)] {
        assert_eq!(stage.get(&format!("/otp/list?limit={limit}")).await.json()["data"]["limit"], used);
    }
}

#[tokio::test]
async fn a_key_sees_the_otps_of_its_own_appids_only() {
    let stage = Stage::new().await;
    let ours = stage.sent(PHONE).await;
    let both = stage.key_for(&[APPID, "myapp_123"]).await;
    let body = json!({"appid": "myapp_123", "recipient": PHONE}).to_string();
    let theirs = super::stage::id(&stage.call_as(&both, "POST", "/otp/send", &body).await);
    let any = stage.key_for(&["*"]).await;
    for (key, ids) in [(&stage.key, vec![&ours]), (&both, vec![&theirs, &ours]), (&any, vec![&theirs, &ours])] {
        let answer = stage.call_as(key, "GET", "/otp/list", "").await;
        let found: Vec<_> = answer.json()["data"]["otps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|otp| otp["verification_id"].clone())
            .collect();
        assert_eq!(found, ids.into_iter().map(|id| json!(id)).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_not_left_out() {
    let stage = Stage::new().await;
    for query in ["status=new", "start_date=yesterday", "end_date=2026-02-30", "limit=ten", "offset=-1"] {
        let answer = stage.get(&format!("/otp/list?{query}")).await;
        assert_eq!(refusal(&answer), is(400, "MISSING_PARAMETER"), "{query}");
        let name = query.split('=').next().unwrap();
        assert_eq!(answer.json()["error"], format!("Invalid parameter: {name}"));
    }
    assert_eq!(refusal(&stage.get("/otp/list?channel=voice").await), is(400, "INVALID_CHANNEL"));
    assert_eq!(refusal(&stage.get("/otp/list?recipient=1").await), is(400, "INVALID_PHONE"));
    assert_eq!(listed(&stage, "status=&limit=&channel=").await, Vec::<String>::new(), "what is empty is not given");
}
