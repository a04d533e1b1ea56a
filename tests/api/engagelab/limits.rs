//! How often one recipient is sent to, and how often its codes may be guessed at (security 4 and 5). A send that goes too far
//! is refused with 3004, whichever rule it was.

use std::time::Duration;

use super::sample::with_strategy;
use crate::harness::{Answer, EMAIL, Key, OTP, PHONE, TestApp, message, other_than};

/// The defaults.
const LIMITED: &str = "[limits]\nsends_per_day = 20";
const DAY: Duration = Duration::from_hours(24);

/// With a minute between two sends.
const SPACED: &str = "[engagelab]\npace = { gap = '60s', per_10_minutes = 3, per_hour = 5, per_day = 10 }";

/// The status and, where it is refused, when to come back, in seconds.
fn told(answer: &Answer) -> (u16, String) {
    let refused = answer.status != 200;
    assert!(!refused || answer.text.contains("\"code\":3004"), "{answer}");
    (answer.status.as_u16(), if refused { answer.header("retry-after").to_owned() } else { String::new() })
}

async fn send(app: &TestApp, template: &str) -> (u16, String) {
    told(&app.send(message(PHONE, template)).await)
}

/// Sends a code and guesses wrong five times.
async fn wear_out(app: &TestApp) {
    let id = app.sent(PHONE, OTP).await;
    let code = app.last_code().await;
    for _ in 0..5 {
        assert_eq!(app.verify(&id, &other_than(&code)).await.json()["verified"], false);
    }
    app.later(Duration::from_mins(5));
}

fn sent() -> (u16, String) {
    (200, String::new())
}

fn refused_for(seconds: u64) -> (u16, String) {
    (400, seconds.to_string())
}

#[tokio::test]
async fn one_recipient_is_sent_to_once_a_minute_where_that_is_wanted_whatever_the_template() {
    let app = TestApp::with(SPACED).await;
    app.has_template(with_strategy("second", "sms")).await;
    assert_eq!(send(&app, OTP).await, sent());
    assert_eq!(send(&app, "second").await, refused_for(60));
    app.later(Duration::from_mins(1));
    assert_eq!(send(&app, "second").await, sent());
    assert_eq!(app.send(message("+6598765433", OTP)).await.status, 200, "another recipient has its own");
}

#[tokio::test]
async fn and_five_times_an_hour_with_or_without_success() {
    let app = TestApp::with(LIMITED).await;
    for _ in 0..5 {
        let id = app.sent(PHONE, OTP).await;
        app.verify(&id, &app.last_code().await).await.id();
        app.later(Duration::from_mins(10));
    }
    assert_eq!(send(&app, OTP).await, refused_for(600));
    app.later(Duration::from_mins(10));
    assert_eq!(send(&app, OTP).await, sent());
}

#[tokio::test]
async fn ten_wrong_guesses_in_a_day_end_the_codes_of_a_recipient() {
    let app = TestApp::with(LIMITED).await;
    app.has_template(with_strategy("second", "sms")).await;
    wear_out(&app).await;
    wear_out(&app).await;
    for template in [OTP, "second"] {
        let (status, _) = send(&app, template).await;
        assert_eq!(status, 400, "{template}");
    }
    app.later(DAY);
    assert_eq!(send(&app, OTP).await, sent());
}

#[tokio::test]
async fn a_code_that_lives_still_verifies_when_no_more_are_made() {
    let app = TestApp::with(LIMITED).await;
    wear_out(&app).await;
    let id = app.sent(PHONE, OTP).await;
    let code = app.last_code().await;
    app.has_template(with_strategy("second", "sms")).await;
    app.later(Duration::from_mins(1));
    assert_eq!(send(&app, "second").await.0, 400, "five were guessed and five are reserved");
    assert_eq!(app.verify(&id, &code).await.json()["verified"], true);
    assert_eq!(send(&app, "second").await, sent(), "what it did not need is free again");
}

#[tokio::test]
async fn a_code_gets_the_tries_that_are_left() {
    let app = TestApp::with("[limits]\nguesses_per_day = 7").await;
    wear_out(&app).await;
    let id = app.sent(PHONE, OTP).await;
    let code = app.last_code().await;
    for _ in 0..2 {
        assert_eq!(app.verify(&id, &other_than(&code)).await.json()["verified"], false);
    }
    assert!(app.verify(&id, &code).await.text.contains("3003"), "the third guess is one too many");
}

#[tokio::test]
async fn aliases_of_one_mailbox_are_one_recipient() {
    let app = TestApp::with(SPACED).await;
    app.has_template(with_strategy("mail", "email")).await;
    assert_eq!(app.send(message(EMAIL, "mail")).await.status, 200);
    for alias in ["Jane@example.com", "jane+news@EXAMPLE.com"] {
        assert_eq!(told(&app.send(message(alias, "mail")).await).0, 400, "{alias}");
    }
}

#[tokio::test]
async fn an_operator_unlocks_a_recipient_at_once_on_every_node() {
    let app = TestApp::with(LIMITED).await;
    wear_out(&app).await;
    wear_out(&app).await;
    assert_eq!(send(&app, OTP).await.0, 400);
    let other = app.beside().await;
    let recipient = verifyd::core::recipient::Recipient::parse(PHONE).unwrap();
    other.service().unlock(app.app_id("default").await, &recipient).await.unwrap();
    assert_eq!(send(&app, OTP).await, sent());
    other.close().await;
}

/// A key of another application, which has a template of its own.
async fn neighbour(app: &TestApp, name: &str) -> Key {
    let key = app.key_of(name, |_| {}).await;
    let template = with_strategy(OTP, "sms").to_string();
    assert_eq!(app.call_as(&key, "POST", "/v1/template-configs", template).await.status, 200);
    key
}

async fn send_as(app: &TestApp, key: &Key) -> (u16, String) {
    told(&app.call_as(key, "POST", "/v1/messages", message(PHONE, OTP).to_string()).await)
}

#[tokio::test]
async fn applications_together_send_to_one_recipient_so_often_in_a_day() {
    let app = TestApp::with("[limits]\nsends_per_day = 3").await;
    assert_eq!(send(&app, OTP).await, sent());
    for name in ["second", "third"] {
        assert_eq!(send_as(&app, &neighbour(&app, name).await).await, sent(), "each at its own pace");
    }
    let fourth = neighbour(&app, "fourth").await;
    assert_eq!(send_as(&app, &fourth).await, refused_for(DAY.as_secs()));
    let recipient = verifyd::core::recipient::Recipient::parse(PHONE).unwrap();
    app.service().unlock(app.app_id("fourth").await, &recipient).await.unwrap();
    app.later(Duration::from_millis(1));
    assert_eq!(send_as(&app, &fourth).await, sent());
}

/// The negative control: with a limit for each code only, guessing goes on for ever.
#[tokio::test]
async fn without_the_budget_every_new_code_brings_new_tries() {
    let app = TestApp::new().await;
    for _ in 0..20 {
        wear_out(&app).await;
    }
    assert_eq!(send(&app, OTP).await, sent());
}
