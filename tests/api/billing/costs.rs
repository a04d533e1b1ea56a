//! What a message costs: known with its `sent`, and told with it.

use serde_json::json;
use verifyd::{
    channel::Refusal,
    core::{callback::Topic, channel::Channel, event::EventKind},
};

use super::{PRICES, app, costs, listener, spent, told};
use crate::{
    engagelab::sample::sms_text,
    fallback::stage::{HOPS, Says, Stage},
    harness::{PHONE, TestApp},
};

/// The events of a message to Singapore with a text of so many `letters` beside its code of six digits.
async fn costs_of(app: &TestApp, letter: &str, letters: usize) -> Vec<String> {
    let template = format!("t{}-{letters}", letter.len());
    app.has_template(sms_text(&template, "authentication", &format!("{{{{code}}}}{}", letter.repeat(letters)))).await;
    let id = app.sent(PHONE, &template).await;
    app.deliver().await;
    costs(app, &id).await
}

#[tokio::test]
async fn a_short_message_is_paid_by_the_part_of_the_text_that_was_handed_over() {
    let app = app().await;
    for (letter, letters, cost) in [("a", 154, "0.032"), ("a", 155, "0.064"), ("字", 64, "0.032"), ("字", 65, "0.064")]
    {
        assert_eq!(costs_of(&app, letter, letters).await, [format!("sent sms {cost}")], "{letters} {letter}");
    }
    assert_eq!(spent(&app, "default").await, "0.192");
}

#[tokio::test]
async fn each_recipient_is_paid_at_the_price_of_its_own_country() {
    let app = app().await;
    app.has_template(sms_text("news", "utility", "hello")).await;
    let people = [PHONE, "+4915112345678", "+33612345678"];
    app.engagelab("POST", "/v1/custom-messages", json!({"to": people, "template": {"id": "news"}})).await.id();
    app.deliver().await;
    assert_eq!(spent(&app, "default").await, "0.072");
}

#[tokio::test]
async fn a_fallback_is_paid_by_its_own_channel_and_a_refusal_by_nobody() {
    let stage = Stage::with(PRICES).await;
    stage.main.will(Channel::Whatsapp, &[Says::Refused(Refusal::Other)]);
    let id = stage.sent(PHONE).await.to_string();
    assert_eq!(costs(&stage.app, &id).await, ["sent sms 0.032"]);
    stage.after(HOPS[1].1).await; // the short message is late, and the call goes out as well
    assert_eq!(costs(&stage.app, &id).await, ["sent sms 0.032", "sent voice 0.1"]);
    assert_eq!(spent(&stage.app, "default").await, "0.132");
}

#[tokio::test]
async fn what_no_provider_took_for_certain_costs_nothing() {
    let stage = Stage::with(PRICES).await;
    for (channel, says) in
        HOPS.map(|(channel, _)| channel).into_iter().zip([Says::Refused(Refusal::Other), Says::Unknown])
    {
        stage.main.will(channel, &[says]);
    }
    let id = stage.sent(PHONE).await.to_string();
    assert_eq!(stage.main.given().len(), 2);
    assert_eq!(costs(&stage.app, &id).await, [""; 0]);
    assert_eq!(spent(&stage.app, "default").await, "0");
}

#[tokio::test]
async fn a_delivery_that_somebody_else_has_taken_over_costs_nothing() {
    let stage = Stage::with(PRICES).await;
    let id = stage.app.sent(PHONE, "three").await;
    stage.app.sql("UPDATE outbox SET claim = 7").await; // while the provider is asked
    stage.app.deliver().await;
    assert_eq!(stage.main.given().len(), 1);
    assert_eq!(costs(&stage.app, &id).await, [""; 0]);
    assert_eq!(spent(&stage.app, "default").await, "0");
}

#[tokio::test]
async fn callbacks_are_told_the_cost_with_sent_and_not_otherwise() {
    let app = app().await;
    let stub = listener(&app, Topic::Status(EventKind::Sent)).await;
    app.sent(PHONE, "otp").await;
    app.deliver().await;
    let rows = told(&app, &stub).await;
    assert_eq!(rows[0]["status"]["billing"], json!({"cost": 0.032, "currency": "USD"}));
    assert!(rows[0].to_string().contains(r#""billing":{"cost":0.032,"currency":"USD"},"error_code":0"#));
}

#[tokio::test]
async fn without_a_price_there_is_no_cost_and_nothing_is_counted() {
    let app = TestApp::with(crate::engagelab::callbacks::LOCAL).await;
    let stub = listener(&app, Topic::Status(EventKind::Sent)).await;
    let id = app.sent(PHONE, "otp").await;
    app.deliver().await;
    let rows = told(&app, &stub).await;
    assert_eq!(rows[0]["status"]["message_status"], "sent");
    assert_eq!(rows[0]["status"].get("billing"), None);
    assert_eq!(costs(&app, &id).await, ["sent sms"]);
    assert!(app.service().spent().await.unwrap().is_empty());
}
