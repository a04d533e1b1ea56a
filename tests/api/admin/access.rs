//! Who may use it.

use std::{net::IpAddr, time::Duration};

use poem::Body;
use verifyd::service::NewAdminToken;

use super::{Admin, fault};
use crate::harness::{Answer, START, request};

async fn status_from(admin: &Admin, address: &str, headers: &[(&str, &str)]) -> Answer {
    let address: IpAddr = address.parse().unwrap();
    admin.app.exchange(request("GET", "/admin/v1/status", headers, Body::empty()), Some(address)).await
}

#[tokio::test]
async fn a_token_opens_everything_and_nothing_else_does() {
    let admin = Admin::new().await;
    assert_eq!(admin.get("/status").await.status, 200);
    let missing = admin.app.exchange(request("GET", "/admin/v1/status", &[], Body::empty()), None).await;
    assert_eq!(fault(&missing), "401 unauthenticated");
    assert_eq!(missing.header("www-authenticate"), r#"Bearer realm="verifyd""#);
    let basic = admin.app.key.basic();
    let by_key = admin.app.exchange(request("GET", "/admin/v1/status", &[("authorization", &basic)], ""), None).await;
    assert_eq!(fault(&by_key), "401 unauthenticated", "an application's key is no token");
    for token in ["vda_", "x", &admin.token[1..], &format!("{}x", admin.token), &admin.token.to_uppercase()] {
        let answer = admin.bearing(token, "GET", "/status", "").await;
        assert_eq!(fault(&answer), "401 invalid_token", "{token}");
        assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="verifyd", error="invalid_token""#);
    }
}

#[tokio::test]
async fn a_token_has_256_random_bits_and_the_database_does_not_know_it() {
    let admin = Admin::new().await;
    let random = admin.token.strip_prefix("vda_").unwrap();
    assert_eq!(random.len(), 43);
    let kept = admin.app.service().admin_tokens().await.unwrap();
    assert_eq!(kept.iter().map(|token| token.name.as_str()).collect::<Vec<_>>(), ["tests"]);
    assert!(
        !kept[0].digest.as_slice().windows(8).any(|bytes| admin.token.as_bytes().windows(8).any(|own| own == bytes))
    );
}

#[tokio::test]
async fn names_of_tokens_are_unique() {
    let admin = Admin::new().await;
    let again = NewAdminToken { name: "tests".to_owned(), expires_at: None };
    assert!(admin.app.service().create_admin_token(again).await.unwrap().is_none());
    let nameless = NewAdminToken { name: String::new(), expires_at: None };
    assert!(admin.app.service().create_admin_token(nameless).await.is_err());
}

#[tokio::test]
async fn a_token_ends_at_its_expiry_or_when_it_is_deleted() {
    let admin = Admin::new().await;
    let new = NewAdminToken { name: "short".to_owned(), expires_at: Some(START + Duration::from_secs(1)) };
    let short = admin.app.service().create_admin_token(new).await.unwrap().unwrap();
    assert_eq!(admin.bearing(&short, "GET", "/status", "").await.status, 200);
    admin.app.later(Duration::from_secs(1));
    assert_eq!(fault(&admin.bearing(&short, "GET", "/status", "").await), "401 invalid_token");
    assert!(admin.app.service().delete_admin_token("tests").await.unwrap());
    assert!(!admin.app.service().delete_admin_token("tests").await.unwrap());
    assert_eq!(fault(&admin.get("/status").await), "401 invalid_token");
}

#[tokio::test]
async fn a_revocation_by_another_node_is_seen_with_the_next_refresh() {
    let admin = Admin::new().await;
    admin.app.sql("DELETE FROM admin_token").await;
    admin.app.sql("UPDATE setting SET value = value + 1 WHERE name = 'directory'").await;
    assert!(admin.app.service().refresh().await.unwrap());
    assert_eq!(fault(&admin.get("/status").await), "401 invalid_token");
}

#[tokio::test]
async fn only_the_networks_of_the_configuration_may_use_it() {
    let admin = Admin::with("[admin]\nallow = ['192.0.2.0/24']\n[http]\ntrusted_proxies = ['10.0.0.0/8']").await;
    let bearer = format!("Bearer {}", admin.token);
    let from = async |address: &str, forwarded: Option<&str>| {
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(forwarded.map(|client| ("x-forwarded-for", client)));
        status_from(&admin, address, &headers).await
    };
    assert_eq!(from("192.0.2.7", None).await.status, 200);
    assert_eq!(from("::ffff:192.0.2.7", None).await.status, 200);
    assert_eq!(from("10.0.0.1", Some("192.0.2.7")).await.status, 200);
    assert_eq!(fault(&from("198.51.100.1", None).await), "403 address_not_allowed");
    assert_eq!(fault(&from("10.0.0.1", Some("198.51.100.1")).await), "403 address_not_allowed");
    let unnamed = from("192.0.2.7", Some("192.0.2.8")).await;
    assert_eq!(fault(&unnamed), "403 address_not_allowed", "nobody knows who is behind a proxy that is not trusted");
}

#[tokio::test]
async fn by_default_only_this_machine_may_use_it() {
    let admin = Admin::new().await;
    let bearer = format!("Bearer {}", admin.token);
    let headers = [("authorization", bearer.as_str())];
    assert_eq!(status_from(&admin, "127.0.0.1", &headers).await.status, 200);
    assert_eq!(status_from(&admin, "::1", &headers).await.status, 200);
    assert_eq!(fault(&status_from(&admin, "192.0.2.7", &headers).await), "403 address_not_allowed");
}

#[tokio::test]
async fn it_can_be_switched_off() {
    let admin = Admin::with("[admin]\nenabled = false").await;
    assert_eq!(admin.get("/status").await.status, 404);
    let document = admin.app.exchange(request("GET", "/openapi/admin.json", &[], Body::empty()), None).await;
    assert_eq!(document.status, 404);
}

#[tokio::test]
async fn wrong_tokens_are_throttled_by_address_and_right_ones_are_not() {
    let admin = Admin::new().await;
    let wrong = [("authorization", "Bearer vda_guess")];
    for _ in 0..10 {
        assert_eq!(fault(&status_from(&admin, "127.0.0.1", &wrong).await), "401 invalid_token");
    }
    let throttled = status_from(&admin, "127.0.0.1", &wrong).await;
    assert_eq!(fault(&throttled), "401 too_many_attempts");
    assert_eq!(throttled.header("retry-after"), "60");
    assert_eq!(fault(&status_from(&admin, "127.0.0.2", &wrong).await), "401 invalid_token");
    let bearer = format!("Bearer {}", admin.token);
    assert_eq!(status_from(&admin, "127.0.0.1", &[("authorization", &bearer)]).await.status, 200);
    admin.app.later(Duration::from_mins(1));
    assert_eq!(fault(&status_from(&admin, "127.0.0.1", &wrong).await), "401 invalid_token");
}
