//! Applications.

use serde_json::{Value, json};

use super::{Admin, fault};
use crate::harness::{OTP, PHONE, message};

fn names(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|app| app["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_application_is_made_once_and_found_by_name_and_id() {
    let admin = Admin::new().await;
    let made = admin.call("POST", "/apps", json!({"name": "shop"})).await;
    assert_eq!(made.status, 201);
    let made = made.json();
    assert_eq!(made["created_at"], "2026-11-21T00:00:00Z");
    assert_eq!(admin.shown(&format!("/apps/{}", made["id"].as_str().unwrap())).await, made);
    assert_eq!(admin.shown("/apps?name=shop").await, json!({"items": [made]}));
    assert_eq!(admin.shown("/apps?name=none").await, json!({"items": []}));
    let again = admin.call("POST", "/apps", json!({"name": "shop"})).await;
    assert_eq!(fault(&again), "409 name_taken");
}

#[tokio::test]
async fn a_name_has_1_to_128_printable_characters() {
    let admin = Admin::new().await;
    for name in ["", "a\nb", "\u{7f}", &"x".repeat(129)] {
        let answer = admin.call("POST", "/apps", json!({"name": name})).await;
        assert_eq!(fault(&answer), "400 invalid_value", "{name:?}");
    }
    for name in ["é".repeat(128), "a / b".to_owned(), "..".to_owned()] {
        assert_eq!(admin.call("POST", "/apps", json!({"name": name})).await.status, 201, "{name}");
    }
}

#[tokio::test]
async fn the_list_comes_in_pages() {
    let admin = Admin::new().await;
    for name in ["a", "e", "c"] {
        admin.done("POST", "/apps", json!({"name": name})).await;
    }
    let first = admin.shown("/apps?limit=2").await;
    assert_eq!(names(&first), ["a", "c"]);
    let cursor = first["next_cursor"].as_str().unwrap();
    let last = admin.shown(&format!("/apps?limit=2&cursor={cursor}")).await;
    assert_eq!(names(&last), ["default", "e"]);
    assert_eq!(last.get("next_cursor"), None);
}

#[tokio::test]
async fn what_is_no_application_is_404() {
    let admin = Admin::new().await;
    for id in ["1", "0", "-1", "x", "default", "9223372036854775808", "%20"] {
        assert_eq!(fault(&admin.get(&format!("/apps/{id}")).await), "404 no_such_application", "{id}");
        assert_eq!(fault(&admin.get(&format!("/apps/{id}/keys")).await), "404 no_such_application", "{id}");
    }
}

#[tokio::test]
async fn what_an_application_is_held_to_is_changed_field_by_field_and_taken_away_by_null() {
    let admin = Admin::with("[billing.sms]\ndefault = '0.032'").await;
    let path = admin.default_app().await;
    let held = |app: &Value| {
        ["spent", "spend_limit", "balance", "balance_alert", "verification_rate_alert"].map(|field| app[field].clone())
    };
    assert_eq!(held(&admin.shown(&path).await), [json!("0"), Value::Null, Value::Null, Value::Null, Value::Null]);

    let changed = admin.done("PATCH", &path, json!({"spend_limit": "0.03", "verification_rate_alert": 40})).await;
    assert_eq!(held(&changed), [json!("0"), json!("0.03"), json!("0.03"), Value::Null, json!(40)]);
    admin.app.sent(PHONE, OTP).await;
    admin.app.deliver().await;
    let changed = admin.done("PATCH", &path, json!({"balance_alert": "2"})).await;
    assert_eq!(held(&changed), [json!("0.032"), json!("0.03"), json!("-0.002"), json!("2"), json!(40)]);
    assert_eq!(admin.app.send(message("+6598765433", OTP)).await.json()["message"], "insufficient balance");
    assert_eq!(admin.shown(&path).await, changed);
    assert_eq!(admin.shown("/apps?name=default").await, json!({"items": [changed]}));

    let none = json!({"spend_limit": null, "verification_rate_alert": null});
    let changed = admin.done("PATCH", &path, none).await;
    assert_eq!(held(&changed), [json!("0.032"), Value::Null, Value::Null, json!("2"), Value::Null]);
    assert_eq!(admin.app.send(message("+6598765433", OTP)).await.status, 200);
    assert_eq!(admin.done("PATCH", &path, json!({})).await, changed);
}

#[tokio::test]
async fn amounts_are_decimal_texts_and_rates_whole_percents() {
    let admin = Admin::new().await;
    let path = admin.default_app().await;
    for amount in ["", "-1", "1e3", "0.0000001", "1000000000", "01", "1 USD", "none"] {
        for field in ["spend_limit", "balance_alert"] {
            let answer = admin.call("PATCH", &path, json!({field: amount})).await;
            assert_eq!(fault(&answer), "400 invalid_value", "{field} {amount:?}");
        }
    }
    for percent in [0, 101, -1, 256] {
        let answer = admin.call("PATCH", &path, json!({"verification_rate_alert": percent})).await;
        assert_eq!(fault(&answer), "400 invalid_value", "{percent}");
    }
    for body in [json!({"spend_limit": 5}), json!({"verification_rate_alert": "50"}), json!({"limit": "5"})] {
        assert_eq!(fault(&admin.call("PATCH", &path, body.clone()).await), "400 wrong_shape", "{body}");
    }
    assert_eq!(fault(&admin.call("PATCH", "/apps/1", json!({})).await), "404 no_such_application");
}
