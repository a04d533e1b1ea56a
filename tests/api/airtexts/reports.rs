//! `GET /otp/reports`, as JSON and as comma-separated values.

use std::time::Duration;

use serde_json::{Value, json};

use super::stage::{APPID, PHONE, Stage, is, refusal};
use crate::harness::other_than;

/// Two OTPs on the first day, of which one was verified after a wrong code and a resend, and one expired; one by WhatsApp that
/// failed on the second day, of another appid.
async fn two_days() -> Stage {
    let mut stage = Stage::with("airtexts.resend_interval = '0s'").await;
    stage.key = stage.key_for(&[APPID, "myapp_123"]).await;
    let id = stage.sent(PHONE).await;
    stage.delivered().await;
    stage.verify(&id, &other_than(&stage.code())).await;
    stage.resend(&id).await;
    stage.verify(&id, &stage.code()).await;
    stage.sent("+258845888195").await;
    stage.later(Duration::from_hours(24));
    stage.send(&json!({"appid": "myapp_123", "recipient": PHONE, "channel": "whatsapp"})).await;
    stage.failed().await;
    stage
}

fn first_day() -> Value {
    json!({"sent": 2, "resent": 1, "delivered": 1, "failed": 0, "verified": 1, "verify_failed": 1, "expired": 1, "conversion_rate": 0.5})
}

fn second_day() -> Value {
    json!({"sent": 1, "resent": 0, "delivered": 0, "failed": 1, "verified": 0, "verify_failed": 0, "expired": 0, "conversion_rate": 0.0})
}

fn named(name: &str, value: &str, mut totals: Value) -> Value {
    totals[name] = json!(value);
    totals
}

#[tokio::test]
async fn usage_is_added_up_by_day() {
    let stage = two_days().await;
    let report = stage.get("/otp/reports?start_date=2026-11-21&end_date=2026-11-22").await.json();
    let totals = json!({"sent": 3, "resent": 1, "delivered": 1, "failed": 1, "verified": 1, "verify_failed": 1, "expired": 1, "conversion_rate": 0.3333});
    assert_eq!(
        report,
        json!({"success": true, "data": {
            "period": {"start_date": "2026-11-21", "end_date": "2026-11-22"}, "totals": totals,
            "by_channel": {"sms": first_day(), "whatsapp": second_day()},
            "series": [named("date", "2026-11-21", first_day()), named("date", "2026-11-22", second_day())],
        }})
    );
}

#[tokio::test]
async fn usage_is_added_up_by_channel_and_by_appid() {
    let stage = two_days().await;
    let by_channel = stage.get("/otp/reports?group_by=channel").await.json()["data"]["series"].clone();
    assert_eq!(by_channel, json!([named("channel", "sms", first_day()), named("channel", "whatsapp", second_day())]));
    let by_appid = stage.get("/otp/reports?group_by=appid").await.json()["data"]["series"].clone();
    assert_eq!(by_appid, json!([named("appid", "myapp_123", second_day()), named("appid", APPID, first_day())]));
    let one = stage.get("/otp/reports?group_by=appid&appid=myapp_123").await.json()["data"]["series"].clone();
    assert_eq!(one, json!([named("appid", "myapp_123", second_day())]));
    let nobody = stage.get("/otp/reports?group_by=appid&recipient=258845888199").await.json()["data"]["series"].clone();
    assert_eq!(nobody, json!([]));
}

#[tokio::test]
async fn a_report_can_be_had_as_comma_separated_values() {
    let stage = two_days().await;
    let answer = stage.get("/otp/reports?start_date=2026-11-21&end_date=2026-11-22&format=csv").await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert_eq!(
        answer.text,
        "date,sent,resent,delivered,failed,verified,verify_failed,expired,conversion_rate\r\n\
         2026-11-21,2,1,1,0,1,1,1,0.5\r\n\
         2026-11-22,1,0,0,1,0,0,0,0\r\n"
    );
}

#[tokio::test]
async fn without_a_period_it_is_the_last_thirty_days() {
    let stage = Stage::new().await;
    let data = stage.get("/otp/reports").await.json()["data"].clone();
    assert_eq!(data["period"], json!({"start_date": "2026-10-23", "end_date": "2026-11-21"}));
    let series = data["series"].as_array().unwrap();
    assert_eq!((series.len(), &series[0]["date"], &series[0]["sent"]), (30, &json!("2026-10-23"), &json!(0)));
}

#[tokio::test]
async fn a_period_is_a_year_at_most_and_does_not_end_before_it_begins() {
    let stage = Stage::new().await;
    for query in ["start_date=2026-11-22&end_date=2026-11-21", "start_date=2025-11-01", "group_by=moon", "format=xml"] {
        assert_eq!(
            refusal(&stage.get(&format!("/otp/reports?{query}")).await),
            is(400, "MISSING_PARAMETER"),
            "{query}"
        );
    }
}
