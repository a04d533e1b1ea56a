//! What an application may spend.

use serde_json::{Value, json};
use verifyd::{
    core::callback::Topic,
    service::{AppUpdate, Service},
};

use super::{app, limit, listener, spent, told};
use crate::harness::{Node, OTP, PHONE, TestApp, message, without_ids};

/// Another number in Singapore.
fn phone(number: usize) -> String {
    format!("+6598765{number:03}")
}

/// Sends and delivers a message at 0.032 to each of these.
async fn deliver_to(app: &TestApp, numbers: std::ops::Range<usize>) {
    for number in numbers {
        app.sent(&phone(number), OTP).await;
    }
    app.deliver().await;
}

async fn hold_to(app: &TestApp, update: AppUpdate) {
    app.service().change_app(app.app_id("default").await, update).await.unwrap();
}

/// As once a second.
async fn look(service: &Service) {
    service.refresh().await.unwrap();
    service.look_at_balances().await.unwrap();
}

const REFUSED: &str = r#"400 {"code":3003,"message":"insufficient balance"}"#;

#[tokio::test]
async fn an_application_that_has_spent_its_limit_sends_nothing_until_the_limit_is_raised() {
    let app = app().await;
    hold_to(&app, limit("0.064", "0")).await;
    deliver_to(&app, 0..2).await;
    assert_eq!(spent(&app, "default").await, "0.064");
    look(app.service()).await;

    let code = json!({"to": PHONE, "code": "123456", "template": {"id": OTP}});
    let custom = json!({"to": PHONE, "template": {"id": OTP, "params": {"code": "123456"}}});
    for (path, body) in [("messages", message(PHONE, OTP)), ("codes", code), ("custom-messages", custom)] {
        assert_eq!(app.engagelab("POST", &format!("/v1/{path}"), body).await.to_string(), REFUSED, "{path}");
    }
    assert_eq!(app.send(message(PHONE, "none")).await.json()["code"], 4001, "other faults are named first");

    hold_to(&app, limit("0.065", "0")).await;
    assert_eq!(app.send(message(PHONE, OTP)).await.status, 200);
}

#[tokio::test]
async fn every_node_learns_of_it_within_a_look_and_keeps_to_it_after_a_restart() {
    let app = app().await;
    let other = Node::new(app.beside().await);
    hold_to(&app, limit("0.01", "0")).await;
    deliver_to(&app, 0..1).await;
    let send = async |node: &Node| node.send_as(&app.key, message(PHONE, OTP)).await.to_string();
    look(other.app.service()).await;
    assert_eq!(send(&other).await, REFUSED);
    assert_eq!(send(&Node::new(app.beside().await)).await, REFUSED);
}

#[tokio::test]
async fn what_is_under_way_goes_out_and_counts_and_the_balance_may_become_negative() {
    let app = app().await;
    hold_to(&app, limit("0.04", "0")).await;
    for number in 0..3 {
        app.sent(&phone(number), OTP).await;
    }
    look(app.service()).await;
    app.deliver().await;
    look(app.service()).await;
    assert_eq!((app.inbox().await.len(), spent(&app, "default").await.as_str()), (3, "0.096"));
    assert_eq!(app.send(message(PHONE, OTP)).await.to_string(), REFUSED);
}

#[tokio::test]
async fn one_application_does_not_spend_for_another() {
    let app = app().await;
    let neighbour = app.key_of("neighbour", |_| {}).await;
    hold_to(&app, limit("0", "0")).await;
    assert_eq!(app.send(message(PHONE, OTP)).await.to_string(), REFUSED);
    let body = crate::engagelab::sample::sms_text("hi", "utility", "hi").to_string();
    assert_eq!(app.call_as(&neighbour, "POST", "/v1/template-configs", body).await.status, 200);
    let body = json!({"to": PHONE, "template": {"id": "hi"}}).to_string();
    assert_eq!(app.call_as(&neighbour, "POST", "/v1/custom-messages", body).await.status, 200);
}

/// The data of everything that is told, by however many.
async fn notices(app: &TestApp, stub: &crate::gateway_stub::Stub) -> Vec<Value> {
    let rows = told(app, stub).await;
    rows.into_iter().map(|row| row["notification"]["notification_data"].clone()).collect()
}

#[tokio::test]
async fn a_low_balance_is_told_once_by_all_nodes_together() {
    let app = app().await;
    let (stub, other) = (listener(&app, Topic::InsufficientBalance).await, app.beside().await);
    hold_to(&app, limit("0.1", "0.05")).await;
    deliver_to(&app, 0..1).await; // 0.068 are left
    look(app.service()).await;
    assert_eq!(told(&app, &stub).await, [json!(null); 0]);

    deliver_to(&app, 1..2).await; // 0.036 are left
    for _ in 0..3 {
        tokio::join!(look(app.service()), look(other.service()));
    }
    let rows = told(&app, &stub).await;
    let row = without_ids(&rows.iter().map(Value::to_string).collect::<String>());
    insta::assert_snapshot!(row, @r#"{"server":"otp","itime":1795219200,"notification":{"event":"insufficient_balance","notification_data":{"business_id":"[id]","remain_balance":0.036,"balance_threshold":0.05}}}"#);
    let owner = app.app_id("default").await.to_string();
    assert_eq!(rows[0]["notification"]["notification_data"]["business_id"], owner);
}

#[tokio::test]
async fn it_is_not_told_again_when_the_notice_is_forgotten_nor_after_a_restart() {
    let app = app().await;
    let stub = listener(&app, Topic::InsufficientBalance).await;
    hold_to(&app, limit("0.04", "0.04")).await;
    deliver_to(&app, 0..1).await;
    look(app.service()).await;
    assert_eq!(notices(&app, &stub).await.len(), 1);
    deliver_to(&app, 1..2).await; // less than nothing is left
    app.later(std::time::Duration::from_hours(73));
    app.sweep().await;
    look(app.beside().await.service()).await;
    assert_eq!(notices(&app, &stub).await.len(), 0);
}

#[tokio::test]
async fn another_limit_or_alert_lets_it_be_told_again() {
    let app = app().await;
    let stub = listener(&app, Topic::InsufficientBalance).await;
    hold_to(&app, limit("0.04", "0.04")).await;
    deliver_to(&app, 0..1).await;
    look(app.service()).await;
    let left = |notices: Vec<Value>| notices.iter().map(|data| data["remain_balance"].to_string()).collect::<Vec<_>>();
    assert_eq!(left(notices(&app, &stub).await), ["0.008"]);

    hold_to(&app, AppUpdate { verification_rate_alert: Some(Some(50)), ..AppUpdate::default() }).await;
    assert_eq!(notices(&app, &stub).await.len(), 0, "an alert of another kind changes nothing");
    hold_to(&app, limit("0.05", "0.04")).await;
    assert_eq!(left(notices(&app, &stub).await), ["0.018"]);
    hold_to(&app, limit("1", "0.04")).await;
    look(app.service()).await;
    assert_eq!(notices(&app, &stub).await.len(), 0, "there is enough");
}

#[tokio::test]
async fn who_subscribes_while_it_is_low_is_told_then() {
    let app = app().await;
    hold_to(&app, limit("0.04", "0.04")).await;
    deliver_to(&app, 0..1).await;
    look(app.service()).await;
    let stub = listener(&app, Topic::InsufficientBalance).await;
    look(app.service()).await;
    assert_eq!(notices(&app, &stub).await.len(), 1);
}
