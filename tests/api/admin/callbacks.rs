//! Callbacks: what an operator does with them is what their receivers meet.

use std::time::Duration;

use serde_json::{Value, json};
use standardwebhooks::Webhook;

use super::{Admin, fault};
use crate::{
    gateway_stub::{Received, Stub, answer},
    harness::{OTP, PHONE, seconds},
};

/// Receivers of tests are on this machine.
const LOCAL: &str = "[callbacks]\ndangerous_plain_http = true\ndangerous_allow_networks = ['127.0.0.0/8']";

/// An installation, a receiver, and `/apps/ID/callbacks` of the application `default`.
async fn place() -> (Admin, Stub, String) {
    let admin = Admin::with(LOCAL).await;
    let callbacks = format!("{}/callbacks", admin.default_app().await);
    (admin, Stub::start().await, callbacks)
}

/// Adds the stub as a callback that is told of accepted messages; its path and what was answered.
async fn made(admin: &Admin, stub: &Stub, callbacks: &str) -> (String, Value) {
    let new = json!({"url": stub.url(), "username": "shop", "events": ["plan"]});
    let made = admin.done("POST", callbacks, new).await;
    stub.one();
    (format!("{callbacks}/{}", made["id"].as_str().unwrap()), made)
}

/// Turns everything that happened into requests and makes those that are due.
async fn call_back(admin: &Admin) {
    while admin.app.app.callbacks().gather().await.unwrap() > 0 {}
    while admin.app.app.callbacks().step().await.unwrap() > 0 {}
}

/// Whether the request is signed with this webhook secret.
fn is_signed_with(request: &Received, secret: &Value, now: i64) -> bool {
    let header = |name: &str| request.headers.get(name).unwrap().to_str().unwrap();
    let webhook = Webhook::new(secret.as_str().unwrap()).unwrap();
    let signature = webhook.sign(header("webhook-id"), now, request.body.as_bytes()).unwrap();
    header("webhook-signature").split(' ').any(|given| given == signature)
}

#[tokio::test]
async fn a_callback_is_made_told_switched_off_and_deleted() {
    let (admin, stub, callbacks) = place().await;
    let new = json!({"url": stub.url(), "description": "till", "username": "shop", "secret": "my_secret",
        "authorization": "Bearer t", "events": ["sent", "plan", "key_manage"]});
    let answer = admin.call("POST", &callbacks, new).await;
    assert_eq!(answer.status, 201, "{answer}");
    let made = answer.json();
    assert_eq!(made["secret"], "my_secret");
    let probe = stub.one();
    assert_eq!((probe.body.as_str(), probe.authorization.as_deref()), ("{}", Some("Bearer t")));
    let path = format!("{callbacks}/{}", made["id"].as_str().unwrap());
    let expected = json!({
        "id": made["id"],
        "url": stub.url(),
        "description": "till",
        "username": "shop",
        "events": ["plan", "sent", "key_manage"],
        "enabled": true,
        "healthy": true,
        "delivered": 0,
        "failed": 0,
        "created_at": "2026-11-21T00:00:00Z",
    });
    assert_eq!(admin.shown(&path).await, expected);

    admin.app.sent(PHONE, OTP).await;
    call_back(&admin).await;
    let request = stub.one();
    assert!(is_signed_with(&request, &made["webhook_secret"], seconds(&admin.app.clock)));
    assert_eq!(admin.shown(&path).await["delivered"], 1);
    assert_eq!(admin.shown(&path).await["last_status"], 200);

    assert_eq!(admin.done("PATCH", &path, json!({"enabled": false})).await["enabled"], false);
    admin.app.sent("+6598765433", OTP).await;
    call_back(&admin).await;
    assert!(stub.received().is_empty(), "it is off, and was not asked whether it likes that");
    assert_eq!(admin.done("PATCH", &path, json!({"enabled": true})).await["enabled"], true);

    for _ in 0..2 {
        let deleted = admin.call("DELETE", &path, Value::Null).await;
        assert_eq!((deleted.status.as_u16(), deleted.text.as_str()), (204, ""), "a delete may be repeated");
    }
    assert_eq!(fault(&admin.get(&path).await), "404 no_such_callback");
}

#[tokio::test]
async fn secrets_are_shown_once_and_where_there_is_a_user_name() {
    let (admin, stub, callbacks) = place().await;
    let nameless = admin.done("POST", &callbacks, json!({"url": stub.url()})).await;
    assert!(nameless["webhook_secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!(nameless.get("secret"), None);
    stub.one();
    let path = format!("{callbacks}/{}", nameless["id"].as_str().unwrap());
    admin.done("PATCH", &path, json!({"username": "shop", "authorization": "Bearer hush", "secret": "silence"})).await;
    let shown = format!("{}{}", admin.shown(&callbacks).await, admin.shown(&path).await);
    for secret in ["whsec_", "hush", "silence"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    let usual = admin.shown(&path).await["events"].to_string();
    assert!(usual.contains("verified") && !usual.contains("api_call") && !usual.contains("account_login"));
}

#[tokio::test]
async fn new_secrets_sign_beside_the_old_ones_for_a_day() {
    let (admin, stub, callbacks) = place().await;
    let (path, old) = made(&admin, &stub, &callbacks).await;
    let new = admin.done("POST", &format!("{path}/rotate-secret"), Value::Null).await;
    assert_eq!(new["id"], old["id"]);
    assert!(new["secret"] != old["secret"] && new["webhook_secret"] != old["webhook_secret"]);
    for (wait, old_counts) in [(Duration::ZERO, true), (Duration::from_hours(24), false)] {
        admin.app.later(wait);
        admin.app.sent(PHONE, OTP).await;
        call_back(&admin).await;
        let (request, now) = (stub.one(), seconds(&admin.app.clock));
        assert!(is_signed_with(&request, &new["webhook_secret"], now));
        assert_eq!(is_signed_with(&request, &old["webhook_secret"], now), old_counts);
    }
}

#[tokio::test]
async fn a_refresh_says_how_the_receiver_answers_and_notes_it() {
    let (admin, stub, callbacks) = place().await;
    let (path, _) = made(&admin, &stub, &callbacks).await;
    let refresh = format!("{path}/refresh");
    stub.will(answer(503, ""));
    assert_eq!(admin.done("POST", &refresh, Value::Null).await, json!({"healthy": false, "status": 503}));
    let failing = admin.shown(&path).await;
    assert_eq!((&failing["healthy"], &failing["failing_since"]), (&json!(false), &json!("2026-11-21T00:00:00Z")));
    assert_eq!(admin.done("POST", &refresh, Value::Null).await, json!({"healthy": true, "status": 200}));
    assert_eq!(admin.shown(&path).await["healthy"], true);
}

#[tokio::test]
async fn a_time_is_told_once_more() {
    let (admin, stub, callbacks) = place().await;
    let (path, _) = made(&admin, &stub, &callbacks).await;
    admin.app.sent(PHONE, OTP).await;
    call_back(&admin).await;
    let told = stub.one().body;
    let replay = format!("{path}/replay");
    let day = json!({"from": "2026-11-21T00:00:00Z", "to": "2026-11-21T01:00:00+01:00"});
    assert_eq!(admin.done("POST", &replay, day).await, json!({"rows": 0}), "that is no time at all");
    let day = json!({"from": "2026-11-21T00:00:00Z", "to": "2026-11-22T00:00:00Z"});
    assert_eq!(admin.done("POST", &replay, day).await, json!({"rows": 1}));
    call_back(&admin).await;
    assert_eq!(stub.one().body, told);
    for body in [json!({"from": "2026-11-21T00:00:00Z"}), json!({"from": "yesterday", "to": "2026-11-22T00:00:00Z"})] {
        assert_eq!(fault(&admin.call("POST", &replay, body).await), "400 invalid_value");
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let (admin, stub, callbacks) = place().await;
    let (path, _) = made(&admin, &stub, &callbacks).await;
    let before = admin.shown(&path).await;
    let cases = [
        (json!({"url": "nowhere"}), "400 url_not_allowed"),
        (json!({"url": "https://192.168.0.1/"}), "400 url_not_allowed"),
        (json!({"username": "a;b"}), "400 invalid_value"),
        (json!({"secret": ""}), "400 invalid_value"),
        (json!({"authorization": "a\r\nb: c"}), "400 invalid_value"),
        (json!({"description": "x".repeat(256)}), "400 invalid_value"),
        (json!({"events": []}), "400 invalid_value"),
        (json!({"events": ["plan", "party"]}), "400 invalid_value"),
        (json!({"events": "plan"}), "400 wrong_shape"),
        (json!({"event": ["plan"]}), "400 wrong_shape"),
    ];
    for (change, expected) in cases {
        assert_eq!(fault(&admin.call("PATCH", &path, change.clone()).await), expected, "{change}");
        let mut new = json!({"url": format!("{}/other", stub.url())});
        new.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(fault(&admin.call("POST", &callbacks, new).await), expected, "{change}");
    }
    assert_eq!(fault(&admin.call("POST", &callbacks, json!({})).await), "400 invalid_value", "it needs an address");
    assert_eq!(fault(&admin.call("POST", &callbacks, json!({"url": stub.url()})).await), "409 url_taken");
    stub.one();
    stub.will(answer(302, ""));
    let refused = admin.call("PATCH", &path, json!({"description": "new"})).await;
    assert_eq!(fault(&refused), "409 probe_failed");
    assert!(refused.text.contains("answered the probe with 302"), "{refused}");
    stub.one();
    assert_eq!(admin.shown(&path).await, before);
    assert_eq!(admin.shown(&callbacks).await["items"], json!([before]));
}

#[tokio::test]
async fn the_stored_authorization_goes_to_no_other_host_and_can_be_taken_away() {
    let (admin, stub, callbacks) = place().await;
    let other = Stub::start().await;
    let new = json!({"url": stub.url(), "authorization": "Bearer t"});
    let path = format!("{callbacks}/{}", admin.done("POST", &callbacks, new).await["id"].as_str().unwrap());
    assert_eq!(stub.one().authorization.as_deref(), Some("Bearer t"));
    assert_eq!(fault(&admin.call("PATCH", &path, json!({"url": other.url()})).await), "400 invalid_value");
    assert!(other.received().is_empty());
    admin.done("PATCH", &path, json!({"url": other.url(), "authorization": null})).await;
    assert_eq!(other.one().authorization, None);
}

#[tokio::test]
async fn a_callback_is_reached_through_its_own_application_only() {
    let (admin, stub, callbacks) = place().await;
    let (path, made) = made(&admin, &stub, &callbacks).await;
    let other = admin.done("POST", "/apps", json!({"name": "other"})).await;
    let elsewhere = format!("/apps/{}/callbacks", other["id"].as_str().unwrap());
    let through = format!("{elsewhere}/{}", made["id"].as_str().unwrap());
    assert_eq!(fault(&admin.get(&through).await), "404 no_such_callback");
    assert_eq!(fault(&admin.call("PATCH", &through, json!({"enabled": false})).await), "404 no_such_callback");
    let time = json!({"from": "2026-11-21T00:00:00Z", "to": "2026-11-22T00:00:00Z"});
    for (what, body) in [("refresh", Value::Null), ("rotate-secret", Value::Null), ("replay", time)] {
        let answer = admin.call("POST", &format!("{through}/{what}"), body).await;
        assert_eq!(fault(&answer), "404 no_such_callback", "{what}");
    }
    assert_eq!(admin.call("DELETE", &through, Value::Null).await.status, 204, "it was not there");
    assert_eq!(admin.shown(&elsewhere).await, json!({"items": []}));
    assert_eq!(admin.shown(&path).await["enabled"], true);
    assert_eq!(fault(&admin.get("/apps/1/callbacks").await), "404 no_such_application");
}

#[tokio::test]
async fn the_list_comes_in_pages() {
    let (admin, stub, callbacks) = place().await;
    for number in 0..3 {
        admin.done("POST", &callbacks, json!({"url": format!("{}/{number}", stub.url())})).await;
    }
    let first = admin.shown(&format!("{callbacks}?limit=2")).await;
    let second = admin.shown(&format!("{callbacks}?cursor={}", first["next_cursor"].as_str().unwrap())).await;
    let urls = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()).collect()
    };
    assert_eq!((urls(&first), urls(&second)), (vec!["0".to_owned(), "1".to_owned()], vec!["2".to_owned()]));
}
