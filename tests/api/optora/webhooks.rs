//! Who is told that a link has been followed (spec 3.5; security D1).

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use insta::assert_snapshot;
use serde_json::{Value, json};
use sha2::Sha256;
use verifyd::core::hex::hex;

use super::{
    client::{Optora, request_id, shown},
    receiver::Receiver,
};
use crate::harness::EMAIL;

const PRIVATE: &str = "webhook_allow_private = true";

/// Asks for a link, and for somebody to be told.
async fn registered(api: &Optora, url: &str) -> Value {
    let answer = api.post("send-link", json!({"email": EMAIL, "webhookUrl": url})).await;
    request_id(&answer);
    answer.json()
}

#[tokio::test]
async fn a_followed_link_is_told_once_with_four_keys() {
    let (api, mut receiver) = (Optora::with(PRIVATE).await, Receiver::new(500).await);
    let sent = api.post("send-link", json!({"email": EMAIL, "webhookUrl": receiver.url})).await;
    assert_snapshot!(shown(&sent), @r#"200 {"message":"Verification link sent to your email","mode":"link","requestId":"[id]","validityMinutes":5,"success":true,"webhookRegistered":true}"#);
    let link = api.link().await;
    api.app.later(Duration::from_secs(1));
    assert_eq!(api.get(&link).await.status, 200);
    let told = receiver.told().await;
    assert_snapshot!(told.body.replace(&request_id(&sent), "[id]"), @r#"{"event":"email.verified","email":"jane@example.com","requestId":"[id]","verifiedAt":"2026-11-21T00:00:01.000Z"}"#);
    assert!(told.head.starts_with("POST /hook?x=1 HTTP/1.1\r\n"), "{}", told.head);
    let headers = ["user-agent", "content-type", "x-webhook-signature"];
    assert_eq!(headers.map(|name| told.header(name)), ["otp-mailer-webhook/1.0", "application/json", ""]);
    assert_eq!(api.get(&link).await.status, 400);
    api.app.app.close().await; // whatever was being told has ended
    assert!(receiver.is_quiet(), "neither the second click nor the failure is told again");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (api, mut receiver) = (Optora::with(PRIVATE).await, Receiver::new(307).await);
    registered(&api, &receiver.url).await;
    assert_eq!(api.get(&api.link().await).await.status, 200);
    receiver.told().await;
    api.app.app.close().await;
    assert!(receiver.is_quiet());
}

#[tokio::test]
async fn a_secret_signs_what_is_told() {
    let api = Optora::with(&format!("{PRIVATE}\nwebhook_secret = 'Jefe'")).await;
    let mut receiver = Receiver::new(200).await;
    registered(&api, &receiver.url).await;
    api.get(&api.link().await).await;
    let told = receiver.told().await;
    let mut mac = Hmac::<Sha256>::new_from_slice(b"Jefe").unwrap();
    mac.update(told.body.as_bytes());
    let expected = format!("sha256={}", hex(&mac.finalize().into_bytes()));
    assert_eq!(told.header("x-webhook-signature"), expected);
}

#[tokio::test]
async fn a_newer_address_takes_the_place_of_the_older_and_other_sends_leave_it() {
    let api = Optora::with(PRIVATE).await;
    let (mut older, mut newer) = (Receiver::new(200).await, Receiver::new(200).await);
    registered(&api, &older.url).await;
    assert_eq!(registered(&api, &newer.url).await["webhookRegistered"], true);
    api.code_sent().await;
    api.link_sent().await;
    assert_eq!(api.get(&api.link().await).await.status, 200);
    newer.told().await;
    api.app.app.close().await;
    assert!(older.is_quiet() && newer.is_quiet());
}

#[tokio::test]
async fn a_code_tells_nobody() {
    let (api, mut receiver) = (Optora::with(PRIVATE).await, Receiver::new(200).await);
    api.code_sent().await;
    let code = api.code().await;
    registered(&api, &receiver.url).await;
    assert_eq!(api.verify(EMAIL, code).await.status, 200);
    api.app.app.close().await;
    assert!(receiver.is_quiet());
}

#[tokio::test]
async fn a_button_tells_too() {
    let (api, mut receiver) = (Optora::with(&format!("{PRIVATE}\nlink = 'button'")).await, Receiver::new(200).await);
    registered(&api, &receiver.url).await;
    let link = api.link().await;
    assert_eq!(api.get(&link).await.status, 200);
    assert!(receiver.is_quiet());
    assert_eq!(api.raw("POST", &link, &[], "").await.status, 200);
    assert!(receiver.told().await.body.contains("email.verified"));
}

/// Spec 3.1: an address that cannot be used is left out, which is no error.
#[tokio::test]
async fn addresses_inside_are_left_out() {
    let api = Optora::with("max_requests = 1000\nvalidity_minutes = 1").await;
    for url in [
        "http://127.0.0.1:9/hook",
        "http://localhost:9/",
        "http://0.0.0.0/",
        "http://127.1.2.3/",
        "http://2130706433/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://10.1.2.3/",
        "http://172.16.0.1/",
        "http://192.168.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[fc00::1]/",
        "http://[fe80::1]/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//example.com",
        "example.com",
        "http://user:password@example.com/",
        "",
        " ",
    ] {
        api.app.later(Duration::from_mins(1));
        assert!(registered(&api, url).await.get("webhookRegistered").is_none(), "{url}");
    }
    api.app.later(Duration::from_mins(1));
    assert_eq!(registered(&api, " https://shop.example.com/hook ").await["webhookRegistered"], true);
    api.app.later(Duration::from_mins(1));
    let number = api.post("send-link", json!({"email": EMAIL, "webhookUrl": 5})).await;
    assert!(number.status == 200 && number.json().get("webhookRegistered").is_none(), "{number}");
}
