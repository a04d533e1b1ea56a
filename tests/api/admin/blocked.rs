//! Recipients that get nothing.

use serde_json::{Value, json};

use super::{Admin, fault};
use crate::harness::{OTP, PHONE, message};

const PATH: &str = "/blocked-recipients";

#[tokio::test]
async fn a_blocked_recipient_gets_nothing_until_the_block_is_lifted() {
    let admin = Admin::new().await;
    let block = admin.done("POST", PATH, json!({"recipient": PHONE})).await;
    assert_eq!(admin.done("POST", PATH, json!({"recipient": PHONE})).await, block, "a block may be repeated");
    assert_eq!(block["recipient"], "+65•••••432");
    assert!(admin.app.send(message(PHONE, OTP)).await.text.contains("5013"));
    assert_eq!(admin.shown(PATH).await, json!({"items": [block], "total": 1}));
    let path = format!("{PATH}/{}", block["id"].as_str().unwrap());
    for _ in 0..2 {
        assert_eq!(admin.call("DELETE", &path, Value::Null).await.status, 204);
    }
    assert_eq!(admin.app.send(message(PHONE, OTP)).await.status, 200);
    assert_eq!(admin.shown(PATH).await, json!({"items": [], "total": 0}));
}

#[tokio::test]
async fn the_list_comes_in_pages() {
    let admin = Admin::new().await;
    for last in 0..5 {
        admin.done("POST", PATH, json!({"recipient": format!("+659876543{last}")})).await;
    }
    let (mut seen, mut path) = (vec![], format!("{PATH}?limit=2"));
    loop {
        let page = admin.shown(&path).await;
        assert_eq!(page["total"], 5);
        seen.extend(page["items"].as_array().unwrap().iter().map(|block| block["recipient"].to_string()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("{PATH}?limit=2&cursor={cursor}");
    }
    seen.sort();
    assert_eq!(seen.len(), 5);
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

#[tokio::test]
async fn what_is_no_recipient_is_refused_and_not_repeated() {
    let admin = Admin::new().await;
    for recipient in ["", "12345", "+12", "jane@", "x"] {
        let answer = admin.call("POST", PATH, json!({"recipient": recipient})).await;
        assert_eq!(fault(&answer), "400 invalid_value", "{recipient}");
    }
    assert!(!admin.call("POST", PATH, json!({"recipient": "jane@"})).await.text.contains("jane"));
    for cursor in ["x", "9223372036854775808"] {
        assert_eq!(fault(&admin.get(&format!("{PATH}?cursor={cursor}")).await), "400 invalid_parameter");
    }
}
