//! Providers with templates of their own get the bare code, whoever made it.

use serde_json::{Value, json};

use super::sample::with_strategy;
use crate::{
    gateway_stub::Stub,
    harness::{PHONE, TestApp},
};

/// An installation with a template for `WhatsApp`, which goes to the stub as Meta's Cloud API does.
async fn app(stub: &Stub) -> TestApp {
    let app = TestApp::with(&format!(
        "[[provider]]\nname = 'wa'\nkind = 'whatsapp'\nchannels = ['whatsapp']\nphone_number_id = '1'\n\
         access_token = 'token'\nbase_url = 'http://{}'",
        stub.address
    ))
    .await;
    app.has_template(with_strategy("wa", "whatsapp")).await;
    app
}

/// What stands in the template's text and in its button.
async fn delivered(app: &TestApp, stub: &Stub) -> String {
    app.deliver().await;
    let body: Value = serde_json::from_str(&stub.one().body).unwrap();
    let code = |component| &body["template"]["components"][component]["parameters"][0]["text"];
    assert_eq!(code(0), code(1));
    code(0).as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_code_of_the_servers_verifies_as_it_was_delivered() {
    let stub = Stub::start().await;
    let app = app(&stub).await;
    let id = app.sent(PHONE, "wa").await;
    let code = delivered(&app, &stub).await;
    assert_eq!(app.verify(&id, &code).await.json()["verified"], true);
}

#[tokio::test]
async fn a_code_of_the_callers_is_delivered_as_it_was_given() {
    let stub = Stub::start().await;
    let app = app(&stub).await;
    let own = json!({"to": PHONE, "code": "A-1 b", "template": {"id": "wa"}});
    app.engagelab("POST", "/v1/codes", own).await.id();
    assert_eq!(delivered(&app, &stub).await, "A-1 b");
    let custom = json!({"to": PHONE, "template": {"id": "wa", "params": {"code": "4711"}}});
    app.engagelab("POST", "/v1/custom-messages", custom).await.id();
    assert_eq!(delivered(&app, &stub).await, "4711");
}
