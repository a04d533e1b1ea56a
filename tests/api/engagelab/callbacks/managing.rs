//! Addresses as the operator manages them.

use std::time::Duration;

use standardwebhooks::Webhook;
use verifyd::{
    channel::web::Forbidden,
    core::{
        callback::{Topic, Topics},
        clock::Clock,
        event::EventKind,
    },
    service::{CallbackChange, CallbackError, NewCallback},
};

use super::{app, every_topic, header, receiver_at, rows, statuses};
use crate::{
    gateway_stub::{Stub, answer},
    harness::{OTP, PHONE, START, TestApp, seconds},
};

#[tokio::test]
async fn an_address_is_kept_once_it_has_answered_a_signed_probe() {
    let (app, stub) = (app().await, Stub::start().await);
    let new = NewCallback { authorization: Some("Basic dTpw".into()), ..receiver_at(stub.url()) };
    let made = app.has_callback(new).await;
    let probe = stub.one();
    assert_eq!((probe.method.as_str(), probe.body.as_str()), ("POST", "{}"));
    assert!(header(&probe, "x-callback-id").contains("username=shop"));
    assert_eq!(probe.authorization.as_deref(), Some("Basic dTpw"));
    assert_eq!(made.secrets.callback, "my_secret");
    let owner = app.app_id("default").await;
    assert_eq!(app.service().callbacks(owner).await.unwrap(), [made.callback]);
}

#[tokio::test]
async fn an_address_that_does_not_answer_well_is_not_kept() {
    let (app, stub) = (app().await, Stub::start().await);
    let owner = app.app_id("default").await;
    for status in [401, 302, 500] {
        stub.will(answer(status, ""));
        let refused = app.service().create_callback(owner, receiver_at(stub.url())).await;
        let Err(CallbackError::Probe(ending)) = refused else { panic!("kept after {status}") };
        assert_eq!(ending.status, Some(status));
    }
    assert!(app.service().callbacks(owner).await.unwrap().is_empty());
}

#[tokio::test]
async fn addresses_inside_are_refused_unless_they_are_allowed() {
    let (app, stub) = (TestApp::new().await, Stub::start().await);
    let owner = app.app_id("default").await;
    for (url, why) in [
        (stub.url(), Forbidden::Scheme),
        (stub.url().replace("http:", "https:"), Forbidden::Address),
        ("https://[::ffff:169.254.169.254]/".to_owned(), Forbidden::Address),
    ] {
        let refused = app.service().create_callback(owner, receiver_at(url)).await;
        assert!(matches!(refused, Err(CallbackError::Url(reason)) if reason == why));
    }
    assert!(stub.received().is_empty());
}

#[tokio::test]
async fn values_that_cannot_be_signed_or_sent_are_refused() {
    let (app, stub) = (app().await, Stub::start().await);
    let owner = app.app_id("default").await;
    for new in [
        NewCallback { username: "a;b".into(), ..receiver_at(stub.url()) },
        NewCallback { username: "a b".into(), ..receiver_at(stub.url()) },
        NewCallback { secret: Some(String::new()), ..receiver_at(stub.url()) },
        NewCallback { authorization: Some("a\r\nb: c".into()), ..receiver_at(stub.url()) },
        NewCallback { description: "a\u{0}".into(), ..receiver_at(stub.url()) },
        NewCallback { topics: Topics::default(), ..receiver_at(stub.url()) },
    ] {
        let refused = app.service().create_callback(owner, new).await;
        assert!(matches!(refused, Err(CallbackError::Invalid(_))));
    }
    assert!(stub.received().is_empty());
}

#[tokio::test]
async fn an_application_has_several_addresses_each_once() {
    let (app, one, two) = (app().await, Stub::start().await, Stub::start().await);
    let owner = app.app_id("default").await;
    app.tells(&one, every_topic()).await;
    app.tells(&two, every_topic()).await;
    let again = app.service().create_callback(owner, receiver_at(one.url())).await;
    assert!(matches!(again, Err(CallbackError::Exists)));
    assert_eq!(app.service().callbacks(owner).await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_stored_authorization_never_goes_to_another_host() {
    let (app, stub, other) = (app().await, Stub::start().await, Stub::start().await);
    let made =
        app.has_callback(NewCallback { authorization: Some("Bearer t".into()), ..receiver_at(stub.url()) }).await;
    let id = made.callback.id;
    let moved = || CallbackChange { url: Some(other.url()), ..CallbackChange::default() };
    let refused = app.service().change_callback(id, moved()).await;
    assert!(matches!(refused, Err(CallbackError::Invalid(_))));
    assert!(other.received().is_empty());

    let anew = CallbackChange { authorization: Some("Bearer u".into()), ..moved() };
    app.service().change_callback(id, anew).await.unwrap();
    assert_eq!(other.one().authorization.as_deref(), Some("Bearer u"));
}

#[tokio::test]
async fn subscriptions_can_be_changed() {
    let (app, stub) = (app().await, Stub::start().await);
    let callback = app.tells(&stub, [Topic::KeyManage]).await;
    app.sent(PHONE, OTP).await;
    let topics = Some(Topics::of([Topic::Status(EventKind::Sent)]));
    app.service().change_callback(callback.id, CallbackChange { topics, ..CallbackChange::default() }).await.unwrap();
    stub.one();
    app.deliver().await;
    app.call_back().await;
    assert_eq!(statuses(&stub.one()), ["sent"]);
}

#[tokio::test]
async fn one_that_is_off_is_told_nothing_and_one_that_is_deleted_is_gone() {
    let (app, stub) = (app().await, Stub::start().await);
    let callback = app.tells(&stub, every_topic()).await;
    app.service().enable_callback(callback.id, false).await.unwrap();
    app.sent(PHONE, OTP).await;
    app.call_back().await;
    app.service().enable_callback(callback.id, true).await.unwrap();
    app.call_back().await;
    assert!(stub.received().is_empty(), "what happened while it was off is not told");

    app.deliver().await;
    app.app.callbacks().gather().await.unwrap();
    app.service().delete_callback(callback.id).await.unwrap();
    app.call_back().await;
    assert!(stub.received().is_empty());
    assert!(matches!(app.service().delete_callback(callback.id).await, Err(CallbackError::Unknown)));
}

#[tokio::test]
async fn a_refresh_asks_again_and_notes_the_answer() {
    let (app, stub) = (app().await, Stub::start().await);
    let callback = app.tells(&stub, every_topic()).await;
    stub.will(answer(500, ""));
    assert_eq!(app.service().refresh_callback(callback.id).await.unwrap().status, Some(500));
    assert!(app.health_of(&callback).await.health.failing_since.is_some());
    assert!(app.service().refresh_callback(callback.id).await.unwrap().is_success());
    assert!(app.health_of(&callback).await.health.failing_since.is_none());
    assert_eq!(stub.received().len(), 2);
}

#[tokio::test]
async fn a_rotation_signs_with_both_secrets_for_a_day() {
    let (app, stub) = (app().await, Stub::start().await);
    let made = app.has_callback(receiver_at(stub.url())).await;
    let rotated = app.service().rotate_callback(made.callback.id).await.unwrap();
    stub.received();
    let (old, new) = (made.secrets, rotated.secrets);

    app.sent(PHONE, OTP).await;
    app.call_back().await;
    let request = stub.one();
    let sign = |secret: &str| {
        let id = header(&request, "webhook-id");
        Webhook::new(secret).unwrap().sign(id, seconds(&app.clock), request.body.as_bytes()).unwrap()
    };
    let both = format!("{} {}", sign(&new.webhook), sign(&old.webhook));
    assert_eq!(header(&request, "webhook-signature"), both);

    app.later(Duration::from_hours(24));
    app.sent("+6598765433", OTP).await;
    app.call_back().await;
    assert_eq!(header(&stub.one(), "webhook-signature").split(' ').count(), 1);
}

#[tokio::test]
async fn a_receiver_that_knows_the_old_secret_only_is_asked_again_with_it() {
    let (app, stub) = (app().await, Stub::start().await);
    let made = app.has_callback(receiver_at(stub.url())).await;
    app.service().rotate_callback(made.callback.id).await.unwrap();
    stub.received();
    app.sent(PHONE, OTP).await;
    stub.will(answer(401, ""));
    app.call_back().await;
    let asked = stub.received();
    assert_eq!(asked.len(), 2, "at once, not a minute later");
    assert_ne!(header(&asked[0], "x-callback-id"), header(&asked[1], "x-callback-id"));
    assert_eq!(app.health_of(&made.callback).await.health.failed, 0);
}

#[tokio::test]
async fn a_time_range_is_told_once_more_to_one_receiver() {
    let (app, stub, other) = (app().await, Stub::start().await, Stub::start().await);
    let callback = app.tells(&stub, every_topic()).await;
    app.tells(&other, every_topic()).await;
    app.sent(PHONE, OTP).await;
    app.later(Duration::from_secs(10));
    let from = app.clock.now();
    app.deliver().await;
    app.later(Duration::from_secs(10));
    let to = app.clock.now();
    app.sent("+6598765433", OTP).await;
    app.call_back().await;
    stub.received();
    other.received();

    assert_eq!(app.service().replay(callback.id, from, to).await.unwrap(), 2);
    app.call_back().await;
    assert_eq!(statuses(&stub.one()), ["target_valid", "sent"]);
    let far = Duration::from_hours(24 * 365 * 80);
    assert_eq!(app.service().replay(callback.id, START, START + far).await.unwrap(), 4);
    app.call_back().await;
    let told = stub.one();
    assert_eq!(statuses(&told), ["plan", "target_valid", "sent", "plan"]);
    assert!(rows(&told).iter().all(|row| row["to"] != ""));
    assert!(other.received().is_empty());
}
