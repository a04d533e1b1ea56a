//! Messages that leave through an HTTP gateway, as it receives them.

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::sample::{sms_text, with_strategy};
pub(super) use crate::gateway_stub::{Stub, answer};
use crate::harness::{EMAIL, OTP, PHONE, TestApp, message, without_ids};

/// An installation whose phone channels go to the stub.
pub(super) async fn app(stub: &Stub) -> TestApp {
    let url = stub.url();
    let channels = "['sms', 'whatsapp', 'voice']";
    TestApp::with(&format!("[[provider]]\nname = 'gateway'\nkind = 'http'\nchannels = {channels}\nurl = '{url}'")).await
}

/// What the gateway got, with the code in it.
async fn through_the_gateway(language: &str) -> (TestApp, String, Value) {
    let stub = Stub::start().await;
    let app = app(&stub).await;
    let id = app.send(json!({"to": PHONE, "template": {"id": OTP, "language": language}})).await.id();
    app.deliver().await;
    let received = stub.one();
    assert_eq!((received.method.as_str(), received.content_type.as_deref()), ("POST", Some("application/json")));
    (app, id, serde_json::from_str(&received.body).unwrap())
}

fn code_in(text: &str) -> String {
    text.split(|character: char| !character.is_ascii_digit()).find(|run| run.len() == 6).unwrap().to_owned()
}

#[tokio::test]
async fn a_gsm_7_text_arrives_whole_and_its_code_verifies() {
    let (app, id, body) = through_the_gateway("es").await;
    let code = code_in(body["text"].as_str().unwrap());
    let shown = without_ids(&body.to_string()).replace(&code, "[code]");
    assert_snapshot!(shown, @r#"{"channel":"sms","message_id":"[id]","sender":"","text":"[verifyd] [code] es tu clave de un solo uso. Vence en 5 minutos. No la compartas con nadie.","to":"+6598765432"}"#);
    assert!(app.verify(&id, &code).await.text.ends_with(r#""verified":true}"#));
}

#[tokio::test]
async fn a_ucs_2_text_arrives_whole_and_its_code_verifies() {
    let (app, id, body) = through_the_gateway("zh_CN").await;
    let code = code_in(body["text"].as_str().unwrap());
    let shown = without_ids(&body.to_string()).replace(&code, "[code]");
    assert_snapshot!(shown, @r#"{"channel":"sms","message_id":"[id]","sender":"","text":"【verifyd】您的验证码是 [code]。验证码 5 分钟内有效。请勿告知他人。","to":"+6598765432"}"#);
    assert!(app.verify(&id, &code).await.text.ends_with(r#""verified":true}"#));
}

#[tokio::test]
async fn characters_beyond_the_basic_plane_and_of_the_extension_table_survive() {
    let stub = Stub::start().await;
    let app = app(&stub).await;
    app.has_template(sms_text("odd", "authentication", "€[{}]^~|\\ 🔑 \"{{code}}\"\n{{name}}")).await;
    let params = json!({"name": "Zoë 字"});
    app.send(json!({"to": PHONE, "template": {"id": "odd", "params": params}})).await.id();
    app.deliver().await;
    let body: Value = serde_json::from_str(&stub.one().body).unwrap();
    let text = body["text"].as_str().unwrap();
    assert_eq!(text.replace(&code_in(text), "#"), "€[{}]^~|\\ 🔑 \"#\"\nZoë 字");
}

#[tokio::test]
async fn a_gateway_that_is_down_for_a_moment_is_asked_again() {
    let stub = Stub::start().await;
    let app = app(&stub).await;
    stub.will(answer(503, "later"));
    let id = app.send(message(PHONE, OTP)).await.id();
    app.deliver().await;
    assert_eq!(stub.received().len(), 1);
    app.later(Duration::from_secs(2));
    app.deliver().await;
    let body: Value = serde_json::from_str(&stub.one().body).unwrap();
    assert_eq!(body["message_id"], json!(id));
    let code = code_in(body["text"].as_str().unwrap());
    assert!(app.verify(&id, &code).await.text.ends_with(r#""verified":true}"#));
}

/// A peer that takes connections and says nothing; the provider's own limits are minutes, the lease is a moment.
#[tokio::test]
async fn a_hand_over_ends_before_its_claim_however_patient_the_provider_is() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let gateway = format!("kind = 'http'\nurl = 'http://127.0.0.1:{port}/'\nconnect_timeout = '5m'");
    let mail = format!("kind = 'smtp'\nhost = '127.0.0.1'\nport = {port}\ntls = 'none'\nfrom = 'a@shop.test'");
    for (provider, channel, to) in [(gateway, "sms", PHONE), (mail, "email", EMAIL)] {
        let app = TestApp::with(&format!(
            "delivery.lease = '200ms'\ndelivery.max_tries = 1\n\
             [[provider]]\nname = 'silent'\nchannels = ['{channel}']\ntimeout = '5m'\n{provider}"
        ))
        .await;
        app.has_template(with_strategy("mail", "email")).await;
        let template = if channel == "sms" { OTP } else { "mail" };
        app.sent(to, template).await;

        let step = tokio::time::timeout(Duration::from_secs(30), app.app.worker().step());
        assert_eq!(step.await.expect("the hand-over goes on").unwrap(), 1);

        // Given up under its own claim: the window is free again.
        app.sent(to, template).await;
    }
}
