//! The limiter, the blocked, and who is heard at all (spec 3.4, 3.8).

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::json;

use super::client::Optora;
use crate::harness::{EMAIL, request};

const SPAM: &str = r#"400 {"error":"Spam detected"}"#;
const NOBODY: &str = r#"404 {"error":"API endpoint not found"}"#;

/// The statuses of some sends.
async fn statuses(api: &Optora, sends: &[(&str, &str)]) -> Vec<u16> {
    let mut statuses = vec![];
    for (from, email) in sends {
        statuses.push(api.post_from(from, "generate", json!({"email": email})).await.status.as_u16());
    }
    statuses
}

#[tokio::test]
async fn calls_are_counted_by_client_and_by_address() {
    let api = Optora::with("max_requests = 2\nallow = ['0.0.0.0/0', '::/0']").await;
    let by_client = [("192.0.2.1", "a@x.test"), ("192.0.2.1", "b@x.test"), ("192.0.2.1", "c@x.test")];
    assert_eq!(statuses(&api, &by_client).await, [200, 200, 429]);
    let by_address = [("192.0.2.2", "d@x.test"), ("192.0.2.3", " D@X.test "), ("192.0.2.4", "d@x.test")];
    assert_eq!(statuses(&api, &by_address).await, [200, 200, 429]);
    let neighbours = [("2001:db8::1", "e@x.test"), ("2001:db8::2", "f@x.test"), ("2001:db8::3", "g@x.test")];
    assert_eq!(statuses(&api, &neighbours).await, [200, 200, 429], "a network of IPv6 is one client");
}

#[tokio::test]
async fn refused_calls_count_and_the_window_does_not_roll() {
    let api = Optora::with("max_requests = 2").await;
    let bad = json!({"email": "jane@"});
    assert_eq!(api.post_from("127.0.0.1", "generate", bad.clone()).await.status, 400);
    assert_eq!(api.post_from("127.0.0.1", "send-link", bad.clone()).await.status, 400);
    for minutes in [0, 5, 9] {
        api.app.later(Duration::from_mins(minutes));
        assert_eq!(api.post_from("127.0.0.1", "generate", json!({"email": EMAIL})).await.status, 429);
    }
    let last = api.post_from("127.0.0.1", "generate", json!({"email": EMAIL})).await;
    assert_snapshot!(last, @r#"429 {"error":"Too many requests. Try again in 1 minute.","retryAfterSeconds":60}"#);
    api.app.later(Duration::from_mins(1));
    assert_eq!(api.post_from("127.0.0.1", "generate", bad).await.status, 400, "a new window");
}

#[tokio::test]
async fn only_sends_are_limited() {
    let api = Optora::with("max_requests = 1").await;
    for _ in 0..9 {
        assert_eq!(api.verify(EMAIL, "123456").await.status, 400);
        assert_eq!(api.status("0").await["found"], false);
    }
    assert_eq!(api.post("generate", json!({"email": EMAIL})).await.status, 200);
}

#[tokio::test]
async fn the_cap_of_the_application_is_told_in_the_words_of_this_api() {
    let api = Optora::with("max_requests = 100\n[limits]\napp_per_day = 1").await;
    assert_eq!(api.post("generate", json!({"email": "a@x.test"})).await.status, 200);
    let refused = api.post("send-link", json!({"email": "b@x.test"})).await;
    assert_snapshot!(refused, @r#"429 {"error":"Too many requests. Try again in 1440 minutes.","retryAfterSeconds":86400}"#);
    assert_eq!(refused.header("retry-after"), "86400");
}

#[tokio::test]
async fn who_uses_a_blocked_word_is_blocked_for_a_day_and_so_is_the_address() {
    let keys = "max_requests = 100\nblocked_keywords = ['Casino', ' free money ']\nallow = ['0.0.0.0/0']";
    let api = Optora::with(keys).await;
    let words = [
        json!({"email": "a@x.test", "subject": "Best CASINO in town"}),
        json!({"email": "b@x.test", "organization": "Free Money Ltd"}),
        json!({"email": "c@x.test", "anything": {"inside": ["casino"]}}),
    ];
    for (number, body) in words.into_iter().enumerate() {
        let (client, email) = (format!("192.0.2.{number}"), body["email"].clone());
        assert_eq!(api.post_from(&client, "generate", body).await.to_string(), SPAM);
        let same_client = api.post_from(&client, "generate", json!({"email": "d@x.test"})).await;
        assert_eq!(same_client.to_string(), SPAM);
        let same_address = api.post_from("192.0.2.99", "send-link", json!({"email": email})).await;
        assert_eq!(same_address.to_string(), SPAM);
    }
    assert_eq!(api.post_from("192.0.2.99", "generate", json!({"email": "d@x.test"})).await.status, 200);
    api.app.later(Duration::from_hours(24) - Duration::from_millis(1));
    assert_eq!(api.post_from("192.0.2.99", "generate", json!({"email": "a@x.test"})).await.to_string(), SPAM);
    api.app.later(Duration::from_millis(1));
    assert_eq!(api.post_from("192.0.2.0", "generate", json!({"email": "a@x.test"})).await.status, 200);
}

/// Spec 3.4: every value but the address.
#[tokio::test]
async fn a_blocked_word_in_the_address_is_none() {
    let api = Optora::with("blocked_keywords = ['casino']").await;
    assert_eq!(api.post("generate", json!({"email": "casino@x.test"})).await.status, 200);
}

#[tokio::test]
async fn mail_goes_to_the_listed_domains_only() {
    let api = Optora::with("max_requests = 100\nallowed_domains = ['Example.com', 'xn--bcher-kva.example']").await;
    for (email, status) in [
        ("a@example.com", 200),
        ("a@EXAMPLE.com", 200),
        ("a@bücher.example", 200),
        ("a@mail.example.com", 400),
        ("a@example.com.evil.test", 400),
        ("a@notexample.com", 400),
    ] {
        assert_eq!(api.post("generate", json!({"email": email})).await.status.as_u16(), status, "{email}");
    }
    assert_snapshot!(api.verify("a@evil.test", "123456").await, @r#"400 {"error":"Invalid email"}"#);
}

#[tokio::test]
async fn whoever_is_not_on_the_list_sees_nothing_but_the_link() {
    let api = Optora::new().await;
    api.link_sent().await;
    let link = api.link().await;
    let ask = |method: &'static str, path: &str| {
        let (request, api) = (request(method, path, &[], r#"{"email":"jane@example.com"}"#), &api);
        async move { api.exchange(request, Some("192.0.2.1".parse().unwrap())).await }
    };
    for path in ["generate", "send-link", "verify"] {
        assert_eq!(ask("POST", &format!("/api/otp/{path}")).await.to_string(), NOBODY, "{path}");
    }
    for path in ["/api/otp/status/0", "/optora", "/optora/api/otp/status/0"] {
        assert_eq!(ask("GET", path).await.to_string(), NOBODY, "{path}");
    }
    assert_eq!(ask("HEAD", &link).await.status, 200);
    assert_eq!(ask("GET", &link).await.status, 200);
    assert_eq!(api.post_from("127.8.9.10", "verify", json!({})).await.status, 400, "this machine is on it");
    assert_eq!(api.post_from("::1", "verify", json!({})).await.status, 400);
}

const TRUSTED: &str = "[http]\ntrusted_proxies = ['127.0.0.1']";

/// Nobody knows whose request a proxy passes on that nobody knows.
#[tokio::test]
async fn a_forwarded_request_is_heard_only_from_a_trusted_proxy() {
    let forwarded = |api: &'static str, client: &str| {
        let client = client.to_owned();
        async move {
            let api = Optora::with(api).await;
            let request = request("POST", "/api/otp/verify", &[("x-forwarded-for", &client)], "{}");
            api.exchange(request, Some("127.0.0.1".parse().unwrap())).await.status.as_u16()
        }
    };
    assert_eq!(forwarded("", "127.0.0.1").await, 404);
    assert_eq!(forwarded(TRUSTED, "192.0.2.1").await, 404);
    assert_eq!(forwarded(TRUSTED, "::1").await, 400);
}

#[tokio::test]
async fn it_is_off_until_it_is_switched_on() {
    let app = crate::harness::TestApp::new().await;
    for path in ["/api/otp/status/0", "/optora", "/docs/optora", "/openapi/optora.json", "/"] {
        let answer = app.exchange(request("GET", path, &[], ""), None).await;
        assert_eq!(answer.to_string(), r#"404 {"message":"no such resource"}"#, "{path}");
    }
}
