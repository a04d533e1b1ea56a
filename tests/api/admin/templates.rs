//! Review of templates.

use serde_json::{Value, json};

use super::{Admin, fault};
use crate::harness::{OTP, PHONE, message};

fn marketing(id: &str) -> Value {
    json!({
        "template_id": id,
        "send_channel_strategy": "sms",
        "brand_name": "Shop",
        "sms_config": {
            "template_type": 2,
            "template_custom_config": {"custom_sub_type": "marketing", "custom_content": "Sale, {{name}}!"},
        },
    })
}

#[tokio::test]
async fn a_template_waits_for_its_review_and_is_used_after() {
    let admin = Admin::with("[templates]\nauto_approve = false").await;
    let templates = format!("{}/templates", admin.default_app().await);
    admin.app.has_template(marketing("sale")).await;
    let shown = admin.shown(&format!("{templates}/sale")).await;
    assert_eq!((&shown["template"]["status"], &shown["template"]["channels"]), (&json!("pending"), &json!(["sms"])));
    assert_eq!(shown["texts"], json!([{"channel": "sms", "own": false, "content": "Sale, {{name}}!"}]));
    let use_it = async || {
        let body = json!({"to": PHONE, "template": {"id": "sale", "params": {"name": "Jane"}}});
        admin.app.engagelab("POST", "/v1/custom-messages", body).await.status.as_u16()
    };
    assert_eq!(use_it().await, 400);
    let approved = admin.done("POST", &format!("{templates}/sale/approve"), Value::Null).await;
    assert_eq!(approved["template"]["status"], "approved");
    assert_eq!(use_it().await, 200);
    let rejected = admin.done("POST", &format!("{templates}/sale/reject"), json!({"remark": "no sales"})).await;
    assert_eq!(
        (&rejected["template"]["status"], &rejected["template"]["audit_remark"]),
        (&json!("rejected"), &json!("no sales"))
    );
    assert_eq!(use_it().await, 400);
}

#[tokio::test]
async fn a_code_template_shows_what_a_reviewer_needs() {
    let admin = Admin::new().await;
    let shown = admin.shown(&format!("{}/templates/{OTP}", admin.default_app().await)).await;
    let expected = json!({
        "template": {
            "template_id": "otp",
            "description": "Made at the first start",
            "status": "approved",
            "audit_remark": "",
            "channels": ["sms"],
            "created_at": "2026-11-21T00:00:00Z",
        },
        "brand_name": "verifyd",
        "code_length": 6,
        "code_minutes": 5,
        "texts": [{"channel": "sms", "own": true}],
    });
    assert_eq!(shown, expected);
}

#[tokio::test]
async fn a_deleted_template_is_gone_for_callers_too() {
    let admin = Admin::new().await;
    let path = format!("{}/templates/{OTP}", admin.default_app().await);
    for _ in 0..2 {
        assert_eq!(admin.call("DELETE", &path, Value::Null).await.status, 204);
    }
    assert!(admin.app.send(message(PHONE, OTP)).await.text.contains("4001"));
    assert_eq!(fault(&admin.get(&path).await), "404 no_such_template");
    assert_eq!(fault(&admin.call("POST", &format!("{path}/approve"), Value::Null).await), "404 no_such_template");
}

#[tokio::test]
async fn templates_of_others_are_not_there() {
    let admin = Admin::new().await;
    let other = admin.done("POST", "/apps", json!({"name": "other"})).await;
    let templates = format!("/apps/{}/templates", other["id"].as_str().unwrap());
    assert_eq!(admin.shown(&templates).await, json!({"items": []}));
    for (method, path) in [("GET", ""), ("POST", "/approve")] {
        let answer = admin.call(method, &format!("{templates}/{OTP}{path}"), Value::Null).await;
        assert_eq!(fault(&answer), "404 no_such_template", "{method}");
    }
    assert_eq!(admin.call("DELETE", &format!("{templates}/{OTP}"), Value::Null).await.status, 204);
    assert_eq!(admin.app.send(message(PHONE, OTP)).await.status, 200);
}

#[tokio::test]
async fn a_remark_is_given_and_printable() {
    let admin = Admin::new().await;
    let path = format!("{}/templates/{OTP}/reject", admin.default_app().await);
    for body in [json!({}), json!({"remark": "a\u{0}"}), json!({"remark": "x".repeat(501)})] {
        assert_eq!(fault(&admin.call("POST", &path, body).await), "400 invalid_value");
    }
}
