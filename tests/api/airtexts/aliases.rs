//! Other names of one field give the same answer; where two are given, the first one counts (spec 2.2).

use serde_json::{Value, json};

use super::stage::{APPID, PHONE, Stage, id, is, refusal};
use crate::harness::other_than;

#[tokio::test]
async fn every_alias_of_a_send_is_read() {
    let stage = Stage::with("airtexts.resend_interval = '0s'\nairtexts.recipient_per_hour = 0").await;
    let shown = |answer: &Value| {
        let data = &answer["data"];
        (data["appid"].clone(), data["recipient"].clone(), data["from"].clone())
    };
    let expected = (json!(APPID), json!(PHONE), json!("YourApp"));
    for body in [
        json!({"appid": APPID, "recipient": PHONE, "from": "YourApp"}),
        json!({"app_id": APPID, "phone": PHONE, "sender": "YourApp"}),
        json!({"appId": APPID, "to": PHONE, "sender_id": "YourApp"}),
        json!({"appid": APPID, "app_id": "other", "recipient": PHONE, "to": "1", "from": "YourApp", "sender": "Other"}),
        json!({"appid": "", "app_id": APPID, "recipient": null, "phone": PHONE, "from": "YourApp"}),
    ] {
        assert_eq!(shown(&stage.send(&body).await.json()), expected, "{body}");
    }
}

#[tokio::test]
async fn a_code_has_two_names() {
    let stage = Stage::new().await;
    let id = id(&stage.send(&json!({"appid": APPID, "to": PHONE})).await);
    let code = stage.code();
    let both = json!({"appid": APPID, "verification_id": id, "otp_code": other_than(&code), "code": code});
    assert_eq!(refusal(&stage.post("/otp/verify", &both).await), is(400, "INVALID_OTP"));
    let alias = json!({"app_id": APPID, "verification_id": id, "code": code, "phone": PHONE});
    assert_eq!(stage.post("/otp/verify", &alias).await.status, 200);
}

#[tokio::test]
async fn queries_know_the_same_names() {
    let stage = Stage::new().await;
    let id = stage.sent(PHONE).await;
    for query in [
        "appid=your_app_id&recipient=%2B5511999888777",
        "app_id=your_app_id&phone=5511999888777",
        "appId=your_app_id&to=5511999888777",
    ] {
        let answer = stage.get(&format!("/otp/status?{query}")).await;
        assert_eq!(answer.json()["verification_id"], json!(id), "{query}");
    }
}
