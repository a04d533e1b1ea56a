//! `POST /otp/verify`.

use std::time::Duration;

use serde_json::json;

use super::stage::{APPID, PHONE, Stage, is, refusal};
use crate::harness::other_than;

#[tokio::test]
async fn the_right_code_is_accepted_once() {
    let stage = Stage::new().await;
    let id = stage.sent(PHONE).await;
    stage.later(Duration::from_secs(90));
    let body = json!({"appid": APPID, "recipient": PHONE, "otp_code": stage.code(), "verification_id": id});
    let answer = stage.post("/otp/verify", &body).await;
    assert_eq!(
        answer.json(),
        json!({
            "success": true, "message": "OTP verified successfully", "verified": true, "verification_id": id,
            "status": "verified",
            "data": {
                "verified": true, "verification_id": id, "recipient": PHONE, "status": "verified", "attempts": 1,
                "verified_at": "2026-11-21T00:01:30Z",
            },
        })
    );
    let again = stage.post("/otp/verify", &body).await;
    let words = json!({"success": false, "error": "OTP has already been verified", "code": "OTP_ALREADY_VERIFIED", "verified": false});
    assert_eq!((again.status.as_u16(), again.json()), (400, words));
}

#[tokio::test]
async fn five_wrong_codes_end_an_otp() {
    let stage = Stage::new().await;
    let id = stage.sent(PHONE).await;
    let (right, wrong) = (stage.code(), other_than(&stage.code()));
    let first = stage.verify(&id, &wrong).await;
    assert_eq!(
        first.json(),
        json!({
            "success": false, "error": "Invalid OTP code", "code": "INVALID_OTP", "verified": false, "attempts_remaining": 4,
            "data": {
                "verified": false, "verification_id": id, "status": "pending", "attempts": 1, "max_attempts": 5,
                "attempts_remaining": 4,
            },
        })
    );
    for left in [3, 2, 1, 0] {
        let answer = stage.verify(&id, &wrong).await;
        assert_eq!((refusal(&answer), &answer.json()["attempts_remaining"]), (is(400, "INVALID_OTP"), &json!(left)));
    }
    let over = stage.verify(&id, &right).await;
    assert_eq!(refusal(&over), is(400, "MAX_ATTEMPTS_EXCEEDED"));
    assert_eq!((&over.json()["verified"], &over.json()["attempts_remaining"]), (&json!(false), &json!(0)));
    assert_eq!(stage.status(&id).await["status"], "failed");
}

#[tokio::test]
async fn a_code_is_dead_after_its_time() {
    let stage = Stage::new().await;
    let id = stage.sent(PHONE).await;
    stage.later(Duration::from_mins(10));
    let answer = stage.verify(&id, &stage.code()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()),
        (400, json!({"success": false, "error": "OTP has expired", "code": "OTP_EXPIRED", "verified": false}))
    );
}

#[tokio::test]
async fn without_an_id_the_newest_otp_of_the_recipient_is_meant() {
    let stage = Stage::new().await;
    let id = stage.sent(PHONE).await;
    let body = |code: &str| json!({"appid": APPID, "recipient": PHONE, "otp_code": code});
    let answer = stage.post("/otp/verify", &body(&stage.code())).await;
    assert_eq!(answer.json()["verification_id"], json!(id));
    let unknown = json!({"appid": APPID, "recipient": "+258845888195", "otp_code": "123456"});
    assert_eq!(refusal(&stage.post("/otp/verify", &unknown).await), is(404, "OTP_NOT_FOUND"));
    let nobody = stage.post("/otp/verify", &json!({"appid": APPID, "otp_code": "123456"})).await;
    assert_eq!(nobody.json()["error"], "Missing required parameter: verification_id");
}

#[tokio::test]
async fn what_is_over_is_guessed_at_in_vain_once() {
    let stage = Stage::new().await;
    let id = stage.sent(PHONE).await;
    let (by_recipient, by_id) = (json!({"recipient": PHONE}), json!({"verification_id": id}));
    // The node guesses at the code that it sent and looks up nothing; once that was right, it looks up which one counts.
    for (name, which) in [("right", &by_id), ("used", &by_id), ("by its recipient", &by_recipient)] {
        let mut body = json!({"appid": APPID, "otp_code": stage.code()});
        body.as_object_mut().unwrap().extend(which.as_object().unwrap().clone());
        let before = stage.app.metric("verifyd_flush_jobs_count");
        stage.post("/otp/verify", &body).await;
        assert_eq!(stage.app.metric("verifyd_flush_jobs_count") - before, 1, "{name}");
    }
}

#[tokio::test]
async fn a_recipient_that_is_given_must_be_that_of_the_otp() {
    let stage = Stage::new().await;
    let id = stage.sent(PHONE).await;
    let body = json!({"appid": APPID, "recipient": "+258845888195", "otp_code": stage.code(), "verification_id": id});
    assert_eq!(refusal(&stage.post("/otp/verify", &body).await), is(404, "OTP_NOT_FOUND"));
    assert_eq!(stage.status(&id).await["attempts"], 0, "nothing was compared");
}

#[tokio::test]
async fn a_code_may_come_as_a_number() {
    let stage = Stage::with("airtexts.resend_interval = '0s'\nairtexts.recipient_per_hour = 0").await;
    // Until one begins with a zero, which a number loses.
    let (mut id, mut found) = (stage.sent(PHONE).await, false);
    for number in 0..200 {
        found = stage.code().starts_with('0');
        if found {
            break;
        }
        id = stage.sent(&format!("+551199{:07}", 9_000_000 + number)).await;
    }
    assert!(found, "none of 200 codes begins with a zero");
    let code: u32 = stage.code().parse().unwrap();
    let body = json!({"appid": APPID, "verification_id": id, "otp_code": code});
    assert_eq!(stage.post("/otp/verify", &body).await.status, 200);
}

#[tokio::test]
async fn nobody_verifies_for_another_appid_or_application() {
    let stage = Stage::new().await;
    let id = stage.sent(PHONE).await;
    let other = stage.key_for(&["myapp_123"]).await;
    let body = |appid: &str| json!({"appid": appid, "verification_id": id, "otp_code": stage.code()}).to_string();
    let answer = stage.call_as(&other, "POST", "/otp/verify", &body("myapp_123")).await;
    assert_eq!(refusal(&answer), is(404, "OTP_NOT_FOUND"));
    let answer = stage.call_as(&other, "POST", "/otp/verify", &body(APPID)).await;
    assert_eq!(refusal(&answer), is(403, "INVALID_APPID"));
    let changed = other_than(&id);
    for unknown in ["otp_0000000000000000", &changed, "otp_x", "1", "otp_67890ABCDEF12345", "otp_\u{0}"] {
        assert_eq!(refusal(&stage.verify(unknown, &stage.code()).await), is(404, "OTP_NOT_FOUND"), "{unknown:?}");
    }
    assert_eq!(stage.verify(&id, &stage.code()).await.status, 200);
}
