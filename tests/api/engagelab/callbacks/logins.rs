//! Who used the management API, or tried to.

use std::time::Duration;

use insta::assert_snapshot;
use poem::Body;
use serde_json::Value;
use verifyd::{
    core::callback::{Topic, Topics},
    service::{NewAdminToken, NewCallback},
};

use super::{app, receiver_at, rows};
use crate::{
    gateway_stub::Stub,
    harness::{TestApp, request, without_ids},
};

const HALF_A_DAY: Duration = Duration::from_hours(12);

async fn token(app: &TestApp, name: &str) -> String {
    let new = NewAdminToken { name: name.to_owned(), expires_at: None };
    app.service().create_admin_token(new).await.unwrap().unwrap().to_string()
}

/// The status of a call of the management API.
async fn call(app: &TestApp, token: &str, address: &str) -> u16 {
    let bearer = format!("Bearer {token}");
    let request = request("GET", "/admin/v1/status", &[("authorization", &bearer)], Body::empty());
    app.exchange(request, Some(address.parse().unwrap())).await.status.as_u16()
}

/// What is told of logins now, such as `login_success 127.0.0.1`.
async fn told(app: &TestApp, stub: &Stub) -> Vec<String> {
    app.call_back().await;
    let said = |row: Value| {
        let data = &row["system_event"]["data"];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        format!("{} {}", text(&data["account_login"]["action"]), text(&data["operator"]["ip_address"]))
    };
    stub.received().iter().flat_map(rows).map(said).collect()
}

#[tokio::test]
async fn the_first_use_of_a_token_from_an_address_is_told_once_in_half_a_day() {
    let (app, stub) = (app().await, Stub::start().await);
    app.tells(&stub, [Topic::AccountLogin]).await;
    let (one, other) = (token(&app, "one").await, token(&app, "other").await);
    for address in ["127.0.0.1", "127.0.0.1", "127.0.0.2", "::ffff:127.0.0.2"] {
        assert_eq!(call(&app, &one, address).await, 200);
    }
    assert_eq!(told(&app, &stub).await, ["login_success 127.0.0.1", "login_success 127.0.0.2"]);
    assert_eq!(call(&app, &other, "127.0.0.1").await, 200);
    assert_eq!(told(&app, &stub).await, ["login_success 127.0.0.1"], "another token");
    app.later(HALF_A_DAY.saturating_sub(Duration::from_millis(1)));
    call(&app, &one, "127.0.0.1").await;
    assert!(told(&app, &stub).await.is_empty());
    app.later(Duration::from_millis(1));
    call(&app, &one, "127.0.0.1").await;
    assert_eq!(told(&app, &stub).await, ["login_success 127.0.0.1"]);
}

#[tokio::test]
async fn a_wrong_token_is_told_once_in_a_minute_however_often_it_is_tried() {
    let (app, stub) = (app().await, Stub::start().await);
    app.tells(&stub, [Topic::AccountLogin]).await;
    for _ in 0..20 {
        assert_eq!(call(&app, "vda_guess", "127.0.0.1").await, 401);
    }
    assert_eq!(call(&app, "vda_guess", "127.0.0.2").await, 401);
    assert_eq!(told(&app, &stub).await, ["login_failed 127.0.0.1", "login_failed 127.0.0.2"]);
    app.later(Duration::from_mins(1));
    call(&app, "vda_other", "127.0.0.1").await;
    assert_eq!(told(&app, &stub).await, ["login_failed 127.0.0.1"]);
    assert_eq!(call(&app, "vda_guess", "192.0.2.1").await, 403);
    assert!(told(&app, &stub).await.is_empty(), "whoever may not even try has not tried");
}

#[tokio::test]
async fn every_application_that_asked_hears_of_it_and_no_other() {
    let (app, one, other, usual) = (app().await, Stub::start().await, Stub::start().await, Stub::start().await);
    app.tells(&one, [Topic::AccountLogin]).await;
    let new = NewCallback { topics: Topics::of([Topic::AccountLogin]), ..receiver_at(other.url()) };
    app.service().create_callback(app.app_id("neighbour").await, new).await.unwrap();
    other.one();
    let third = app.app_id("third").await;
    app.service().create_callback(third, receiver_at(usual.url())).await.unwrap();
    usual.one();
    let token = token(&app, "one").await;
    call(&app, &token, "127.0.0.1").await;
    call(&app, "vda_guess", "127.0.0.1").await;
    app.call_back().await;
    let (first, second) = (one.one(), other.one());
    assert_snapshot!(without_ids(&first.body), @r#"{"total":2,"rows":[{"server":"otp","itime":1795219200,"system_event":{"event":"account_login","data":{"business_id":"[id]","org_id":"0","operator":{"ip_address":"127.0.0.1"},"account_login":{"action":"login_success"}}}},{"server":"otp","itime":1795219200,"system_event":{"event":"account_login","data":{"business_id":"[id]","org_id":"0","operator":{"ip_address":"127.0.0.1"},"account_login":{"action":"login_failed","fail_reason":"the token is wrong or has expired"}}}}]}"#);
    assert_eq!(without_ids(&first.body), without_ids(&second.body));
    assert!(usual.received().is_empty(), "it is not among the events that one gets without asking");
    assert!(!first.body.contains(&token) && !first.body.contains("vda_"));
}

#[tokio::test]
async fn what_one_process_has_told_no_other_tells() {
    let (app, stub) = (app().await, Stub::start().await);
    app.tells(&stub, [Topic::AccountLogin]).await;
    let token = token(&app, "one").await;
    call(&app, &token, "127.0.0.1").await;
    assert_eq!(told(&app, &stub).await, ["login_success 127.0.0.1"]);
    let beside = app.beside().await;
    for address in ["127.0.0.1", "127.0.0.2"] {
        beside.service().admit_admin(&token, Some(address.parse().unwrap())).await.unwrap();
    }
    beside.close().await;
    assert_eq!(told(&app, &stub).await, ["login_success 127.0.0.2"]);
}
