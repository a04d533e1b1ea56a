//! How many codes come back.

use std::time::Duration;

use serde_json::{Value, json};
use verifyd::{
    core::callback::Topic,
    service::{AppUpdate, Service},
};

use super::{listener, told};
use crate::{
    engagelab::callbacks::LOCAL,
    gateway_stub::Stub,
    harness::{OTP, TestApp},
};

/// The life of a code of `otp`.
const LIFE: Duration = Duration::from_mins(5);

/// An installation whose application is told when fewer than 50 percent come back, and who hears of it.
async fn watched() -> (TestApp, Stub) {
    let app = TestApp::with(LOCAL).await;
    let update = AppUpdate { verification_rate_alert: Some(Some(50)), ..AppUpdate::default() };
    app.service().change_app(app.app_id("default").await, update).await.unwrap();
    let stub = listener(&app, Topic::InsufficientVerificationRate).await;
    (app, stub)
}

/// Sends codes to so many people, of whom the first so many send them back.
async fn codes(app: &TestApp, sent: usize, verified: usize) {
    for number in 0..sent {
        let id = app.sent(&format!("+6598765{number:03}"), OTP).await;
        let code = app.last_code().await;
        if number < verified {
            app.verify(&id, &code).await.id();
        }
    }
}

/// The data of what is told when these look, as once a minute.
async fn look(app: &TestApp, stub: &Stub, services: &[&Service]) -> Vec<Value> {
    let looks = services.iter().map(|service| service.look_at_rates());
    for looked in futures_util::future::join_all(looks).await {
        looked.unwrap();
    }
    let rows = told(app, stub).await;
    rows.into_iter().map(|row| row["notification"].clone()).collect()
}

fn notice(rate: f64) -> Value {
    json!({"event": "insufficient_verification_rate", "notification_data": {"rate": rate, "threshold": 50}})
}

#[tokio::test]
async fn a_low_rate_is_told_once_in_an_hour_by_all_nodes_together() {
    let (app, stub) = watched().await;
    let other = app.beside().await;
    let services = [app.service(), other.service()];
    codes(&app, 24, 8).await;
    assert_eq!(look(&app, &stub, &services).await, [json!(null); 0], "none of them has ended");
    app.later(LIFE);
    assert_eq!(look(&app, &stub, &services).await, [notice(33.33)]);
    app.later(Duration::from_mins(54)); // 00:59
    assert_eq!(look(&app, &stub, &services).await, [json!(null); 0], "it is the same hour");
    app.later(Duration::from_mins(1)); // 01:00
    assert_eq!(look(&app, &stub, &services).await, [notice(33.33)], "another hour, and they ended within the last");
    app.later(Duration::from_mins(5)); // 01:05
    let third = app.beside().await;
    assert_eq!(look(&app, &stub, &[third.service()]).await, [json!(null); 0]);
}

#[tokio::test]
async fn codes_that_ended_more_than_an_hour_ago_do_not_count() {
    let (app, stub) = watched().await;
    codes(&app, 24, 8).await;
    app.later(LIFE + Duration::from_hours(1));
    assert_eq!(look(&app, &stub, &[app.service()]).await, [json!(null); 0]);
}

#[tokio::test]
async fn fewer_than_twenty_codes_tell_nothing() {
    let (app, stub) = watched().await;
    codes(&app, 19, 0).await;
    app.later(LIFE);
    assert_eq!(look(&app, &stub, &[app.service()]).await, [json!(null); 0]);
}

#[tokio::test]
async fn the_threshold_itself_is_good_enough() {
    let (app, stub) = watched().await;
    codes(&app, 20, 10).await;
    app.later(LIFE);
    assert_eq!(look(&app, &stub, &[app.service()]).await, [json!(null); 0]);
}

#[tokio::test]
async fn what_the_server_does_not_judge_does_not_count() {
    let (app, stub) = watched().await;
    codes(&app, 20, 10).await;
    for number in 100..110 {
        let to = format!("+6598765{number}");
        let own = json!({"to": to, "code": "123456", "template": {"id": OTP}});
        app.engagelab("POST", "/v1/codes", own).await.id();
        let custom = json!({"to": to, "template": {"id": OTP, "params": {"code": "123456"}}});
        app.engagelab("POST", "/v1/custom-messages", custom).await.id();
    }
    app.later(Duration::from_mins(10));
    assert_eq!(look(&app, &stub, &[app.service()]).await, [json!(null); 0]);
}

#[tokio::test]
async fn nobody_is_told_who_did_not_ask_for_it() {
    let (app, stub) = watched().await;
    let none = AppUpdate { verification_rate_alert: Some(None), ..AppUpdate::default() };
    codes(&app, 20, 0).await;
    app.later(LIFE);
    app.service().change_app(app.app_id("default").await, none).await.unwrap();
    assert_eq!(look(&app, &stub, &[app.service()]).await, [json!(null); 0]);
}
