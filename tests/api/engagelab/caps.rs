//! Caps on what an application sends to one corner of the world, and in all (security C1). A send that goes too far is refused
//! with 3004, and nothing to a closed country with 5017.

use std::time::Duration;

use super::sample::with_strategy;
use crate::harness::{Answer, EMAIL, OTP, TestApp, message};

const HOUR: Duration = Duration::from_hours(1);
const FRANCE: &str = "+33612345678";

/// The status, the code and when to come back, in seconds.
fn told(answer: &Answer) -> (u16, i64, String) {
    let code = answer.json()["code"].as_i64().unwrap_or(0);
    (answer.status.as_u16(), code, answer.header("retry-after").to_owned())
}

fn sent() -> (u16, i64, String) {
    (200, 0, String::new())
}

fn refused_for(time: Duration) -> (u16, i64, String) {
    (400, 3004, time.as_secs().to_string())
}

async fn send(app: &TestApp, to: &str) -> (u16, i64, String) {
    told(&app.send(message(to, OTP)).await)
}

/// Sends to the first `count` numbers of a prefix.
async fn send_to_prefix(app: &TestApp, prefix: &str, count: u32) {
    for nth in 0..count {
        assert_eq!(send(app, &format!("{prefix}{nth:04}")).await, sent(), "{nth}");
    }
}

/// How often `rule` refused a short message.
fn counted(app: &TestApp, rule: &str) -> u64 {
    app.metric(&format!("verifyd_sends_total{{channel=\"sms\",outcome=\"{rule}\"}}"))
}

#[tokio::test]
async fn numbers_that_differ_in_their_last_four_digits_share_a_count_of_the_hour_and_of_the_day() {
    let app = TestApp::with("[limits]\nprefix_per_hour = 3\nprefix_per_day = 5").await;
    send_to_prefix(&app, "+659876", 3).await;
    app.later(HOUR / 2);
    assert_eq!(send(&app, "+6598769999").await, refused_for(HOUR / 2));
    assert_eq!(send(&app, "+6598775432").await, sent(), "another prefix");
    app.later(HOUR / 2);
    send_to_prefix(&app, "+659876", 2).await;
    assert_eq!(send(&app, "+6598769999").await, refused_for(HOUR * 23));
    app.later(HOUR * 23);
    assert_eq!(send(&app, "+6598769999").await, sent());
    assert_eq!((counted(&app, "prefix"), counted(&app, "app")), (2, 0));
}

#[tokio::test]
async fn what_was_not_sent_does_not_count() {
    let app = TestApp::with("[limits]\nprefix_per_hour = 2\napp_per_day = 3").await;
    assert_eq!(send(&app, "+6598760000").await, sent());
    for _ in 0..5 {
        assert_eq!(send(&app, "+6598760000").await, (400, 3004, String::new()), "its code is alive");
    }
    assert_eq!(send(&app, "+6598760001").await, sent());
    for _ in 0..5 {
        assert_eq!(send(&app, "+6598760002").await.1, 3004, "the prefix is full");
    }
    assert_eq!(send(&app, "+6598770000").await, sent(), "and yet the application had one left");
    assert_eq!(send(&app, "+6598780000").await, refused_for(HOUR * 24));
}

#[tokio::test]
async fn a_country_has_its_number_and_one_that_is_not_listed_is_closed() {
    let app = TestApp::with("[limits]\ncountries = { SG = 2, DE = 0 }").await;
    send_to_prefix(&app, "+659876", 2).await;
    assert_eq!(send(&app, "+6591234567").await, refused_for(HOUR * 24));
    for nth in 0..3 {
        assert_eq!(send(&app, &format!("+491511234567{nth}")).await, sent(), "any number");
    }
    assert_eq!(send(&app, FRANCE).await, (400, 5017, String::new()));
    assert_eq!(counted(&app, "country"), 2);
    app.has_template(with_strategy("mail", "email")).await;
    assert_eq!(app.send(message(EMAIL, "mail")).await.status, 200, "mail is in no country");
}

#[tokio::test]
async fn with_a_default_all_countries_are_open() {
    let app = TestApp::with("[limits]\ncountries = { default = 1, SG = 2 }").await;
    send_to_prefix(&app, "+659876", 2).await;
    assert_eq!(send(&app, FRANCE).await, sent());
    assert_eq!(send(&app, "+33612345679").await, refused_for(HOUR * 24));
    assert_eq!(send(&app, "+4915112345678").await, sent(), "each country has its own");
}

#[tokio::test]
async fn an_application_sends_so_many_in_a_second_and_twice_as_many_at_once() {
    let app = TestApp::with("[limits]\napp_per_second = 2").await;
    send_to_prefix(&app, "+659876", 4).await;
    assert_eq!(
        send(&app, "+6598769999").await,
        refused_for(Duration::from_mins(1)),
        "EngageLab's clients count in minutes"
    );
    app.later(Duration::from_secs(2));
    assert_eq!(send(&app, "+6598769999").await, sent());
}

#[tokio::test]
async fn own_codes_and_every_recipient_of_a_custom_message_count() {
    let app = TestApp::with("[limits]\nprefix_per_hour = 3").await;
    let own = serde_json::json!({"to": "+6598760000", "code": "123456", "template": {"id": OTP}});
    assert_eq!(app.engagelab("POST", "/v1/codes", own).await.status, 200);
    let custom = |to: &[&str]| serde_json::json!({"to": to, "template": {"id": OTP, "params": {"code": "1"}}});
    let three = custom(&["+6598760001", "+6598760002", "+6598760003"]);
    let three = app.engagelab("POST", "/v1/custom-messages", three).await;
    assert_eq!(told(&three), refused_for(HOUR), "there was room for two");
    let two = app.engagelab("POST", "/v1/custom-messages", custom(&["+6598760001", "+6598760002"])).await;
    assert_eq!(two.status, 200, "{two}");
    assert_eq!(send(&app, "+6598760004").await, refused_for(HOUR));
}

#[tokio::test]
async fn each_application_has_caps_of_its_own() {
    let app = TestApp::with("[limits]\napp_per_day = 1\nprefix_per_hour = 1").await;
    assert_eq!(send(&app, "+6598760000").await, sent());
    let other = app.key_of("other", |_| {}).await;
    let template = with_strategy(OTP, "sms").to_string();
    assert_eq!(app.call_as(&other, "POST", "/v1/template-configs", template).await.status, 200);
    let send = message("+6598760001", OTP).to_string();
    assert_eq!(app.call_as(&other, "POST", "/v1/messages", send).await.status, 200);
}

/// The negative control: a new installation caps nothing.
#[tokio::test]
async fn without_caps_a_prefix_is_sent_to_as_often_as_somebody_likes() {
    let app = TestApp::with("[limits]\nsends_per_day = 20").await;
    send_to_prefix(&app, "+659876", 60).await;
}
