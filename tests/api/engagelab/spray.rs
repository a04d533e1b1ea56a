//! One wrong guess at everybody's code (security A3).

use std::time::Duration;

use super::sample::with_strategy;
use crate::harness::{OTP, TestApp, message, other_than};

const DAY: Duration = Duration::from_hours(24);
const WATCHED: &str = "[limits]\napp_guesses_alarm = 3\napp_guesses_stop = 6";

fn number(nth: u32) -> String {
    format!("+659876{nth:04}")
}

/// Sends to so many people, and guesses once at the code of each; what was sent last, and its code.
async fn spray(app: &TestApp, people: std::ops::Range<u32>) -> (String, String) {
    let mut last = (String::new(), String::new());
    for nth in people {
        last = (app.sent(&number(nth), OTP).await, app.last_code().await);
        assert_eq!(app.verify(&last.0, &other_than(&last.1)).await.json()["verified"], false);
    }
    last
}

/// What a send is told: status, code, and when to come back.
async fn told(app: &TestApp) -> (u16, bool, String) {
    let answer = app.send(message(&number(9999), OTP)).await;
    (answer.status.as_u16(), answer.text.contains("\"code\":3004"), answer.header("retry-after").to_owned())
}

fn sent() -> (u16, bool, String) {
    (200, false, String::new())
}

fn alarms(app: &TestApp, what: &str) -> u64 {
    app.metric(&format!("verifyd_alarms_total{{what=\"{what}\"}}"))
}

#[tokio::test]
async fn wrong_guesses_at_many_people_raise_an_alarm_and_then_end_the_making_of_codes() {
    let app = TestApp::with(WATCHED).await;
    spray(&app, 0..2).await;
    assert_eq!(alarms(&app, "app_guesses"), 0);
    spray(&app, 2..3).await;
    assert_eq!(alarms(&app, "app_guesses"), 1);
    let (id, code) = spray(&app, 3..6).await;
    assert_eq!((alarms(&app, "app_guesses"), alarms(&app, "app_guesses_stop")), (1, 1));
    app.later(Duration::from_hours(1));
    assert_eq!(told(&app).await, (400, true, Duration::from_hours(23).as_secs().to_string()));
    let notice = serde_json::json!({"to": number(0), "template": {"id": OTP, "params": {"code": "1"}}});
    assert_eq!(app.engagelab("POST", "/v1/custom-messages", notice).await.status, 200, "nobody guesses at that");
    app.later(DAY);
    assert_eq!(told(&app).await, sent());
    assert!(app.verify(&id, &code).await.text.contains("3003"), "it is a day old");
}

#[tokio::test]
async fn codes_that_live_stay_good_and_other_applications_go_on() {
    let app = TestApp::with(WATCHED).await;
    let (id, code) = spray(&app, 0..6).await;
    assert_eq!(told(&app).await.0, 400);
    assert_eq!(app.verify(&id, &code).await.json()["verified"], true);
    let other = app.key_of("other", |_| {}).await;
    let template = with_strategy(OTP, "sms").to_string();
    assert_eq!(app.call_as(&other, "POST", "/v1/template-configs", template).await.status, 200);
    let sent = app.call_as(&other, "POST", "/v1/messages", message(&number(1), OTP).to_string()).await;
    assert_eq!(sent.status, 200, "{sent}");
}

#[tokio::test]
async fn who_sends_much_may_mistype_a_fifth() {
    let app = TestApp::with("[limits]\napp_guesses_stop = 1").await;
    for nth in 100..113 {
        app.sent(&number(nth), OTP).await;
    }
    spray(&app, 0..2).await;
    assert_eq!(told(&app).await, sent(), "two of fifteen");
    spray(&app, 2..3).await;
    assert_eq!(told(&app).await, (400, true, DAY.as_secs().to_string()), "three of seventeen");
}

/// The negative control.
#[tokio::test]
async fn without_a_number_nobody_counts() {
    let app = TestApp::with("[limits]\napp_guesses_alarm = 0\napp_guesses_stop = 0").await;
    spray(&app, 0..20).await;
    assert_eq!((told(&app).await, alarms(&app, "app_guesses")), (sent(), 0));
}
