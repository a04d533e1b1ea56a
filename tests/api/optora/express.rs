//! What clients are used to from Express: paths, content types, CORS (spec 3.1).

use insta::assert_snapshot;

use super::client::Optora;

const NOTHING: &str = r#"404 {"error":"API endpoint not found"}"#;
const NO_EMAIL: &str = r#"400 {"error":"Invalid email"}"#;

#[tokio::test]
async fn paths_may_be_in_any_case_and_end_with_a_slash() {
    let api = Optora::new().await;
    for path in
        ["/API/OTP/VERIFY", "/Api/Otp/Verify/", "/api/otp/verify/", "/optora/api/otp/verify", "/optora/API/otp/Verify/"]
    {
        assert_eq!(api.raw("POST", path, &[], "{}").await.to_string(), NO_EMAIL, "{path}");
    }
    let id = api.code_sent().await;
    let status = api.get(&format!("/API/otp/Status/{id}/")).await;
    assert_eq!(status.json()["found"], true);
    api.link_sent().await;
    let link = api.link().await.replacen("/api/otp/verify-link", "/Api/OTP/Verify-Link/", 1);
    assert_eq!(api.get(&link).await.status, 200, "the token keeps its case");
}

#[tokio::test]
async fn the_other_dialects_keep_their_own_paths() {
    let api = Optora::new().await;
    let mailpass = api.get("/api/v1/nothing").await;
    assert!(mailpass.text.contains("NOT_FOUND"), "{mailpass}");
    assert_eq!(api.get("/API/V1/otp/send").await.to_string(), NOTHING);
    assert_snapshot!(api.get("/V1/messages").await, @r#"404 {"message":"no such resource"}"#);
}

#[tokio::test]
async fn unknown_paths_and_wrong_methods_look_the_same() {
    let api = Optora::new().await;
    let cases = [
        ("GET", "/api"),
        ("GET", "/api/"),
        ("GET", "/api/otp"),
        ("GET", "/api/otp/generate"),
        ("PUT", "/api/otp/generate"),
        ("POST", "/api/otp/status/0"),
        ("DELETE", "/api/otp/verify-link"),
        ("POST", "/api/otp/check"),
        ("GET", "/api/otp/status"),
        ("GET", "/api/otp//status/0"),
        ("GET", "/api/%FF"),
        ("GET", "/optora/nothing"),
    ];
    for (method, path) in cases {
        let answer = api.raw(method, path, &[], "").await;
        assert_eq!(answer.to_string(), NOTHING, "{method} {path}");
        assert_eq!(answer.header("allow"), "", "{method} {path}");
    }
}

#[tokio::test]
async fn what_is_not_said_to_be_json_is_empty() {
    let api = Optora::new().await;
    let body = r#"{"email":"jane@example.com"}"#;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/vnd.api+json"] {
        let answer = api.raw("POST", "/api/otp/generate", &[("content-type", kind)], body).await;
        assert_eq!(answer.to_string(), NO_EMAIL, "{kind}");
    }
    let json = api.raw("POST", "/api/otp/generate", &[("content-type", "Application/JSON; charset=utf-8")], body).await;
    assert_eq!(json.status, 200, "{json}");
}

#[tokio::test]
async fn bodies_that_are_none_are_told_apart() {
    let api = Optora::new().await;
    for (body, expected) in [
        ("{", r#"400 {"error":"Invalid JSON"}"#),
        (r#"{"email":"a@b.co","email":"c@d.co"}"#, r#"400 {"error":"Invalid JSON"}"#),
        ("", NO_EMAIL),
        ("[]", NO_EMAIL),
        ("null", NO_EMAIL),
        ("7", NO_EMAIL),
        (r#"{"email":7}"#, NO_EMAIL),
        (r#"{"email":["jane@example.com"]}"#, NO_EMAIL),
        (r#"{"email":"jane@localhost"}"#, NO_EMAIL),
        (r#"{"email":"jane doe@example.com"}"#, NO_EMAIL),
    ] {
        for path in ["generate", "send-link", "verify"] {
            let answer = api.raw("POST", &format!("/api/otp/{path}"), &[], body).await;
            assert_eq!(answer.to_string(), expected, "{path} {body}");
        }
    }
}

/// A field of another kind counts as one that is not there.
#[tokio::test]
async fn other_kinds_of_optional_fields_are_passed_over() {
    let api = Optora::new().await;
    let body = r#"{"email":"jane@example.com","organization":5,"subject":["x"],"type":null,"more":{"a":1}}"#;
    assert_eq!(api.raw("POST", "/api/otp/generate", &[], body).await.status, 200);
    assert_eq!(api.app.last().await.subject.as_deref(), Some("Your verification code"));
    assert!(api.mail().await.contains("Your Verification verification code"));
}

#[tokio::test]
async fn a_preflight_allows_what_is_asked_for() {
    let api = Optora::new().await;
    let asked = [("origin", "https://app.example"), ("access-control-request-headers", "content-type,x-thing")];
    for path in ["/api/otp/generate", "/api/otp/nothing", "/API/", "/optora/api/otp/verify"] {
        let answer = api.raw("OPTIONS", path, &asked, "").await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (204, ""), "{path}");
        let headers = ["origin", "methods", "headers"].map(|name| format!("access-control-allow-{name}"));
        let values = headers.each_ref().map(|name| answer.header(name));
        assert_eq!(values, ["*", "GET,HEAD,PUT,PATCH,POST,DELETE", "content-type,x-thing"], "{path}");
        assert_eq!(answer.header("vary"), "Access-Control-Request-Headers");
    }
    let bare = api.raw("OPTIONS", "/api/otp/generate", &[], "").await;
    assert_eq!((bare.status.as_u16(), bare.header("access-control-allow-headers")), (204, ""));
}

#[tokio::test]
async fn every_answer_may_be_read_by_any_page() {
    let api = Optora::new().await;
    let large = " ".repeat(65_537);
    let cases = [
        ("POST", "/api/otp/generate", r#"{"email":"jane@example.com"}"#, 200),
        ("POST", "/api/otp/generate", "{", 400),
        ("POST", "/api/otp/generate", &large, 413),
        ("GET", "/api/otp/status/0", "", 200),
        ("GET", "/api/otp/verify-link", "", 400),
        ("HEAD", "/api/otp/verify-link", "", 200),
        ("GET", "/api/nothing", "", 404),
    ];
    for (method, path, body, status) in cases {
        let answer = api.raw(method, path, &[], body).await;
        assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (status, "*"), "{path}");
        let kept = ["cache-control", "x-content-type-options"].map(|name| answer.header(name));
        assert_eq!(kept, ["no-store", "nosniff"], "{path}");
        assert_eq!(answer.header("referrer-policy").is_empty(), !path.ends_with("verify-link"), "a page's: {path}");
    }
    let other = api.get("/api/v1/nothing").await;
    assert_eq!(other.header("access-control-allow-origin"), "", "the other dialects are for servers");
}
