//! What is told beside the steps of messages: reviews, messages from people, keys, templates, calls.

use insta::assert_snapshot;
use serde_json::json;
use verifyd::{
    channel::Uplink,
    core::{callback::Topic, template::Audit},
};

use super::{app, every_topic, rows};
use crate::{
    engagelab::sample::with_strategy,
    gateway_stub::Stub,
    harness::{OTP, PHONE, TestApp, without_ids},
};

/// The rows of everything that is told now, without ids and the key's name.
async fn told(app: &TestApp, stub: &Stub) -> String {
    app.call_back().await;
    let rows: Vec<_> = stub.received().iter().flat_map(rows).map(|row| without_ids(&row.to_string())).collect();
    rows.join("\n").replace(&app.key.dev_key, "[key]")
}

#[tokio::test]
async fn the_review_of_a_template_is_a_notification() {
    let (app, stub) = (app().await, Stub::start().await);
    app.tells(&stub, [Topic::TemplateAuditResult]).await;
    let owner = app.app_id("default").await;
    app.service().audit_template(owner, OTP, Audit::Rejected, "no brand").await.unwrap();
    app.service().audit_template(owner, OTP, Audit::Approved, "").await.unwrap();
    assert!(!app.service().audit_template(owner, "nobody", Audit::Approved, "").await.unwrap());
    assert_snapshot!(told(&app, &stub).await, @r#"
{"server":"otp","itime":1795219200,"notification":{"event":"template_audit_result","notification_data":{"template_id":"otp","status":3,"reason":"no brand"}}}
{"server":"otp","itime":1795219200,"notification":{"event":"template_audit_result","notification_data":{"template_id":"otp","status":2,"reason":""}}}
"#);
}

#[tokio::test]
async fn what_somebody_writes_back_is_told_once_to_every_application_that_wants_it() {
    let (app, stub, deaf) = (app().await, Stub::start().await, Stub::start().await);
    app.tells(&stub, [Topic::UplinkMessage]).await;
    app.tells(&deaf, [Topic::KeyManage]).await;
    let uplink = || Uplink {
        reference: "SM1".into(),
        account: "AC1".into(),
        from: "+1234567890".into(),
        to: "+6598765432".into(),
        body: "STOP".into(),
    };
    for _ in 0..3 {
        app.service().keep_uplink("gw", uplink()).await.unwrap();
    }
    assert_snapshot!(told(&app, &stub).await, @r#"{"server":"otp","itime":1795219200,"message_id":"0","business_id":"0","response":{"event":"uplink_message","response_data":{"message_sid":"SM1","account_sid":"AC1","from":"+1234567890","to":"+6598765432","body":"STOP"}}}"#);
    assert!(deaf.received().is_empty());
}

#[tokio::test]
async fn keys_and_templates_are_system_events() {
    let (app, stub) = (app().await, Stub::start().await);
    app.tells(&stub, [Topic::KeyManage, Topic::TemplateManage]).await;
    let key = app.key_of("default", |new| new.description = "till".into()).await;
    app.service().enable_key(&key.dev_key, false).await.unwrap();
    app.service().delete_key(&key.dev_key).await.unwrap();
    app.has_template(with_strategy("bill", "sms")).await;
    app.engagelab("DELETE", "/v1/template-configs/bill", json!(null)).await;
    assert_snapshot!(told(&app, &stub).await.replace(&key.dev_key, "[new key]"), @r#"
{"server":"otp","itime":1795219200,"system_event":{"event":"key_manage","data":{"business_id":"[id]","org_id":"0","operator":{"ip_address":""},"key_manage":{"action":"create api_key","api_key":"[new key]","description":"till"}}}}
{"server":"otp","itime":1795219200,"system_event":{"event":"key_manage","data":{"business_id":"[id]","org_id":"0","operator":{"ip_address":""},"key_manage":{"action":"update api_key","api_key":"[new key]","description":"till"}}}}
{"server":"otp","itime":1795219200,"system_event":{"event":"key_manage","data":{"business_id":"[id]","org_id":"0","operator":{"ip_address":""},"key_manage":{"action":"delete api_key","api_key":"[new key]","description":"till"}}}}
{"server":"otp","itime":1795219200,"system_event":{"event":"template_manage","data":{"business_id":"[id]","org_id":"0","operator":{"api_key":"[key]","ip_address":""},"template_manage":{"action":"create template","template_id":"bill","template_name":"Test Template 1"}}}}
{"server":"otp","itime":1795219200,"system_event":{"event":"template_manage","data":{"business_id":"[id]","org_id":"0","operator":{"api_key":"[key]","ip_address":""},"template_manage":{"action":"delete template","template_id":"bill","template_name":"Test Template 1"}}}}
"#);
}

#[tokio::test]
async fn calls_are_told_to_those_only_who_subscribed() {
    let (app, stub, usual) = (app().await, Stub::start().await, Stub::start().await);
    app.tells(&stub, [Topic::ApiCall]).await;
    app.tells(&usual, every_topic()).await;
    app.sent(PHONE, OTP).await;
    app.engagelab("GET", "/v1/template-configs/otp", json!(null)).await;
    assert_snapshot!(told(&app, &stub).await, @r#"
{"server":"otp","itime":1795219200,"system_event":{"event":"api_call","data":{"business_id":"[id]","org_id":"0","operator":{"api_key":"[key]","ip_address":""},"api_call":{"api_path":"/v1/messages","method":"POST"}}}}
{"server":"otp","itime":1795219200,"system_event":{"event":"api_call","data":{"business_id":"[id]","org_id":"0","operator":{"api_key":"[key]","ip_address":""},"api_call":{"api_path":"/v1/template-configs/otp","method":"GET"}}}}
"#);
    assert_eq!(usual.received().iter().flat_map(rows).filter(|row| row["system_event"].is_object()).count(), 0);
}
