//! How often a key may call (spec 10, row 25).

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::json;

use crate::harness::{Answer, Key, OTP, PHONE, TestApp, message};

async fn three_in_a_minute() -> TestApp {
    TestApp::with("[engagelab]\nrate_per_minute = 3").await
}

async fn look(app: &TestApp, key: &Key) -> Answer {
    app.call_as(key, "GET", "/v1/template-configs", "").await
}

#[tokio::test]
async fn one_request_too_many_is_429_whatever_it_asks_for() {
    let app = three_in_a_minute().await;
    let id = app.sent(PHONE, OTP).await;
    assert_eq!(app.verify(&id, "000000").await.status, 200);
    assert_eq!(app.send(json!({})).await.status, 400, "what is refused counts as well");
    app.later(Duration::from_millis(500));
    let refused = app.send(message("+6598765433", OTP)).await;
    assert_snapshot!(refused, @r#"429 {"code":1000,"message":"too many requests, try again later"}"#);
    assert_eq!(refused.header("retry-after"), "60", "half a second is rounded up");
    assert_eq!(look(&app, &app.key).await.status, 429);
    assert_eq!(app.inbox().await.len(), 1);

    app.later(Duration::from_millis(59_499));
    assert_eq!(look(&app, &app.key).await.status, 429);
    app.later(Duration::from_millis(1));
    assert_eq!(look(&app, &app.key).await.status, 200, "a minute begins with its first call");
}

#[tokio::test]
async fn each_key_has_a_minute_of_its_own_and_strangers_use_up_nobodys() {
    let app = three_in_a_minute().await;
    let wrong = Key { dev_secret: "wrong".to_owned(), ..app.key.clone() };
    for _ in 0..3 {
        assert_eq!(look(&app, &wrong).await.status, 401);
        assert_eq!(look(&app, &app.key).await.status, 200);
    }
    assert_eq!(look(&app, &app.key).await.status, 429);
    let other = app.key_of("default", |_| {}).await;
    assert_eq!(look(&app, &other).await.status, 200);
}

#[tokio::test]
async fn a_new_installation_lets_a_key_call_as_often_as_it_likes() {
    let app = TestApp::new().await;
    for _ in 0..200 {
        assert_eq!(look(&app, &app.key).await.status, 200);
    }
}
