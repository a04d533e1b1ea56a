//! Bodies, paths and methods that are not as they should be (spec 10, rows 2, 19, 24, 34; security F4, F7).

use insta::assert_snapshot;
use poem::Body;
use serde_json::{Value, json};

use super::sample::sample;
use crate::harness::{Answer, OTP, PHONE, TestApp, message, request};

const FORMAT: &str = r#"400 {"code":3001,"message":"invalid request params format"}"#;
const POSTS: [&str; 5] =
    ["/v1/messages", "/v1/codes", "/v1/custom-messages", "/v1/verifications", "/v1/template-configs"];

/// A good body of each of [`POSTS`], with every field.
fn full_bodies() -> [Value; 5] {
    let template = json!({"id": OTP, "language": "en", "params": {"name": "Jane"}});
    let send = json!({"to": PHONE, "template": template, "custom_args": {"a": 1}});
    let mut code = send.clone();
    code["code"] = json!("1");
    let custom = json!({"to": [PHONE], "template": {"id": OTP, "params": {"code": "1"}}, "custom_args": {}});
    [send, code, custom, json!({"message_id": "1", "verify_code": "1"}), sample()]
}

#[tokio::test]
async fn what_is_not_a_json_object_is_3001() {
    let app = TestApp::new().await;
    let bodies: [&[u8]; 12] = [
        b"",
        b"{",
        b"x",
        b"[]",
        b"null",
        b"1",
        b"\"\"",
        b"{}{}",
        b"{'to':1}",
        b"{\"to\":\xff}",
        b"\xef\xbb\xbf{}",
        b"to=%2B65&template=otp",
    ];
    for path in POSTS {
        for body in bodies {
            assert_eq!(app.raw(path, body).await.to_string(), FORMAT, "{path} {}", String::from_utf8_lossy(body));
        }
        assert_eq!(app.raw(path, "[{}]").await.to_string(), FORMAT, "{path}");
    }
}

/// JSON pointers to every value inside.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let children: Vec<_> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(place, item)| (place.to_string(), item)).collect(),
        _ => vec![],
    };
    for (name, child) in children {
        let at = format!("{at}/{name}");
        pointers(child, &at, found);
        found.push(at);
    }
}

#[tokio::test]
async fn a_wrong_type_at_any_field_is_3001() {
    let app = TestApp::new().await;
    let mut tried = 0;
    for (path, good) in POSTS.into_iter().zip(full_bodies()) {
        let mut all = vec![];
        pointers(&good, "", &mut all);
        for pointer in all.iter().filter(|pointer| !pointer.starts_with("/custom_args/")) {
            for wrong in [json!("x"), json!(1.5), json!(true), json!([7]), json!({"x": {}})] {
                let right = good.pointer(pointer).unwrap();
                let same_type = std::mem::discriminant(&wrong) == std::mem::discriminant(right);
                if (same_type && !right.is_number() && !right.is_array()) || is_also_good(pointer, path, &wrong) {
                    continue;
                }
                let mut body = good.clone();
                *body.pointer_mut(pointer).unwrap() = wrong.clone();
                let answer = app.engagelab("POST", path, body).await;
                assert_eq!(answer.to_string(), FORMAT, "{path}: {wrong} at {pointer}");
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "{tried}");
}

/// `to` of a custom message may be a string.
fn is_also_good(pointer: &str, path: &str, value: &Value) -> bool {
    path == "/v1/custom-messages" && pointer == "/to" && value.is_string()
}

#[tokio::test]
async fn a_key_that_is_given_twice_is_3002_at_any_depth() {
    let app = TestApp::new().await;
    for body in [
        format!(r#"{{"to":"{PHONE}","to":"{PHONE}","template":{{"id":"otp"}}}}"#),
        format!(r#"{{"to":"{PHONE}","template":{{"id":"otp","i\u0064":"otp"}}}}"#),
        format!(r#"{{"to":"{PHONE}","template":{{"id":"otp"}},"unknown":[{{"a":1,"a":1}}]}}"#),
    ] {
        assert_eq!(
            app.raw("/v1/messages", body).await.to_string(),
            r#"400 {"code":3002,"message":"a field is given twice"}"#
        );
    }
}

#[tokio::test]
async fn nesting_beyond_sixteen_is_3001() {
    let app = TestApp::new().await;
    let nested = |depth: usize| {
        let inner = format!("{}{}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        format!(r#"{{"to":"{PHONE}","template":{{"id":"otp"}},"unknown":{inner}}}"#)
    };
    assert_eq!(app.raw("/v1/messages", nested(17)).await.to_string(), FORMAT);
    assert_eq!(app.raw("/v1/messages", nested(30_000)).await.to_string(), FORMAT);
    assert_eq!(app.raw("/v1/messages", nested(16)).await.status, 200);
}

#[tokio::test]
async fn bodies_are_taken_up_to_64_kibibytes() {
    let app = TestApp::new().await;
    let of = |length: usize| {
        let body = message(PHONE, OTP).to_string();
        let padding = " ".repeat(length - body.len());
        body + &padding
    };
    assert_snapshot!(app.raw("/v1/messages", of(65_537)).await, @r#"413 {"code":3002,"message":"request body is too large"}"#);
    assert_eq!(app.raw("/v1/messages", of(65_536)).await.status, 200);
}

async fn with_header(app: &TestApp, name: &str, value: &str) -> Answer {
    let headers = [("authorization", &*app.key.basic()), (name, value)];
    app.exchange(request("POST", "/v1/messages", &headers, message(PHONE, OTP).to_string()), None).await
}

#[tokio::test]
async fn encoded_bodies_are_415() {
    let app = TestApp::new().await;
    for encoding in ["gzip", "br", "deflate", "identity, gzip", "x"] {
        let answer = with_header(&app, "content-encoding", encoding).await;
        assert_eq!(answer.to_string(), r#"415 {"code":3001,"message":"invalid request params format"}"#);
    }
    assert_eq!(with_header(&app, "content-encoding", "identity").await.status, 200);
}

#[tokio::test]
async fn the_content_type_is_not_needed() {
    let app = TestApp::new().await;
    let mut bare =
        request("POST", "/v1/messages", &[("authorization", &app.key.basic())], message(PHONE, OTP).to_string());
    bare.headers_mut().remove("content-type");
    assert_eq!(app.exchange(bare, None).await.status, 200);
    for (number, kind) in
        ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1"].into_iter().enumerate()
    {
        let body = message(&format!("+659876544{number}"), OTP).to_string();
        let headers = [("authorization", &*app.key.basic()), ("content-type", kind)];
        assert_eq!(app.exchange(request("POST", "/v1/messages", &headers, body), None).await.status, 200, "{kind}");
    }
}

#[tokio::test]
async fn unknown_fields_are_ignored() {
    let app = TestApp::new().await;
    let body = json!({"to": PHONE, "template": {"id": OTP, "param_vars": 1}, "x": [null]});
    assert_eq!(app.send(body).await.status, 200);
}

#[tokio::test]
async fn a_nul_byte_in_any_string_is_never_our_fault() {
    let app = TestApp::new().await;
    for (path, good) in POSTS.into_iter().zip(full_bodies()) {
        let mut all = vec![];
        pointers(&good, "", &mut all);
        for pointer in all.iter().filter(|pointer| good.pointer(pointer).unwrap().is_string()) {
            for text in ["\0", "a\0b", "\u{ffff}", "\u{1f511}", "'; DROP TABLE message; --"] {
                let mut body = good.clone();
                *body.pointer_mut(pointer).unwrap() = json!(text);
                let answer = app.engagelab("POST", path, body).await;
                assert!(answer.status.as_u16() < 500, "{path}: {text:?} at {pointer}: {answer}");
            }
        }
    }
    let args = json!({"to": "+6598765444", "template": {"id": OTP}, "custom_args": {"a\0": "\0"}});
    assert!(app.send(args).await.status.as_u16() < 500);
}

#[tokio::test]
async fn unknown_paths_are_404_in_the_same_shape() {
    let app = TestApp::new().await;
    for path in [
        "/v1/custom-send-otp",
        "/v1",
        "/v1/",
        "/v1/messages/",
        "/v1/messages/1",
        "/v1/Messages",
        "/v1/template-configs/a/b",
        "/v1/template-configs/",
    ] {
        let answer = app.engagelab("POST", path, json!({})).await;
        assert_eq!(answer.to_string(), r#"404 {"code":4001,"message":"api not exist"}"#);
        answer.json();
    }
}

#[tokio::test]
async fn wrong_methods_are_405_and_told_the_right_ones() {
    let app = TestApp::new().await;
    let cases = [
        ("GET", "/v1/messages", "POST"),
        ("DELETE", "/v1/codes", "POST"),
        ("PUT", "/v1/custom-messages", "POST"),
        ("PATCH", "/v1/verifications", "POST"),
        ("OPTIONS", "/v1/messages", "POST"),
        ("PUT", "/v1/template-configs", "GET, POST"),
        ("POST", "/v1/template-configs/otp", "GET, DELETE"),
        ("PUT", "/v1/template-configs/otp", "GET, DELETE"),
        ("BREW", "/v1/messages", "POST"),
    ];
    for (method, path, allow) in cases {
        let answer = app.engagelab(method, path, Value::Null).await;
        assert_eq!(answer.to_string(), r#"405 {"code":4001,"message":"method not allowed"}"#);
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
    }
}

#[tokio::test]
async fn head_is_no_get() {
    let app = TestApp::new().await;
    let answer = app.call_as(&app.key, "HEAD", "/v1/template-configs", Body::empty()).await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "GET, POST"));
}

#[tokio::test]
async fn a_dialect_that_is_switched_off_answers_nothing() {
    let app = TestApp::with("[engagelab]\nenabled = false").await;
    let answer = app.engagelab("GET", "/v1/template-configs", Value::Null).await;
    assert_eq!(answer.to_string(), r#"404 {"message":"no such resource"}"#);
}

#[tokio::test]
async fn a_path_that_is_no_utf8_is_answered_in_json_like_any_other() {
    let app = TestApp::new().await;
    let get = async |path| app.exchange(request("GET", path, &[("authorization", &app.key.basic())], ""), None).await;
    let (unknown, invalid) =
        (r#"404 {"code":4001,"message":"api not exist"}"#, r#"400 {"code":3002,"message":"invalid parameter"}"#);
    let nobodys = r#"404 {"message":"no such resource"}"#;
    let cases = [
        ("/v1/%FF", unknown),
        ("/v1/messages/%C0%80", unknown),
        ("/v1/template-configs/%FF", invalid),
        ("/%FF", nobodys),
        ("/providers/%FF/x", nobodys),
    ];
    for (path, expected) in cases {
        let answer = get(path).await;
        assert_eq!(answer.to_string(), expected, "{path}");
        assert!(answer.header("content-type").starts_with("application/json"), "{path}");
    }
}
