//! The life of a message.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Admin, fault};
use crate::harness::{OTP, PHONE, other_than};

fn events(message: &Value) -> Vec<&str> {
    message["events"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_message_is_followed_from_acceptance_to_its_right_code() {
    let admin = Admin::new().await;
    let id = admin.app.sent(PHONE, OTP).await;
    let path = format!("/messages/{id}");
    let accepted = admin.shown(&path).await;
    assert_eq!((&accepted["state"], events(&accepted)), (&json!("accepted"), vec!["plan"]));
    assert_eq!(accepted["app_id"], admin.app.app_id("default").await.to_string());
    assert_eq!(accepted["waiting"], 1);
    assert_eq!(accepted["recipients"], json!(["+65•••••432"]));
    assert_eq!(accepted["created_at"], "2026-11-21T00:00:00Z");
    assert_eq!(accepted["expires_at"], "2026-11-21T00:05:00Z");

    let code = admin.app.last_code().await;
    let sent = admin.shown(&path).await;
    assert_eq!((&sent["state"], &sent["waiting"]), (&json!("sent"), &json!(0)));
    let step = sent["events"].as_array().unwrap().iter().find(|event| event["event"] == "sent").unwrap();
    assert_eq!((&step["channel"], &step["provider"], &step["attempt"]), (&json!("sms"), &json!("inbox"), &json!(1)));

    admin.app.verify(&id, &other_than(&code)).await;
    admin.app.verify(&id, &code).await;
    let verified = admin.shown(&path).await;
    assert_eq!(verified["state"], "verified");
    assert_eq!((&verified["attempts"], &verified["max_attempts"]), (&json!(2), &json!(5)));
    assert_eq!(events(&verified)[events(&verified).len() - 2..], ["verified_failed", "verified"]);
    let text = verified.to_string();
    assert!(!text.contains(&code) && !text.contains(PHONE), "neither code nor recipient is ever shown");
}

#[tokio::test]
async fn what_a_message_cost_stands_with_its_sent() {
    let admin = Admin::with("[billing.sms]\nSG = '0.032'").await;
    let id = admin.app.sent(PHONE, OTP).await;
    admin.app.deliver().await;
    let message = admin.shown(&format!("/messages/{id}")).await;
    let costs = message["events"].as_array().unwrap().iter().map(|event| event.get("cost"));
    assert_eq!(costs.collect::<Vec<_>>(), [None, None, Some(&json!("0.032"))]);
}

#[tokio::test]
async fn what_is_no_message_is_404() {
    let admin = Admin::new().await;
    for id in ["1", "0", "x", "-1", "9223372036854775808"] {
        assert_eq!(fault(&admin.get(&format!("/messages/{id}")).await), "404 no_such_message", "{id}");
    }
}

#[tokio::test]
async fn a_forgotten_recipient_is_not_shown_and_the_rest_is() {
    let admin = Admin::new().await;
    let id = admin.app.sent(PHONE, OTP).await;
    admin.app.deliver().await;
    admin.app.later(Duration::from_hours(73));
    admin.app.sweep().await;
    let message = admin.shown(&format!("/messages/{id}")).await;
    assert_eq!((&message["recipients"], &message["state"]), (&json!([]), &json!("sent")));
}
