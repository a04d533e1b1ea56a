//! Where dialects are served on one port: at their own paths, below their names, on hosts of their own (one-port 5.2).

use poem::Body;
use serde_json::json;
use verifyd::core::access::Pool;
use verifyd::service::NewKey;

use crate::harness::{Answer, OTP, PHONE, TestApp, message, request};

const ENGAGELAB: &str = r#"404 {"code":4001,"message":"api not exist"}"#;
const MAILPASS: &str =
    r#"404 {"success":false,"error":{"code":"NOT_FOUND","message":"The OTP session was not found."}}"#;
const AIRTEXTS: &str = r#"404 {"success":false,"error":"Endpoint not found","code":"NOT_FOUND"}"#;
const NOBODY: &str = r#"404 {"message":"no such resource"}"#;

/// A path, asked for under a host name.
async fn get(app: &TestApp, host: &str, path: &str) -> String {
    app.exchange(request("GET", path, &[("host", host)], Body::empty()), None).await.to_string()
}

/// A status of MailPass, as a key of it.
async fn status(app: &TestApp, host: &str, path: &str) -> Answer {
    let owner = app.app_id("default").await;
    let key = app.service().create_key(owner, NewKey::of(Pool::Mailpass)).await.unwrap();
    let authorization = format!("Bearer {}", key.api_key().unwrap().as_str());
    let headers = [("host", host), ("authorization", &*authorization)];
    app.exchange(request("GET", path, &headers, Body::empty()), None).await
}

#[tokio::test]
async fn the_prefix_decides_in_whose_words_a_path_is_not_there() {
    let app = TestApp::new().await;
    let cases = [
        ("/v1/nothing", ENGAGELAB),
        ("/api/v1/nothing", MAILPASS),
        ("/api/v1", MAILPASS),
        ("/otp/nothing", AIRTEXTS),
        ("/otp", AIRTEXTS),
        ("/airtexts/otp/nothing", AIRTEXTS),
        ("/engagelab/nothing", ENGAGELAB),
        ("/engagelab", ENGAGELAB),
        ("/mailpass/api/v1/nothing", MAILPASS),
        ("/mailpass/v1/template-configs", MAILPASS),
        ("/engagelab/mailpass/api/v1/otp/send", ENGAGELAB),
        ("/nothing", NOBODY),
        ("/v10/messages", NOBODY),
    ];
    for (path, expected) in cases {
        assert_eq!(get(&app, "localhost", path).await, expected, "{path}");
    }
}

#[tokio::test]
async fn below_its_name_a_dialect_is_whole() {
    let app = TestApp::new().await;
    let body = message(PHONE, OTP).to_string();
    let sent = app.call_as(&app.key, "POST", "/engagelab/v1/messages", body).await;
    assert_eq!(sent.id().len(), 19);
    let guess = json!({"message_id": sent.id(), "verify_code": app.last_code().await}).to_string();
    let verified = app.call_as(&app.key, "POST", "/engagelab/v1/verifications", guess).await;
    assert_eq!(verified.json()["verified"], true);
    let wrong = app.call_as(&app.key, "PUT", "/engagelab/v1/messages", "").await;
    assert_eq!((wrong.status.as_u16(), wrong.header("allow")), (405, "POST"));
    let path = format!("/mailpass/api/v1/otp/status/{}", "0".repeat(32));
    let answer = status(&app, "localhost", &path).await;
    assert_eq!((answer.to_string().as_str(), answer.header("x-ratelimit-limit")), (MAILPASS, "60"));
}

#[tokio::test]
async fn on_its_host_a_dialect_answers_for_all_and_pages_stay_what_they_are() {
    let app = TestApp::with("[mailpass]\nhost = 'otp.example.com'").await;
    for host in ["otp.example.com", "OTP.Example.com:8443"] {
        for path in ["/v1/template-configs", "/engagelab/v1/template-configs", "/api/v1/nothing"] {
            assert_eq!(get(&app, host, path).await, MAILPASS, "{path}");
        }
        let answer = status(&app, host, &format!("/api/v1/otp/status/{}", "0".repeat(32))).await;
        assert_eq!(answer.header("x-ratelimit-limit"), "60");
        assert_eq!(get(&app, host, "/healthz").await, "200 ok\n");
        assert_eq!(get(&app, host, "/nothing").await, NOBODY);
        assert!(get(&app, host, "/admin/v1/apps").await.starts_with("401 "));
    }
    assert_eq!(get(&app, "example.com", "/v1/nothing").await, ENGAGELAB);
}

#[tokio::test]
async fn a_dialect_that_is_switched_off_is_nowhere() {
    let app = TestApp::with("[mailpass]\nenabled = false\nhost = 'otp.example.com'").await;
    for path in ["/api/v1/otp/send", "/mailpass/api/v1/otp/send", "/docs/mailpass", "/openapi/mailpass.json"] {
        assert_eq!(get(&app, "localhost", path).await, NOBODY, "{path}");
    }
    assert_eq!(get(&app, "otp.example.com", "/v1/nothing").await, ENGAGELAB, "its host is nobody's");
}
