//! Every failure wears one face, whatever went wrong and wherever.

use poem::Body;
use serde_json::{Value, json};
use verifyd::{admin, http::body::BODY_LIMIT};

use super::{Admin, fault};
use crate::harness::request;

#[tokio::test]
async fn what_reaches_no_resource_is_told_apart() {
    let admin = Admin::new().await;
    for path in ["", "/", "/nothing", "/apps/", "/status/more"] {
        assert_eq!(fault(&admin.get(path).await), "404 no_such_path", "{path}");
    }
    let answer = admin.call("PUT", "/apps", Value::Null).await;
    assert_eq!(fault(&answer), "405 method_not_allowed");
    assert_eq!(answer.header("allow"), "GET, POST");
    assert_eq!(admin.call("HEAD", "/status", Value::Null).await.status, 405);
    assert_eq!(fault(&admin.get("/apps?limit=0").await), "400 invalid_parameter");
    assert_eq!(fault(&admin.get("/apps?limit=x").await), "400 invalid_parameter");
}

#[tokio::test]
async fn bodies_that_are_not_as_they_should_be_are_told_apart() {
    let admin = Admin::new().await;
    let long = format!("{{\"name\":\"{}\"}}", "x".repeat(BODY_LIMIT));
    let cases = [
        ("", "400 not_json"),
        ("{", "400 not_json"),
        ("[]", "400 wrong_shape"),
        (r#"{"name":1}"#, "400 wrong_shape"),
        (r#"{"name":"a","nmae":"b"}"#, "400 wrong_shape"),
        (r#"{"name":"a","name":"b"}"#, "400 duplicate_field"),
        ("{}", "400 invalid_value"),
        (r#"{"name":null}"#, "400 invalid_value"),
        (long.as_str(), "413 too_large"),
    ];
    for (body, expected) in cases {
        assert_eq!(fault(&admin.raw("POST", "/apps", body.to_owned()).await), expected, "{body:.40}");
    }
    let bearer = format!("Bearer {}", admin.token);
    let headers = [("authorization", bearer.as_str()), ("content-encoding", "gzip")];
    let encoded = admin.app.exchange(request("POST", "/admin/v1/apps", &headers, "{}"), None).await;
    assert_eq!(fault(&encoded), "415 encoded");
}

/// Each operation of the document, with a path that names nothing that exists.
fn operations() -> Vec<(String, String)> {
    let document = admin::document();
    let items = document["paths"].as_object().unwrap().iter();
    let of_item = |(path, item): (&String, &Value)| {
        let path = path.strip_prefix("/admin/v1").unwrap().replace(['{', '}'], "7");
        let methods = item.as_object().unwrap().keys().map(|method| method.to_uppercase());
        methods.map(|method| (method, path.clone())).collect::<Vec<_>>()
    };
    items.flat_map(of_item).collect()
}

#[tokio::test]
async fn no_operation_answers_without_a_token() {
    let admin = Admin::new().await;
    let operations = operations();
    assert!(operations.len() > 15);
    for (method, path) in operations {
        let answer =
            admin.app.exchange(request(&method, &format!("/admin/v1{path}"), &[], Body::from("{}")), None).await;
        assert_eq!(fault(&answer), "401 unauthenticated", "{method} {path}");
    }
}

#[tokio::test]
async fn a_lost_database_is_our_fault_and_says_no_more() {
    let admin = Admin::new().await;
    admin.app.sql("ALTER TABLE setting RENAME TO lost").await;
    let answer = admin.get("/apps").await;
    assert_eq!(fault(&answer), "500 internal_error");
    assert_eq!(answer.json(), json!({"error": {"code": "internal_error", "message": "internal error"}}));
}

#[tokio::test]
async fn every_description_and_its_page_are_served() {
    let admin = Admin::new().await;
    let page = async |path: &str| admin.app.exchange(request("GET", path, &[], Body::empty()), None).await;
    let served: Value = serde_json::from_str(&page("/openapi/admin.json").await.text).unwrap();
    assert_eq!(served, admin::document());
    let pages = [
        ("/docs", "EngageLab OTP API"),
        ("/docs/engagelab", "EngageLab OTP API"),
        ("/docs/mailpass", "MailPass OTP API"),
        ("/docs/airtexts", "AirTexts OTP API"),
        ("/docs/admin", "Management API"),
    ];
    for (path, title) in pages {
        let page = page(path).await;
        assert!(page.text.contains(&format!("<title>{title}</title>")), "{path}");
        let links = pages[1..].iter().map(|(path, _)| format!(r#"<a href="{path}""#));
        assert!(links.into_iter().all(|link| page.text.contains(&link)), "{path}");
    }
}
