//! `POST /otp/send`.

use std::time::Duration;

use serde_json::{Value, json};
use verifyd::core::channel::Channel;

use super::stage::{APPID, PHONE, Stage, id, is, refusal};

#[tokio::test]
async fn the_published_example_is_answered_in_full() {
    let stage = Stage::new().await;
    let example = json!({"appid": "your_app_id", "recipient": "+5511999888777", "channel": "sms", "from": "YourApp"});
    let answer = stage.send(&example).await;
    let id = id(&answer);
    let digits = id.strip_prefix("otp_").unwrap();
    assert!(digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)));
    assert_eq!(
        answer.json(),
        json!({
            "success": true, "message": "OTP sent successfully", "verification_id": id, "status": "pending",
            "expires_at": "2026-11-21T00:10:00Z",
            "data": {
                "verification_id": id, "appid": "your_app_id", "recipient": "+5511999888777", "channel": "sms",
                "from": "YourApp", "status": "pending", "delivery_status": "sent", "otp_length": 6, "expires_in": 600,
                "expires_at": "2026-11-21T00:10:00Z", "created_at": "2026-11-21T00:00:00Z", "attempts": 0,
                "max_attempts": 5, "resend_count": 0,
            },
        })
    );
    assert_eq!(stage.code().len(), 6);
    assert!(!answer.text.contains(&stage.code()), "the code is told to the recipient only");
}

#[tokio::test]
async fn a_form_is_taken_like_json() {
    let stage = Stage::new().await;
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let key = [("x-api-key", stage.key.dev_key.as_str()), ("x-api-secret", stage.key.dev_secret.as_str()), kind];
    let body = "appid=your_app_id&recipient=%2B5511999888777&otp_length=8&channel=whatsapp";
    let answer = stage.exchange("POST", "/otp/send", &key, body).await;
    let data = &answer.json()["data"];
    assert_eq!((&data["otp_length"], &data["channel"]), (&json!(8), &json!("whatsapp")));
    assert_eq!(stage.main.given()[0].channel, Channel::Whatsapp);
    let body = format!("appid=your_app_id&verification_id={}&otp_code=1", id(&answer));
    assert_eq!(refusal(&stage.exchange("POST", "/otp/verify", &key, &body).await), is(400, "INVALID_OTP"));
}

#[tokio::test]
async fn a_number_may_be_written_in_many_ways() {
    let stage = Stage::with("airtexts.resend_interval = '0s'\nairtexts.recipient_per_hour = 0").await;
    for phone in ["5511999888777", "+55 (11) 99988-8777", "[55] 11 99988 8777"] {
        let answer = stage.send(&json!({"appid": APPID, "recipient": phone})).await;
        assert_eq!(answer.json()["data"]["recipient"], PHONE, "{phone}");
    }
    let number = stage.send(&json!({"appid": APPID, "recipient": 5_511_999_888_777_u64})).await;
    assert_eq!(number.json()["data"]["recipient"], PHONE);
    for phone in ["5511", "0551199988877", "+55 11 99988 877x", "jane@example.com", "5511999888777123"] {
        let answer = stage.send(&json!({"appid": APPID, "recipient": phone})).await;
        assert_eq!(refusal(&answer), is(400, "INVALID_PHONE"), "{phone}");
    }
}

#[tokio::test]
async fn a_code_has_four_to_eight_digits() {
    let stage = Stage::with("airtexts.resend_interval = '0s'\nairtexts.recipient_per_hour = 0").await;
    for (length, digits) in [(json!(4), 4), (json!("8"), 8), (Value::Null, 6), (json!(""), 6)] {
        let answer = stage.send(&json!({"appid": APPID, "recipient": PHONE, "otp_length": length})).await;
        assert_eq!(answer.json()["data"]["otp_length"], digits, "{length}");
    }
    for length in [json!(9), json!(3), json!(0), json!(-6), json!(6.5), json!("six"), json!([6])] {
        let answer = stage.send(&json!({"appid": APPID, "recipient": PHONE, "otp_length": length})).await;
        assert_eq!(refusal(&answer), is(400, "INVALID_OTP_LENGTH"), "{length}");
    }
}

#[tokio::test]
async fn a_new_send_ends_the_older_otp() {
    let stage = Stage::new().await;
    let old = stage.sent(PHONE).await;
    let code = stage.code();
    stage.later(Duration::from_secs(30));
    let new = stage.sent(PHONE).await;
    assert_ne!(old, new);
    assert_eq!(stage.status(&old).await["status"], "expired");
    assert_eq!(refusal(&stage.verify(&old, &code).await), is(400, "OTP_EXPIRED"));
    assert_eq!(stage.verify(&new, &stage.code()).await.status, 200);
}

#[tokio::test]
async fn otps_of_two_appids_live_side_by_side() {
    let stage = Stage::new().await;
    let both = stage.key_for(&[APPID, "myapp_123"]).await;
    let here = stage.sent(PHONE).await;
    let code = stage.code();
    let there = json!({"appid": "myapp_123", "recipient": PHONE}).to_string();
    id(&stage.call_as(&both, "POST", "/otp/send", &there).await);
    assert_eq!(stage.verify(&here, &code).await.status, 200);
}

#[tokio::test]
async fn fields_that_nobody_knows_do_not_matter_and_missing_ones_are_named() {
    let stage = Stage::new().await;
    let more = json!({"appid": APPID, "recipient": PHONE, "webhook_url": "http://127.0.0.1:1/", "more": {"x": 1}});
    assert_eq!(stage.send(&more).await.status, 200);
    for (body, name) in [(json!({}), "appid"), (json!({"appid": " "}), "appid"), (json!({"appid": APPID}), "recipient")]
    {
        let answer = stage.send(&body).await;
        assert_eq!(refusal(&answer), is(400, "MISSING_PARAMETER"));
        assert_eq!(answer.json()["error"], format!("Missing required parameter: {name}"));
    }
}
