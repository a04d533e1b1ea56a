//! `GET /otp/status`, by query and by path.

use std::time::Duration;

use serde_json::json;
use verifyd::channel::Refusal;

use super::stage::{APPID, PHONE, Stage, is, refusal};
use crate::{fallback::stage::Says, harness::other_than};

#[tokio::test]
async fn an_otp_is_shown_in_full_and_without_its_code() {
    let stage = Stage::new().await;
    let id = stage.sent(PHONE).await;
    let code = stage.code();
    stage.verify(&id, &other_than(&code)).await;
    stage.later(Duration::from_mins(1));
    let answer = stage.get(&format!("/otp/status?verification_id={id}")).await;
    assert_eq!(
        answer.json(),
        json!({
            "success": true, "verification_id": id, "status": "pending", "expires_at": "2026-11-21T00:10:00Z",
            "data": {
                "verification_id": id, "appid": APPID, "recipient": PHONE, "channel": "sms", "from": "OTP",
                "status": "pending", "delivery_status": "sent", "otp_length": 6, "expires_in": 540,
                "expires_at": "2026-11-21T00:10:00Z", "created_at": "2026-11-21T00:00:00Z", "attempts": 1,
                "max_attempts": 5, "resend_count": 0, "attempts_remaining": 4, "verified_at": null,
            },
        })
    );
    assert!(!answer.text.contains(&code));
    let by_path = stage.get(&format!("/otp/status/{id}")).await;
    let newest = stage.get("/otp/status?appid=your_app_id&recipient=5511999888777").await;
    assert_eq!((by_path.text, newest.text), (answer.text.clone(), answer.text));
    stage.verify(&id, &code).await;
    assert_eq!(stage.status(&id).await["verified_at"], "2026-11-21T00:01:00Z");
}

#[tokio::test]
async fn the_status_follows_what_becomes_of_the_message_and_of_the_code() {
    let stage = Stage::with("airtexts.resend_interval = '0s'").await;
    let words = async |id: &str| {
        let data = stage.status(id).await;
        [data["status"].as_str().unwrap().to_owned(), data["delivery_status"].as_str().unwrap().to_owned()]
    };
    let id = stage.sent(PHONE).await;
    assert_eq!(words(&id).await, ["pending", "sent"]);
    stage.delivered().await;
    assert_eq!(words(&id).await, ["pending", "delivered"]);
    stage.verify(&id, &stage.code()).await;
    assert_eq!(words(&id).await, ["verified", "delivered"]);

    let failed = stage.sent("+258845888195").await;
    stage.failed().await;
    assert_eq!(words(&failed).await, ["failed", "failed"]);

    let expired = stage.sent("+258845888196").await;
    stage.later(Duration::from_mins(10));
    assert_eq!(words(&expired).await, ["expired", "sent"]);
}

#[tokio::test]
async fn the_newest_otp_of_a_recipient_is_found_until_a_day_after_its_end_whatever_that_was() {
    let stage = Stage::new().await;
    let [verified, failed, expired] = ["5511999888777", "5511999888778", "5511999888779"];
    let used = stage.sent(verified).await;
    stage.verify(&used, &stage.code()).await;
    let mut newest = vec![(verified, used)];
    newest.push((failed, stage.sent(failed).await));
    stage.failed().await;
    newest.push((expired, stage.sent(expired).await));
    let path = |whose: &str| format!("/otp/status?appid={APPID}&recipient={whose}");
    let found = async |newest: &[(&str, String)], name: &str| {
        for (whose, id) in newest {
            let answer = stage.get(&path(whose)).await;
            assert_eq!(answer.json()["data"]["verification_id"], json!(id), "{name}, of {whose}: {answer}");
        }
    };
    found(&newest, "at once").await;
    stage.later(Duration::from_mins(10));
    stage.app.sweep().await;
    found(&newest, "after the code's time").await;
    stage.later(Duration::from_mins(23 * 60 + 49));
    stage.app.sweep().await;
    found(&newest, "a day after it was sent").await;

    let again = stage.sent(failed).await;
    found(&[(failed, again)], "sent anew").await;
    stage.later(Duration::from_mins(11));
    stage.app.sweep().await;
    for whose in [verified, expired] {
        assert_eq!(refusal(&stage.get(&path(whose)).await), is(404, "OTP_NOT_FOUND"), "of {whose}");
    }
}

#[tokio::test]
async fn a_refused_message_leaves_no_otp_behind() {
    let stage = Stage::new().await;
    stage.provider_will(Says::Refused(Refusal::Unreachable));
    let answer = stage.send(&json!({"appid": APPID, "recipient": PHONE})).await;
    let words = json!({"success": false, "error": "Message could not be delivered", "code": "DELIVERY_FAILED"});
    assert_eq!((answer.status.as_u16(), answer.json()), (502, words));
    let newest = stage.get("/otp/status?appid=your_app_id&recipient=5511999888777").await;
    assert_eq!(refusal(&newest), is(404, "OTP_NOT_FOUND"));
    assert_eq!(stage.get("/otp/list").await.json()["data"]["total"], 0);
}

#[tokio::test]
async fn an_otp_of_others_is_not_there() {
    let stage = Stage::new().await;
    let id = stage.sent(PHONE).await;
    let other = stage.key_for(&["myapp_123"]).await;
    for path in [
        format!("/otp/status/{id}"),
        format!("/otp/status?verification_id={id}"),
        format!("/otp/attempts?verification_id={id}"),
    ] {
        let answer = stage.call_as(&other, "GET", &path, "").await;
        assert_eq!(refusal(&answer), is(404, "OTP_NOT_FOUND"), "{path}");
    }
    for (query, missing) in
        [("", "verification_id"), ("?recipient=5511999888777", "appid"), ("?appid=your_app_id", "verification_id")]
    {
        let answer = stage.get(&format!("/otp/status{query}")).await;
        assert_eq!(answer.json()["error"], format!("Missing required parameter: {missing}"));
    }
}
