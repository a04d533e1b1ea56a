//! Applications.

use serde_json::{Value, json};

use super::{Admin, fault};

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
