//! Credentials and what they allow (spec 1.1, section 8 row 1).

use std::{net::IpAddr, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use insta::assert_snapshot;
use poem::Body;
use serde_json::{Value, json};
use verifyd::core::access::{Permission, Permissions};

use crate::harness::{Answer, Key, OTP, PHONE, START, TestApp, message, request};

const WRONG: &str = r#"401 {"code":2001,"message":"authentication failed"}"#;
const ENDED: &str = r#"401 {"code":2002,"message":"token has expired or been disabled"}"#;
const FORBIDDEN: &str = r#"403 {"code":2004,"message":"no permission to call this api"}"#;

async fn list(app: &TestApp, key: &Key) -> Answer {
    app.call_as(key, "GET", "/v1/template-configs", Body::empty()).await
}

/// The template list with these values of `Authorization`.
async fn with_header(app: &TestApp, values: &[&str]) -> Answer {
    let headers: Vec<_> = values.iter().map(|value| ("authorization", *value)).collect();
    app.exchange(request("GET", "/v1/template-configs", &headers, Body::empty()), None).await
}

#[tokio::test]
async fn missing_wrong_and_garbled_credentials_are_2001_with_a_challenge() {
    let app = TestApp::new().await;
    let Key { dev_key, dev_secret } = &app.key;
    let encode = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
    let bad = [
        encode("jiguangdev:dev_secret"),
        encode(&format!("{dev_key}:")),
        encode(&format!("{dev_key}:{dev_secret} ")),
        encode(&format!("{}:{dev_secret}", dev_key.to_uppercase())),
        encode(&format!(":{dev_secret}")),
        encode(dev_key),
        encode(""),
        encode("\0:\0"),
        format!("Bearer {dev_secret}"),
        "Basic".to_owned(),
        "Basic !!!".to_owned(),
        format!("Basic {}", BASE64_STANDARD.encode([0xff, 0xfe, b':', 0x80])),
        String::new(),
    ];
    let mut answers = vec![with_header(&app, &[]).await];
    for value in &bad {
        answers.push(with_header(&app, &[value]).await);
    }
    for answer in answers {
        assert_eq!(answer.to_string(), WRONG);
        assert_eq!(answer.header("www-authenticate"), r#"Basic realm="verifyd", charset="UTF-8""#);
        answer.json();
    }
}

#[tokio::test]
async fn the_scheme_may_be_written_in_either_case() {
    let app = TestApp::new().await;
    let basic = app.key.basic();
    for value in [basic.replacen("Basic", "basic", 1), basic.replacen("Basic", "BASIC", 1)] {
        assert_eq!(with_header(&app, &[&value]).await.status, 200, "{value}");
    }
}

#[tokio::test]
async fn credentials_are_judged_before_the_body() {
    let app = TestApp::new().await;
    for path in ["/v1/messages", "/v1/codes", "/v1/custom-messages", "/v1/verifications", "/v1/template-configs"] {
        let answer = app.exchange(request("POST", path, &[], "{"), None).await;
        assert_eq!(answer.to_string(), WRONG, "{path}");
    }
}

#[tokio::test]
async fn each_call_needs_its_permission() {
    let app = TestApp::new().await;
    let only = async |permissions: &[Permission]| {
        app.key_of("default", |new| new.permissions = Permissions::of(permissions.iter().copied())).await
    };
    let (send, verify, none) = (only(&[Permission::Send]).await, only(&[Permission::Verify]).await, only(&[]).await);
    let sends = [
        ("/v1/messages", message(PHONE, OTP)),
        ("/v1/codes", json!({"to": PHONE, "code": "1", "template": {"id": OTP}})),
        ("/v1/custom-messages", json!({"to": PHONE, "template": {"id": OTP, "params": {"code": "1"}}})),
    ];
    let check = json!({"message_id": "1", "verify_code": "1"});
    let post =
        async |key: &Key, path: &str, body: &Value| app.call_as(key, "POST", path, body.to_string()).await.to_string();
    for (path, body) in &sends {
        assert_eq!(post(&verify, path, body).await, FORBIDDEN, "{path}");
        assert_eq!(post(&none, path, body).await, FORBIDDEN, "{path}");
    }
    assert!(post(&send, "/v1/messages", &sends[0].1).await.starts_with("200 "));
    assert_eq!(post(&send, "/v1/verifications", &check).await, FORBIDDEN);
    assert_eq!(post(&none, "/v1/verifications", &check).await, FORBIDDEN);
    assert!(post(&verify, "/v1/verifications", &check).await.contains("4001"));
    assert_eq!(list(&app, &none).await.status, 200, "templates need any valid key");
}

#[tokio::test]
async fn a_key_ends_at_its_expiry() {
    let app = TestApp::new().await;
    let key = app.key_of("default", |new| new.expires_at = Some(START + Duration::from_secs(1))).await;
    assert_eq!(list(&app, &key).await.status, 200);
    app.later(Duration::from_secs(1));
    let answer = list(&app, &key).await;
    assert_eq!(answer.to_string(), ENDED);
    assert!(answer.header("www-authenticate").starts_with("Basic "));
}

#[tokio::test]
async fn a_disabled_key_is_2002_until_it_is_enabled() {
    let app = TestApp::new().await;
    let key = app.key_of("default", |_| {}).await;
    assert!(app.service().enable_key(&key.dev_key, false).await.unwrap());
    assert_eq!(list(&app, &key).await.to_string(), ENDED);
    let guessed = Key { dev_secret: "guess".to_owned(), ..key.clone() };
    assert_eq!(list(&app, &guessed).await.to_string(), WRONG, "only the secret's owner learns that the key is off");
    assert!(app.service().enable_key(&key.dev_key, true).await.unwrap());
    assert_eq!(list(&app, &key).await.status, 200);
}

#[tokio::test]
async fn a_deleted_key_is_unknown() {
    let app = TestApp::new().await;
    let key = app.key_of("default", |_| {}).await;
    assert!(app.service().delete_key(&key.dev_key).await.unwrap());
    assert_eq!(list(&app, &key).await.to_string(), WRONG);
}

#[tokio::test]
async fn an_allow_list_refuses_other_addresses() {
    let app = TestApp::new().await;
    let allowed = vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
    let key = app.key_of("default", |new| new.allowed_ips = allowed).await;
    let from = async |address: &str, forwarded: &str| {
        let headers = [("authorization", &*key.basic()), ("x-forwarded-for", forwarded)];
        let address: IpAddr = address.parse().unwrap();
        app.exchange(request("GET", "/v1/template-configs", &headers, Body::empty()), Some(address)).await.to_string()
    };
    for address in ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1"] {
        assert!(from(address, "").await.starts_with("200 "), "{address}");
    }
    assert_eq!(from("198.51.100.1", "").await, FORBIDDEN);
    assert_eq!(from("198.51.100.1", "192.0.2.7").await, FORBIDDEN, "strangers are not believed");
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_client_counts() {
    let app = TestApp::with("[http]\ntrusted_proxies = ['10.0.0.0/8']").await;
    let key = app.key_of("default", |new| new.allowed_ips = vec!["192.0.2.0/24".parse().unwrap()]).await;
    let via = async |forwarded: &str| {
        let headers = [("authorization", &*key.basic()), ("x-forwarded-for", forwarded)];
        let proxy = Some([10, 0, 0, 1].into());
        app.exchange(request("GET", "/v1/template-configs", &headers, Body::empty()), proxy).await.status
    };
    assert_eq!(via("192.0.2.7").await, 200);
    assert_eq!(via("192.0.2.7, 198.51.100.1").await, 403);
}

#[tokio::test]
async fn two_secrets_live_during_a_rotation() {
    let app = TestApp::new().await;
    let old = app.key_of("default", |_| {}).await;
    let new = app.service().rotate_key(&old.dev_key, Duration::from_mins(1)).await.unwrap().unwrap().into();
    assert_eq!(
        (list(&app, &old).await.status, list(&app, &new).await.status),
        (200.try_into().unwrap(), 200.try_into().unwrap())
    );
    app.later(Duration::from_mins(1));
    assert_eq!(list(&app, &old).await.to_string(), WRONG);
    assert_eq!(list(&app, &new).await.status, 200);
}

#[tokio::test]
async fn a_revocation_by_another_node_is_seen_with_the_next_refresh() {
    let app = TestApp::new().await;
    let key = app.key_of("default", |_| {}).await;
    app.sql(&format!("DELETE FROM api_key WHERE dev_key = '{}'", key.dev_key)).await;
    app.sql("UPDATE setting SET value = value + 1 WHERE name = 'directory'").await;
    assert_eq!(app.send(message(PHONE, OTP)).await.status, 200);
    assert!(app.service().refresh().await.unwrap());
    assert_eq!(list(&app, &key).await.to_string(), WRONG);
    assert!(!app.service().refresh().await.unwrap());
}

#[tokio::test]
async fn a_blocked_recipient_is_5013_by_every_spelling() {
    let app = TestApp::new().await;
    let recipient = verifyd::core::recipient::Recipient::parse(PHONE).unwrap();
    app.service().block(&recipient).await.unwrap();
    assert_snapshot!(app.send(message(PHONE, OTP)).await, @r#"400 {"code":5013,"message":"Blacklisted"}"#);
    let list = json!({"to": ["+6598765433", PHONE], "template": {"id": OTP, "params": {"code": "1"}}});
    let answer = app.engagelab("POST", "/v1/custom-messages", list).await;
    assert_snapshot!(answer, @r#"400 {"code":5013,"message":"Blacklisted"}"#);
    assert!(app.service().unblock(&recipient).await.unwrap());
    assert_eq!(app.send(message(PHONE, OTP)).await.status, 200);
}
