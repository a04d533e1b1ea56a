//! Keys of an application: what an operator does with them is what their holders meet.

use std::time::Duration;

use poem::Body;
use serde_json::{Value, json};

use super::{Admin, fault};
use crate::harness::{Key, OTP, PHONE, message};

fn key(secret: &Value) -> Key {
    let text = |name: &str| secret[name].as_str().unwrap().to_owned();
    Key { dev_key: text("dev_key"), dev_secret: text("dev_secret") }
}

/// The status of a send with this key.
async fn send(admin: &Admin, key: &Key, to: &str) -> u16 {
    admin.app.call_as(key, "POST", "/v1/messages", message(to, OTP).to_string()).await.status.as_u16()
}

#[tokio::test]
async fn a_key_is_made_used_switched_off_rotated_and_deleted() {
    let admin = Admin::new().await;
    let keys = format!("{}/keys", admin.default_app().await);
    let made = admin.call("POST", &keys, json!({"permissions": ["send"], "description": "shop"})).await;
    assert_eq!(made.status, 201);
    let first = key(&made.json());
    assert_eq!(send(&admin, &first, PHONE).await, 200);
    let path = format!("{keys}/{}", first.dev_key);
    let shown = admin.shown(&path).await;
    let expected = json!({
        "dev_key": first.dev_key,
        "description": "shop",
        "permissions": ["send"],
        "allowed_ips": [],
        "enabled": true,
        "created_at": "2026-11-21T00:00:00Z",
    });
    assert_eq!(shown, expected);

    assert_eq!(admin.done("PATCH", &path, json!({"enabled": false})).await["enabled"], false);
    assert_eq!(send(&admin, &first, "+6598765433").await, 401);
    admin.done("PATCH", &path, json!({"enabled": true})).await;

    let second = key(&admin.done("POST", &format!("{path}/rotate"), json!({"overlap_hours": 1})).await);
    assert_eq!((send(&admin, &first, "+6598765434").await, send(&admin, &second, "+6598765435").await), (200, 200));
    admin.app.later(Duration::from_hours(1));
    assert_eq!((send(&admin, &first, "+6598765436").await, send(&admin, &second, "+6598765437").await), (401, 200));

    for _ in 0..2 {
        let deleted = admin.call("DELETE", &path, Value::Null).await;
        assert_eq!((deleted.status.as_u16(), deleted.text.as_str()), (204, ""), "a delete may be repeated");
    }
    assert_eq!(send(&admin, &second, "+6598765438").await, 401);
    assert_eq!(fault(&admin.get(&path).await), "404 no_such_key");
}

#[tokio::test]
async fn a_change_touches_what_it_names_and_nothing_else() {
    let admin = Admin::new().await;
    let keys = format!("{}/keys", admin.default_app().await);
    let new = json!({
        "permissions": ["send", "verify"],
        "description": "old",
        "allowed_ips": ["192.0.2.0/24", "2001:db8::1"],
        "expires_at": "2027-01-31T01:00:00+01:00",
    });
    let made = admin.done("POST", &keys, new).await;
    let path = format!("{keys}/{}", made["dev_key"].as_str().unwrap());
    let before = admin.shown(&path).await;
    assert_eq!(before["allowed_ips"], json!(["192.0.2.0/24", "2001:db8::1/128"]));
    assert_eq!(before["expires_at"], "2027-01-31T00:00:00Z");
    assert_eq!(admin.done("PATCH", &path, json!({})).await, before);
    let changes = [
        ("description", json!("new"), json!("new")),
        ("permissions", json!([]), json!([])),
        ("allowed_ips", json!(["10.0.0.0/8"]), json!(["10.0.0.0/8"])),
        ("expires_at", json!("2027-02-01T00:00:00Z"), json!("2027-02-01T00:00:00Z")),
        ("expires_at", Value::Null, Value::Null),
        ("enabled", json!(false), json!(false)),
    ];
    let mut expected = before;
    for (field, change, shown) in changes {
        let after = admin.done("PATCH", &path, json!({field: change})).await;
        expected[field] = shown;
        if expected[field].is_null() {
            expected.as_object_mut().unwrap().shift_remove(field);
        }
        assert_eq!(after, expected, "{field}");
    }
}

#[tokio::test]
async fn values_that_cannot_be_are_refused_and_change_nothing() {
    let admin = Admin::new().await;
    let keys = format!("{}/keys", admin.default_app().await);
    let path = format!("{keys}/{}", admin.app.key.dev_key);
    let before = admin.shown(&path).await;
    let cases = [
        (json!({"description": "a\u{0}b"}), "400 invalid_value"),
        (json!({"description": "x".repeat(256)}), "400 invalid_value"),
        (json!({"allowed_ips": ["10.0.0.0/33"]}), "400 invalid_value"),
        (json!({"allowed_ips": vec!["10.0.0.1"; 101]}), "400 invalid_value"),
        (json!({"expires_at": "tomorrow"}), "400 invalid_value"),
        (json!({"permissions": ["admin"]}), "400 wrong_shape"),
        (json!({"permission": ["send"]}), "400 wrong_shape"),
    ];
    for (change, expected) in cases {
        assert_eq!(fault(&admin.call("PATCH", &path, change.clone()).await), expected, "{change}");
    }
    assert_eq!(admin.shown(&path).await, before);
    assert_eq!(fault(&admin.call("POST", &keys, json!({})).await), "400 invalid_value", "permissions are a decision");
    for hours in [-1, 8761] {
        let answer = admin.call("POST", &format!("{path}/rotate"), json!({"overlap_hours": hours})).await;
        assert_eq!(fault(&answer), "400 invalid_value");
    }
}

#[tokio::test]
async fn a_key_is_reached_through_its_own_application_only() {
    let admin = Admin::new().await;
    let other = admin.done("POST", "/apps", json!({"name": "other"})).await;
    let path = format!("/apps/{}/keys/{}", other["id"].as_str().unwrap(), admin.app.key.dev_key);
    assert_eq!(fault(&admin.get(&path).await), "404 no_such_key");
    assert_eq!(fault(&admin.call("PATCH", &path, json!({"enabled": false})).await), "404 no_such_key");
    assert_eq!(fault(&admin.call("POST", &format!("{path}/rotate"), json!({})).await), "404 no_such_key");
    assert_eq!(admin.call("DELETE", &path, Value::Null).await.status, 204, "it was not there");
    assert_eq!(admin.app.call_as(&admin.app.key, "GET", "/v1/template-configs", Body::empty()).await.status, 200);
}

#[tokio::test]
async fn a_key_of_another_api_says_so_and_is_shown_as_its_clients_send_it() {
    let admin = Admin::new().await;
    let keys = format!("{}/keys", admin.default_app().await);
    let mailpass = admin.done("POST", &keys, json!({"dialect": "mailpass", "permissions": ["otp"]})).await;
    let (dev_key, dev_secret) = (mailpass["dev_key"].as_str().unwrap(), mailpass["dev_secret"].as_str().unwrap());
    assert_eq!(mailpass["api_key"], format!("{dev_key}.{dev_secret}"));
    let names = ["api_key", "api_secret", "dev_key", "dev_secret"];
    let fields = |secret: &Value| names.map(|name| secret.get(name).is_some());
    assert_eq!(fields(&mailpass), [true, false, true, true]);
    assert_eq!(admin.shown(&format!("{keys}/{dev_key}")).await["dialect"], "mailpass");

    let new = json!({"dialect": "airtexts", "permissions": ["otp"], "appids": ["myapp_123"]});
    let airtexts = admin.done("POST", &keys, new).await;
    let path = format!("{keys}/{}", airtexts["dev_key"].as_str().unwrap());
    assert_eq!(fields(&airtexts), [true; 4]);
    assert_eq!((&airtexts["api_key"], &airtexts["api_secret"]), (&airtexts["dev_key"], &airtexts["dev_secret"]));
    let shown = admin.shown(&path).await;
    assert_eq!((&shown["dialect"], &shown["appids"]), (&json!("airtexts"), &json!(["myapp_123"])));
    assert_eq!(admin.done("PATCH", &path, json!({"appids": ["*"]})).await["appids"], json!(["*"]));

    let engagelab = admin.done("POST", &keys, json!({"dialect": "engagelab", "permissions": ["send"]})).await;
    assert_eq!(fields(&engagelab), [false, false, true, true]);
    let shown = admin.shown(&format!("{keys}/{}", engagelab["dev_key"].as_str().unwrap())).await;
    assert_eq!((shown.get("dialect"), shown.get("appids")), (None, None));
}

#[tokio::test]
async fn a_key_is_given_nothing_that_its_api_does_not_know() {
    let admin = Admin::new().await;
    let keys = format!("{}/keys", admin.default_app().await);
    let cases = [
        (json!({"permissions": ["otp"]}), "400 invalid_value"),
        (json!({"dialect": "mailpass", "permissions": ["send"]}), "400 invalid_value"),
        (json!({"dialect": "mailpass", "permissions": ["otp"], "appids": ["a"]}), "400 invalid_value"),
        (json!({"permissions": ["send"], "appids": ["a"]}), "400 invalid_value"),
        (json!({"dialect": "airtexts", "permissions": ["otp"]}), "400 invalid_value"),
        (json!({"dialect": "airtexts", "permissions": ["otp"], "appids": ["a,b"]}), "400 invalid_value"),
        (json!({"dialect": "airtexts", "permissions": ["otp"], "appids": vec!["a"; 101]}), "400 invalid_value"),
        (json!({"dialect": "optora", "permissions": []}), "400 wrong_shape"),
    ];
    for (new, expected) in cases {
        assert_eq!(fault(&admin.call("POST", &keys, new.clone()).await), expected, "{new}");
    }
    let path = format!("{keys}/{}", admin.app.key.dev_key);
    let before = admin.shown(&path).await;
    for change in [json!({"permissions": ["otp"]}), json!({"appids": ["a"]})] {
        assert_eq!(fault(&admin.call("PATCH", &path, change.clone()).await), "400 invalid_value", "{change}");
    }
    assert_eq!(admin.shown(&path).await, before);
}

#[tokio::test]
async fn the_list_shows_one_applications_keys_in_pages_and_no_secrets() {
    let admin = Admin::new().await;
    let other = admin.app.key_of("other", |_| {}).await;
    admin.app.key_of("default", |_| {}).await;
    let keys = format!("{}/keys", admin.default_app().await);
    let first = admin.shown(&format!("{keys}?limit=1")).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = admin.shown(&format!("{keys}?limit=1&cursor={cursor}")).await;
    assert_eq!((first["items"].as_array().unwrap().len(), second["items"].as_array().unwrap().len()), (1, 1));
    assert_eq!(second.get("next_cursor"), None);
    let text = format!("{first}{second}");
    assert!(text.contains(&admin.app.key.dev_key) && !text.contains(&other.dev_key) && !text.contains("vsk_"));
}
