//! Templates, made, listed, shown and deleted (spec 4).

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::Value;
use verifyd::core::template::Audit;

use super::sample::{sample, sms_text, with_strategy};
use crate::harness::{Answer, OTP, PHONE, TestApp, message, seconds};

async fn list(app: &TestApp) -> Answer {
    app.engagelab("GET", "/v1/template-configs", Value::Null).await
}

async fn detail(app: &TestApp, id: &str) -> Answer {
    app.engagelab("GET", &format!("/v1/template-configs/{id}"), Value::Null).await
}

async fn delete(app: &TestApp, id: &str) -> Answer {
    app.engagelab("DELETE", &format!("/v1/template-configs/{id}"), Value::Null).await
}

/// An installation without the first template, an hour after its start.
async fn empty() -> TestApp {
    let app = TestApp::new().await;
    delete(&app, OTP).await;
    app
}

#[tokio::test]
async fn no_templates_are_an_empty_array() {
    assert_snapshot!(list(&empty().await).await, @"200 []");
}

#[tokio::test]
async fn the_full_sample_is_accepted_and_listed_without_its_contents() {
    let app = empty().await;
    assert_snapshot!(app.template(sample()).await, @r#"200 {"code":0,"message":"success"}"#);
    assert_snapshot!(list(&app).await, @r#"200 [{"template_id":"test-template-1","description":"Test Template 1","send_channel_strategy":"whatsapp|sms","brand_name":"Brand Name","verify_code_config":{"verify_code_type":1,"verify_code_len":6,"verify_code_ttl":1},"whatsapp_config":{"template_type":1},"sms_config":{"template_type":2,"template_parts":1},"pwa_config":{"pwa_platform":"xx","pwa_code":"xx"},"created_time":1795219200,"status":2,"audit_remark":""}]"#);
}

#[tokio::test]
async fn the_detail_has_the_contents_of_the_strategys_channels() {
    let app = empty().await;
    app.has_template(sample()).await;
    assert_snapshot!(detail(&app, "test-template-1").await, @r#"200 {"template_id":"test-template-1","description":"Test Template 1","send_channel_strategy":"whatsapp|sms","brand_name":"Brand Name","verify_code_config":{"verify_code_type":1,"verify_code_len":6,"verify_code_ttl":1},"whatsapp_config":{"template_type":1,"template_default_config":{"contain_security":false,"contain_expire":false}},"sms_config":{"template_type":2,"template_parts":1,"template_default_config":{"contain_security":false,"contain_expire":false},"template_custom_config":{"custom_sub_type":"authentication","custom_content":"Your code is {{code}}","custom_country_codes":"HK,PH"}},"pwa_config":{"pwa_platform":"xx","pwa_code":"xx"},"created_time":1795219200,"status":2,"audit_remark":""}"#);
}

#[tokio::test]
async fn the_detail_of_a_mail_has_its_texts() {
    let app = empty().await;
    app.has_template(with_strategy("mail", "email")).await;
    assert_snapshot!(detail(&app, "mail").await, @r#"200 {"template_id":"mail","description":"Test Template 1","send_channel_strategy":"email","brand_name":"Brand Name","verify_code_config":{"verify_code_type":1,"verify_code_len":6,"verify_code_ttl":1},"email_config":{"template_name":"Email Template Name","template_custom_configs":[{"language":"default","pre_from_name":"MyApp","pre_from_mail":"noreply@myapp.com","pre_subject":"Your verification code","template_content":"Hi {{name}}, your verification code is {{code}}","pre_param_map":{"name":"User"}}]},"pwa_config":{"pwa_platform":"xx","pwa_code":"xx"},"created_time":1795219200,"status":2,"audit_remark":""}"#);
}

#[tokio::test]
async fn the_detail_of_a_call_has_its_default_text() {
    let app = empty().await;
    app.has_template(with_strategy("call", "voice")).await;
    assert_snapshot!(detail(&app, "call").await, @r#"200 {"template_id":"call","description":"Test Template 1","send_channel_strategy":"voice","brand_name":"Brand Name","verify_code_config":{"verify_code_type":1,"verify_code_len":6,"verify_code_ttl":1},"voice_config":{"template_type":1,"template_default_config":{"contain_security":false,"contain_expire":false}},"pwa_config":{"pwa_platform":"xx","pwa_code":"xx"},"created_time":1795219200,"status":2,"audit_remark":""}"#);
}

#[tokio::test]
async fn a_template_without_a_code_shows_no_code_configuration() {
    let app = empty().await;
    app.has_template(sms_text("news", "utility", "News")).await;
    assert_snapshot!(list(&app).await, @r#"200 [{"template_id":"news","description":"","send_channel_strategy":"sms","brand_name":"","sms_config":{"template_type":2,"template_parts":1},"created_time":1795219200,"status":2,"audit_remark":""}]"#);
}

#[tokio::test]
async fn parts_are_counted_by_the_real_alphabet() {
    let app = TestApp::new().await;
    for (length, letter, parts) in
        [(154, "x", 1), (155, "x", 2), (64, "字", 1), (65, "字", 2), (77, "€", 1), (78, "€", 2)]
    {
        let id = format!("{letter}{length}").replace('字', "h").replace('€', "e");
        app.has_template(sms_text(&id, "authentication", &format!("{}{{{{code}}}}", letter.repeat(length)))).await;
        assert_eq!(detail(&app, &id).await.json()["sms_config"]["template_parts"], parts, "{id}");
    }
}

#[tokio::test]
async fn the_newest_comes_first_also_within_a_second() {
    let app = TestApp::new().await;
    for id in ["a", "c", "b"] {
        app.has_template(with_strategy(id, "sms")).await;
    }
    app.later(Duration::from_secs(61));
    app.has_template(with_strategy("d", "sms")).await;
    let templates = list(&app).await.json();
    let ids: Vec<_> = templates.as_array().unwrap().iter().map(|template| &template["template_id"]).collect();
    assert_eq!(ids, ["d", "b", "c", "a", OTP]);
    assert_eq!(templates[0]["created_time"], seconds(&app.clock));
}

#[tokio::test]
async fn a_name_is_taken_until_it_is_deleted() {
    let app = TestApp::new().await;
    app.has_template(sample()).await;
    assert_snapshot!(app.template(sample()).await, @r#"400 {"code":3003,"message":"template_id already exist"}"#);
    assert_snapshot!(delete(&app, "test-template-1").await, @r#"200 {"code":0,"message":"success"}"#);
    assert_snapshot!(delete(&app, "test-template-1").await, @r#"400 {"code":4001,"message":"config not exist"}"#);
    app.has_template(sample()).await;
}

#[tokio::test]
async fn an_unknown_name_does_not_exist() {
    let app = TestApp::new().await;
    for id in ["none", "%00", "a%20b", "%F0%9F%94%91", "OTP", "otp%00"] {
        assert_eq!(detail(&app, id).await.to_string(), r#"400 {"code":4001,"message":"config not exist"}"#);
        assert_eq!(delete(&app, id).await.to_string(), r#"400 {"code":4001,"message":"config not exist"}"#);
    }
    assert_snapshot!(app.send(message(PHONE, "none")).await, @r#"400 {"code":4001,"message":"config not exist"}"#);
}

#[tokio::test]
async fn another_applications_templates_do_not_exist() {
    let app = TestApp::new().await;
    let key = app.key_of("stranger", |_| {}).await;
    let path = format!("/v1/template-configs/{OTP}");
    let ask = async |method: &str, path: &str| app.call_as(&key, method, path, poem::Body::empty()).await;
    assert_snapshot!(ask("GET", "/v1/template-configs").await, @"200 []");
    assert_snapshot!(ask("GET", &path).await, @r#"400 {"code":4001,"message":"config not exist"}"#);
    assert_snapshot!(ask("DELETE", &path).await, @r#"400 {"code":4001,"message":"config not exist"}"#);
    let send = app.call_as(&key, "POST", "/v1/messages", message(PHONE, OTP).to_string()).await;
    assert_snapshot!(send, @r#"400 {"code":4001,"message":"config not exist"}"#);
    assert_eq!(detail(&app, OTP).await.status, 200);
}

#[tokio::test]
async fn live_codes_survive_their_template() {
    let app = TestApp::new().await;
    let id = app.sent(PHONE, OTP).await;
    delete(&app, OTP).await;
    let code = app.last_code().await;
    assert!(app.verify(&id, &code).await.text.ends_with(r#""verified":true}"#));
}

#[tokio::test]
async fn pending_and_rejected_templates_cannot_be_used() {
    let app = TestApp::with("[templates]\nauto_approve = false").await;
    let owner = app.app_id("default").await;
    let audit = async |status, remark| assert!(app.service().audit_template(owner, OTP, status, remark).await.unwrap());
    let refused = r#"400 {"code":3003,"message":"template status is not approved, can not use"}"#;
    let shown = async || {
        let template = detail(&app, OTP).await.json();
        (template["status"].clone(), template["audit_remark"].clone())
    };
    assert_eq!(shown().await, (1.into(), "".into()));
    assert_eq!(app.send(message(PHONE, OTP)).await.to_string(), refused);
    audit(Audit::Rejected, "no brand").await;
    assert_eq!(shown().await, (3.into(), "no brand".into()));
    assert_eq!(app.send(message(PHONE, OTP)).await.to_string(), refused);
    audit(Audit::Approved, "").await;
    assert_eq!(shown().await, (2.into(), "".into()));
    app.sent(PHONE, OTP).await;
}
