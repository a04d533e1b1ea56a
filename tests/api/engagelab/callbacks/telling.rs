//! What happened to messages arrives, signed.

use insta::assert_snapshot;
use serde_json::json;
use standardwebhooks::Webhook;
use verifyd::core::{callback::Topic, event::EventKind};

use super::{app, every_topic, header, receiver_at, rows, statuses};
use crate::{
    engagelab::sample::sms_text,
    gateway_stub::Stub,
    harness::{OTP, PHONE, TestApp, message, other_than, seconds, without_ids},
};

#[tokio::test]
async fn the_life_of_a_message_is_told_in_one_request() {
    let (app, stub) = (app().await, Stub::start().await);
    app.tells(&stub, every_topic()).await;
    let args = json!({"order_id": "O1"});
    let id = app.send(json!({"to": PHONE, "template": {"id": OTP}, "custom_args": args})).await.id();
    let code = app.last_code().await;
    app.verify(&id, &other_than(&code)).await;
    app.verify(&id, &code).await;

    app.call_back().await;

    let request = stub.one();
    assert_eq!(statuses(&request), ["plan", "target_valid", "sent", "verified_failed", "verified"]);
    for row in rows(&request) {
        assert_eq!((&row["message_id"], &row["to"], &row["server"]), (&json!(id), &json!(PHONE), &json!("otp")));
        assert_eq!((&row["custom_args"], &row["itime"]), (&args, &json!(seconds(&app.clock))));
    }
    let owner = app.app_id("default").await.to_string();
    let first = rows(&request)[0].to_string().replace(&owner, "[app]");
    assert_snapshot!(without_ids(&first), @r#"{"message_id":"[id]","to":"+6598765432","server":"otp","channel":"sms","itime":1795219200,"custom_args":{"order_id":"O1"},"status":{"message_status":"plan","status_data":{"msg_time":1795219200,"message_id":"[id]","current_send_channel":"sms","template_key":"otp","business_id":"[app]"},"error_code":0}}"#);
    assert!(!request.body.contains(&code), "no code leaves by a callback");
    assert_eq!(header(&request, "content-type"), "application/json");
}

#[tokio::test]
async fn nothing_is_told_twice_and_a_quiet_time_makes_no_request() {
    let (app, stub) = (app().await, Stub::start().await);
    app.tells(&stub, every_topic()).await;
    app.call_back().await;
    assert!(stub.received().is_empty());
    app.sent(PHONE, OTP).await;
    app.call_back().await;
    assert_eq!(statuses(&stub.one()), ["plan"]);
    app.call_back().await;
    assert!(stub.received().is_empty());
}

#[tokio::test]
async fn each_receiver_gets_what_it_subscribed_to_and_other_applications_nothing() {
    let app = app().await;
    let (all, some, other) = (Stub::start().await, Stub::start().await, Stub::start().await);
    app.tells(&all, every_topic()).await;
    app.tells(&some, [Topic::Status(EventKind::Sent)]).await;
    let neighbour = app.app_id("neighbour").await;
    app.service().create_callback(neighbour, receiver_at(other.url())).await.unwrap();
    other.one();

    app.sent(PHONE, OTP).await;
    app.deliver().await;
    app.call_back().await;

    assert_eq!(statuses(&all.one()), ["plan", "target_valid", "sent"]);
    assert_eq!(statuses(&some.one()), ["sent"]);
    assert!(other.received().is_empty());
}

#[tokio::test]
async fn what_happened_before_there_was_a_receiver_is_not_told() {
    let (app, stub) = (app().await, Stub::start().await);
    app.sent(PHONE, OTP).await;
    app.tells(&stub, every_topic()).await;
    app.call_back().await;
    assert!(stub.received().is_empty());
}

#[tokio::test]
async fn a_refusal_has_its_number_and_its_words() {
    let (stub, gateway) = (Stub::start().await, Stub::start().await);
    let provider = format!("[[provider]]\nname = 'gw'\nkind = 'http'\nchannels = ['sms']\nurl = '{}'", gateway.url());
    let app = TestApp::with(&format!("{}\n{provider}", super::LOCAL)).await;
    app.tells(&stub, every_topic()).await;
    gateway.will(crate::gateway_stub::answer(413, ""));
    app.sent(PHONE, OTP).await;
    app.deliver().await;
    app.call_back().await;
    let row = rows(&stub.one()).pop().unwrap();
    assert_eq!(row["status"]["message_status"], "sent_failed");
    assert_eq!(
        (&row["status"]["error_code"], &row["status"]["error_detail"]),
        (&json!(5014), &json!({"message": "HTTP 413"}))
    );
}

#[tokio::test]
async fn each_of_many_recipients_is_named_in_its_own_rows() {
    let (app, stub) = (app().await, Stub::start().await);
    app.tells(&stub, every_topic()).await;
    app.has_template(sms_text("news", "utility", "hello")).await;
    let people = ["+6598765431", "+6598765432", "+6598765433"];
    let body = json!({"to": people, "template": {"id": "news"}});
    app.engagelab("POST", "/v1/custom-messages", body).await.id();
    app.deliver().await;
    app.call_back().await;
    let rows: Vec<_> = stub.received().iter().flat_map(rows).filter(|row| row["status"].is_object()).collect();
    for status in ["plan", "sent"] {
        let of_status = rows.iter().filter(|row| row["status"]["message_status"] == status);
        let mut told: Vec<_> = of_status.map(|row| row["to"].as_str().unwrap()).collect();
        told.sort_unstable();
        assert_eq!(told, people, "{status}");
    }
}

#[tokio::test]
async fn a_hundred_rows_fill_a_request() {
    let (app, stub) = (app().await, Stub::start().await);
    app.tells(&stub, [Topic::Status(EventKind::Plan)]).await;
    for number in 0..120 {
        app.sent(&format!("+6598765{number:03}"), OTP).await;
    }
    app.call_back().await;
    let mut sizes: Vec<_> = stub.received().iter().map(|request| rows(request).len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [20, 100]);
}

#[tokio::test]
async fn a_request_carries_both_signatures() {
    let (app, stub) = (app().await, Stub::start().await);
    let made = app.has_callback(receiver_at(stub.url())).await;
    stub.one();
    app.sent(PHONE, OTP).await;
    app.call_back().await;

    let request = stub.one();
    let now = seconds(&app.clock);
    let proof = header(&request, "x-callback-id");
    assert!(proof.starts_with(&format!("timestamp={now};nonce=")), "{proof}");
    assert!(proof.contains(";username=shop;signature="));
    assert_eq!(header(&request, "webhook-timestamp"), now.to_string());
    let webhook = Webhook::new(&made.secrets.webhook).unwrap();
    let signed = webhook.sign(header(&request, "webhook-id"), now, request.body.as_bytes()).unwrap();
    assert_eq!(header(&request, "webhook-signature"), signed);
}

#[tokio::test]
async fn without_a_user_name_there_is_no_signature_of_the_dialect() {
    let (app, stub) = (app().await, Stub::start().await);
    app.has_callback(verifyd::service::NewCallback { username: String::new(), ..receiver_at(stub.url()) }).await;
    let probe = stub.one();
    assert_eq!(header(&probe, "x-callback-id"), "");
    assert_ne!(header(&probe, "webhook-signature"), "");
}

#[tokio::test]
async fn neither_recipient_nor_secret_lies_in_the_clear_in_what_waits() {
    let (app, stub) = (app().await, Stub::start().await);
    let new = verifyd::service::NewCallback { authorization: Some("Bearer hush".into()), ..receiver_at(stub.url()) };
    app.has_callback(new).await;
    app.send(message(PHONE, OTP)).await.id();
    while app.app.callbacks().gather().await.unwrap() > 0 {}
    let rows = app.blobs("SELECT body FROM callback_batch UNION ALL SELECT credentials FROM callback").await;
    assert_eq!(rows.len(), 2);
    for secret in [PHONE, "hush", "my_secret", "whsec_"] {
        let found = rows.iter().any(|row| row.windows(secret.len()).any(|window| window == secret.as_bytes()));
        assert!(!found, "{secret}");
    }
}
