//! Receivers that a send names (spec 2.6).

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use verifyd::core::hex::hex;

use super::stage::{APPID, PHONE, Stage, id, is, refusal};
use crate::{
    engagelab::callbacks::LOCAL,
    gateway_stub::{Received, Stub, answer},
};

async fn stage() -> (Stage, Stub) {
    let tables = format!("airtexts.webhooks = true\nairtexts.resend_interval = '0s'\n{LOCAL}");
    (Stage::with(&tables).await, Stub::start().await)
}

async fn sent(stage: &Stage, stub: &Stub) -> String {
    id(&stage.send(&json!({"appid": APPID, "recipient": PHONE, "webhook_url": stub.url()})).await)
}

/// Tells everything that is due.
async fn tell(stage: &Stage) {
    while stage.app.service().tell_hooks().await.unwrap() > 0 {}
}

fn said(request: &Received) -> (String, String) {
    let body: Value = serde_json::from_str(&request.body).unwrap();
    (body["event"].as_str().unwrap().to_owned(), body["status"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn what_becomes_of_an_otp_is_told_and_signed() {
    let (stage, stub) = stage().await;
    let id = sent(&stage, &stub).await;
    tell(&stage).await;
    assert!(stub.received().is_empty(), "a message that was sent is no news");
    stage.delivered().await;
    stage.later(Duration::from_secs(5));
    stage.verify(&id, &stage.code()).await;
    tell(&stage).await;
    let told = stub.received();
    let body: Value = serde_json::from_str(&told[0].body).unwrap();
    assert_eq!(
        body,
        json!({"event": "otp.delivered", "verification_id": id, "appid": APPID, "recipient": PHONE, "status": "pending",
            "timestamp": "2026-11-21T00:00:00Z"})
    );
    assert_eq!(said(&told[1]), ("otp.verified".to_owned(), "verified".to_owned()));
    let secret = stage.app.service().webhook_secret(&stage.key.dev_key);
    for request in &told {
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(&request.body);
        let signature = hex(&mac.finalize().into_bytes());
        assert_eq!(request.headers["x-webhook-signature"], format!("sha256={signature}"));
        assert!(!request.body.contains(&stage.code()));
    }
    tell(&stage).await;
    assert_eq!(stub.received().len(), 0, "nothing is told twice");
}

#[tokio::test]
async fn a_failure_is_told_and_a_resend_is_followed_anew() {
    let (stage, stub) = stage().await;
    let id = sent(&stage, &stub).await;
    stage.failed().await;
    tell(&stage).await;
    assert_eq!(said(&stub.one()), ("otp.failed".to_owned(), "failed".to_owned()));
    stage.resend(&id).await;
    stage.delivered().await;
    tell(&stage).await;
    assert_eq!(said(&stub.one()).0, "otp.delivered");
}

#[tokio::test]
async fn a_receiver_that_does_not_listen_is_told_again_later() {
    let (stage, stub) = stage().await;
    sent(&stage, &stub).await;
    stage.delivered().await;
    stub.will(answer(500, ""));
    tell(&stage).await;
    assert_eq!(stub.received().len(), 1);
    tell(&stage).await;
    assert_eq!(stub.received().len(), 0, "not at once");
    stage.later(Duration::from_secs(72));
    tell(&stage).await;
    assert_eq!(said(&stub.one()).0, "otp.delivered");
    tell(&stage).await;
    assert!(stub.received().is_empty());
}

#[tokio::test]
async fn nobody_is_told_where_webhooks_are_off_which_they_are() {
    let (stage, stub) = (Stage::with(LOCAL).await, Stub::start().await);
    let id = sent(&stage, &stub).await;
    stage.verify(&id, &stage.code()).await;
    tell(&stage).await;
    assert!(stub.received().is_empty());
}

#[tokio::test]
async fn machines_inside_are_not_told_anything() {
    let stage = Stage::with("airtexts.webhooks = true").await;
    for url in ["http://example.com/", "https://127.0.0.1/", "https://10.0.0.1/", "ftp://example.com/", "x"] {
        let answer = stage.send(&json!({"appid": APPID, "recipient": PHONE, "webhook_url": url})).await;
        assert_eq!(refusal(&answer), is(400, "MISSING_PARAMETER"), "{url}");
        assert_eq!(answer.json()["error"], "Invalid parameter: webhook_url");
    }
    assert_eq!(stage.get("/otp/list").await.json()["data"]["total"], 0, "nothing was sent");
}

#[tokio::test]
async fn a_secret_belongs_to_one_key_and_does_not_change() {
    let stage = Stage::new().await;
    let service = stage.app.service();
    let secret = service.webhook_secret(&stage.key.dev_key);
    assert!(secret.starts_with("whk_") && secret.len() == 68);
    assert_eq!(service.webhook_secret(&stage.key.dev_key), secret);
    assert_ne!(service.webhook_secret(&stage.key_for(&[APPID]).await.dev_key), secret);
}
