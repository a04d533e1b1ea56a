//! `POST /otp/resend`.

use std::time::Duration;

use serde_json::json;
use verifyd::core::channel::Channel;

use super::stage::{APPID, PHONE, Stage, is, refusal};
use crate::harness::other_than;

const GAP: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_resend_brings_a_new_code_under_the_same_id() {
    let stage = Stage::new().await;
    let id = stage.sent(PHONE).await;
    let old = stage.code();
    stage.verify(&id, &other_than(&old)).await;
    stage.later(GAP);
    let answer = stage.resend(&id).await;
    let body = answer.json();
    assert_eq!((&body["message"], &body["verification_id"]), (&json!("OTP resent successfully"), &json!(id)));
    let data = &body["data"];
    assert_eq!((&data["resend_count"], &data["attempts"]), (&json!(1), &json!(1)), "wrong codes count on");
    assert_eq!(data["expires_at"], "2026-11-21T00:10:30Z", "the time starts anew");
    assert_eq!(data["created_at"], "2026-11-21T00:00:00Z");
    if old != stage.code() {
        assert_eq!(refusal(&stage.verify(&id, &old).await), is(400, "INVALID_OTP"));
    }
    assert_eq!(stage.verify(&id, &stage.code()).await.status, 200);
}

#[tokio::test]
async fn there_are_three_resends_half_a_minute_apart() {
    let stage = Stage::new().await;
    let id = stage.sent(PHONE).await;
    stage.later(Duration::from_secs(29));
    let early = stage.resend(&id).await;
    assert_eq!(refusal(&early), is(429, "RATE_LIMIT_EXCEEDED"));
    assert_eq!((early.header("retry-after"), &early.json()["retry_after"]), ("1", &json!(1)));
    stage.later(Duration::from_secs(1));
    for count in 1..=3 {
        assert_eq!(stage.resend(&id).await.json()["data"]["resend_count"], count);
        stage.later(GAP);
    }
    assert_eq!(refusal(&stage.resend(&id).await), is(429, "RATE_LIMIT_EXCEEDED"));
}

#[tokio::test]
async fn a_resend_may_change_the_channel_the_name_and_the_language() {
    let stage = Stage::new().await;
    let id = stage.sent(PHONE).await;
    stage.later(GAP);
    let change = json!({"appid": APPID, "verification_id": id, "channel": "whatsapp", "sender": "Other", "lang": "pt"});
    let answer = stage.post("/otp/resend", &change).await;
    let data = &answer.json()["data"];
    assert_eq!((&data["channel"], &data["from"]), (&json!("whatsapp"), &json!("Other")));
    assert_eq!(stage.main.given().pop().unwrap().channel, Channel::Whatsapp);
    assert_eq!(stage.status(&id).await["from"], "Other");
}

#[tokio::test]
async fn an_expired_otp_is_sent_again_for_a_day_and_a_verified_one_never() {
    let stage = Stage::new().await;
    let id = stage.sent(PHONE).await;
    stage.later(Duration::from_mins(10) + Duration::from_hours(23));
    assert_eq!(stage.resend(&id).await.status, 200);
    assert_eq!(stage.verify(&id, &stage.code()).await.status, 200);
    stage.later(GAP);
    assert_eq!(refusal(&stage.resend(&id).await), is(400, "OTP_ALREADY_VERIFIED"));

    let old = stage.sent(PHONE).await;
    stage.later(Duration::from_mins(10) + Duration::from_hours(24));
    let answer = stage.resend(&old).await;
    assert_eq!(answer.status.as_u16() / 100, 4, "{answer}");
}

#[tokio::test]
async fn an_otp_that_a_newer_one_ended_is_sent_again_and_ends_that_one() {
    let stage = Stage::new().await;
    let first = stage.sent(PHONE).await;
    stage.verify(&first, &other_than(&stage.code())).await;
    stage.later(GAP);
    let second = stage.sent(PHONE).await;
    let code_of_second = stage.code();
    stage.later(GAP);
    let again = stage.resend(&first).await.json();
    assert_eq!((&again["verification_id"], &again["data"]["attempts"]), (&json!(first), &json!(1)), "{again}");
    assert_eq!(refusal(&stage.verify(&second, &code_of_second).await), is(400, "OTP_EXPIRED"));
    let by_recipient = json!({"appid": APPID, "recipient": PHONE, "otp_code": stage.code()});
    assert_eq!(stage.post("/otp/verify", &by_recipient).await.json()["verification_id"], json!(first));
}

#[tokio::test]
async fn without_an_id_the_newest_otp_of_the_recipient_is_sent_again() {
    let stage = Stage::new().await;
    let id = stage.sent(PHONE).await;
    stage.later(GAP);
    let answer = stage.post("/otp/resend", &json!({"appid": APPID, "phone": PHONE})).await;
    assert_eq!(answer.json()["verification_id"], json!(id));
    let unknown = stage.post("/otp/resend", &json!({"appid": APPID, "phone": "+258845888195"})).await;
    assert_eq!(refusal(&unknown), is(404, "OTP_NOT_FOUND"));
}
