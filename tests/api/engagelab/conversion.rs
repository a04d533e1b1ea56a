//! Countries from which codes do not come back (security C1).

use std::time::Duration;

use crate::harness::{OTP, TestApp, message};

const HOUR: Duration = Duration::from_hours(1);
const FIVE_MINUTES: Duration = Duration::from_mins(5);
const WATCHED: &str = "[limits]\nconversion_codes = 10";
const GERMANY: &str = "+4915112345678";

/// Has 10 people in Singapore sent a code, of whom the first ones send it back; and lets the minutes go by in which they may.
async fn ten_people(app: &TestApp, come_back: u32) {
    for nth in 0..10 {
        let id = app.sent(&format!("+659876{nth:04}"), OTP).await;
        if nth < come_back {
            assert_eq!(app.verify(&id, &app.last_code().await).await.json()["verified"], true);
        }
    }
    app.later(FIVE_MINUTES);
    app.service().look_at_conversion().await.unwrap();
}

/// What a send is told: the status, and when to come back.
async fn told(app: &TestApp, to: &str) -> (u16, String) {
    let answer = app.send(message(to, OTP)).await;
    (answer.status.as_u16(), answer.header("retry-after").to_owned())
}

fn sent() -> (u16, String) {
    (200, String::new())
}

fn alarms(app: &TestApp) -> (bool, bool) {
    let raised = |what: &str| app.metric(&format!("verifyd_alarms_total{{what=\"{what}\"}}")) == 1;
    (raised("conversion"), raised("conversion_stop"))
}

#[tokio::test]
async fn a_country_that_sends_nothing_back_gets_nothing_for_an_hour() {
    let app = TestApp::with(WATCHED).await;
    ten_people(&app, 0).await;
    assert_eq!(alarms(&app), (false, true));
    assert_eq!(told(&app, "+6598769999").await, (400, HOUR.as_secs().to_string()));
    assert_eq!(told(&app, GERMANY).await, sent(), "another country");
    app.later(Duration::from_millis(3_599_999));
    app.service().look_at_conversion().await.unwrap();
    assert_eq!(told(&app, "+6598769999").await.0, 400);
    app.later(Duration::from_millis(1));
    assert_eq!(told(&app, "+6598769999").await, sent(), "before anybody looks");
    app.service().look_at_conversion().await.unwrap();
    assert_eq!(told(&app, "+6598769998").await, sent(), "and after it");
}

#[tokio::test]
async fn one_in_ten_raises_an_alarm_and_three_are_an_ordinary_day() {
    for (come_back, raised) in [(1, (true, false)), (2, (true, false)), (3, (false, false))] {
        let app = TestApp::with(WATCHED).await;
        ten_people(&app, come_back).await;
        assert_eq!((alarms(&app), told(&app, "+6598769999").await), (raised, sent()), "{come_back}");
    }
}

#[tokio::test]
async fn codes_that_are_young_or_few_tell_nothing() {
    let app = TestApp::with("[limits]\nconversion_codes = 11").await;
    ten_people(&app, 0).await;
    assert_eq!(told(&app, "+6598769999").await, sent());
    app.service().look_at_conversion().await.unwrap();
    assert_eq!(told(&app, "+6598769998").await, sent(), "the eleventh may still come back");
    app.later(FIVE_MINUTES);
    app.service().look_at_conversion().await.unwrap();
    assert_eq!(told(&app, "+6598769997").await.0, 400);
}

/// The negative control.
#[tokio::test]
async fn a_new_installation_does_not_look() {
    let app = TestApp::with("[limits]\nsends_per_day = 20").await;
    ten_people(&app, 0).await;
    assert_eq!((alarms(&app), told(&app, "+6598769999").await), ((false, false), sent()));
}
