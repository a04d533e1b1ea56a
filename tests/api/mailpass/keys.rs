//! Credentials and what they allow (spec 1.0).

use std::time::Duration;

use poem::Body;
use serde_json::Value;
use verifyd::{
    core::access::{Permissions, Pool},
    service::NewKey,
};

use super::client::{MailPass, fault, token};
use crate::harness::{Answer, Key, START, request};

const NO_KEY: &str =
    r#"401 {"success":false,"error":{"code":"UNAUTHORIZED","message":"The API key is missing or invalid."}}"#;

async fn look(api: &MailPass, key: &str) -> Answer {
    api.call_as(key, "GET", &format!("status/{}", "0".repeat(32)), Value::Null).await
}

async fn with_header(api: &MailPass, values: &[&str]) -> Answer {
    let headers: Vec<_> = values.iter().map(|value| ("authorization", *value)).collect();
    api.exchange(request("POST", "/api/v1/otp/send", &headers, "{")).await
}

#[tokio::test]
async fn missing_wrong_and_garbled_keys_are_unauthorized_before_the_body_is_read() {
    let api = MailPass::new().await;
    let (dev_key, secret) = api.key.split_once('.').unwrap();
    let bad = [
        String::new(),
        "Bearer".to_owned(),
        "Bearer YOUR_API_KEY".to_owned(),
        format!("Bearer {dev_key}"),
        format!("Bearer {dev_key}."),
        format!("Bearer .{secret}"),
        format!("Bearer {secret}"),
        format!("Bearer {dev_key}.{secret}x"),
        format!("Bearer {dev_key}:{secret}"),
        format!("Bearer {}.{secret}", dev_key.to_uppercase()),
        api.key.clone(),
        Key { dev_key: dev_key.to_owned(), dev_secret: secret.to_owned() }.basic(),
    ];
    let mut answers = vec![with_header(&api, &[]).await];
    for value in &bad {
        answers.push(with_header(&api, &[value]).await);
    }
    for answer in answers {
        assert_eq!(answer.to_string(), NO_KEY);
        assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="verifyd""#);
    }
    let good = format!("bearer {}", api.key);
    assert_eq!(fault(&with_header(&api, &[&good]).await), "400 VALIDATION_ERROR", "the scheme is in either case");
}

#[tokio::test]
async fn a_key_of_one_api_is_unknown_in_the_others() {
    let api = MailPass::new().await;
    let list = async |key: &Key| api.app.call_as(key, "GET", "/v1/template-configs", Body::empty()).await;
    let own = &api.app.key;
    assert_eq!(list(own).await.status, 200);
    assert_eq!(look(&api, &format!("{}.{}", own.dev_key, own.dev_secret)).await.to_string(), NO_KEY);

    let (dev_key, dev_secret) = api.key.split_once('.').unwrap();
    let foreign = Key { dev_key: dev_key.to_owned(), dev_secret: dev_secret.to_owned() };
    assert_eq!(list(&foreign).await.to_string(), r#"401 {"code":2001,"message":"authentication failed"}"#);
    assert_eq!(fault(&look(&api, &api.key).await), "404 NOT_FOUND");
}

#[tokio::test]
async fn a_key_needs_the_permission_otp() {
    let api = MailPass::new().await;
    let key = token(&api.key_of("default", |new| new.permissions = Permissions::default()).await);
    let refused = r#"403 {"success":false,"error":{"code":"FORBIDDEN","message":"This API key does not have the otp permission."}}"#;
    assert_eq!(look(&api, &key).await.to_string(), refused);
    for path in ["send", "verify", "resend"] {
        assert_eq!(api.bearing(&key, "POST", &format!("/api/v1/otp/{path}"), "{").await.to_string(), refused);
    }
}

#[tokio::test]
async fn an_ended_key_is_unauthorized() {
    let api = MailPass::new().await;
    let expired = api.key_of("default", |new| new.expires_at = Some(START + Duration::from_secs(1))).await;
    let disabled = api.key_of("default", |_| {}).await;
    assert_eq!(fault(&look(&api, &token(&expired)).await), "404 NOT_FOUND");
    api.app.later(Duration::from_secs(1));
    assert!(api.app.service().enable_key(&disabled.dev_key, false).await.unwrap());
    assert_eq!(look(&api, &token(&expired)).await.to_string(), NO_KEY);
    assert_eq!(look(&api, &token(&disabled)).await.to_string(), NO_KEY);
}

#[tokio::test]
async fn a_rotated_key_is_shown_whole_again() {
    let api = MailPass::new().await;
    let old = api.key_of("default", |_| {}).await;
    let new = api.app.service().rotate_key(&old.dev_key, Duration::ZERO).await.unwrap().unwrap();
    assert_eq!(look(&api, &token(&old)).await.to_string(), NO_KEY);
    assert_eq!(fault(&look(&api, &token(&new)).await), "404 NOT_FOUND");
}

#[tokio::test]
async fn a_key_made_a_moment_ago_by_another_process_is_found() {
    let api = MailPass::new().await;
    let beside = api.app.beside().await;
    let owner = beside.service().app("default").await.unwrap().unwrap().id;
    let made = beside.service().create_key(owner, NewKey::of(Pool::Mailpass)).await.unwrap();
    assert_eq!(fault(&look(&api, &token(&made)).await), "404 NOT_FOUND");
    beside.close().await;
}
