//! Providers, and how the node is.

use serde_json::json;

use super::Admin;
use crate::harness::{OTP, PHONE};

#[tokio::test]
async fn providers_are_listed_in_the_order_of_the_configuration_without_their_settings() {
    let tables = "[[provider]]\nname = 'gw'\nkind = 'http'\nchannels = ['sms', 'voice']\n\
        url = 'http://127.0.0.1:9/s3cret'\n[[provider]]\nname = 'box'\nkind = 'inbox'\nchannels = ['email']";
    let admin = Admin::with(tables).await;
    let expected = json!({"items": [
        {"name": "gw", "kind": "http", "channels": ["sms", "voice"]},
        {"name": "box", "kind": "inbox", "channels": ["email"]},
    ]});
    assert_eq!(admin.shown("/providers").await, expected);
}

#[tokio::test]
async fn the_status_counts_what_waits() {
    let admin = Admin::new().await;
    let before = admin.shown("/status").await;
    assert_eq!((&before["ready"], &before["outbox_waiting"]), (&json!(true), &json!(0)));
    assert_eq!((&before["applications"], &before["blocked_recipients"]), (&json!(1), &json!(0)));
    assert_eq!(before["version"], env!("CARGO_PKG_VERSION"));
    admin.app.sent(PHONE, OTP).await;
    assert_eq!(admin.shown("/status").await["outbox_waiting"], 1);
    admin.app.deliver().await;
    assert_eq!(admin.shown("/status").await["outbox_waiting"], 0);
}
