//! What `/metrics` says of callbacks.

use std::time::Duration;

use poem::Body;
use verifyd::core::callback::Topic;

use super::{app, every_topic, receiver_at};
use crate::{
    gateway_stub::{Stub, answer},
    harness::{OTP, PHONE, TestApp, request},
};

/// The samples about callbacks, without comments and without the histogram's single buckets.
async fn page(app: &TestApp) -> Vec<String> {
    app.service().measure().await;
    let loopback = Some("127.0.0.1".parse().unwrap());
    let page = app.exchange(request("GET", "/metrics", &[], Body::empty()), loopback).await.text;
    let samples = page.lines().filter(|line| line.starts_with("verifyd_callback") && !line.contains("_bucket{"));
    samples.map(str::to_owned).collect()
}

/// How many requests wait, and for how many seconds the oldest piece of news is overdue.
async fn behind(app: &TestApp) -> (u32, f64) {
    let page = page(app).await;
    let value = |name: &str| {
        let sample = page.iter().find_map(|line| line.strip_prefix(&format!("verifyd_callback_{name} ")));
        sample.unwrap_or_else(|| panic!("no {name} in {page:?}"))
    };
    (value("depth").parse().unwrap(), value("lag_seconds").parse().unwrap())
}

#[tokio::test]
async fn attempts_are_counted_by_outcome_and_answers_are_timed() {
    let (app, stub) = (app().await, Stub::start().await);
    let callback = app.tells(&stub, every_topic()).await;
    app.sent(PHONE, OTP).await;
    stub.will(answer(500, ""));
    app.call_back().await;
    app.later(Duration::from_mins(2));
    app.call_back().await;
    app.moves(&callback, "http://127.0.0.1:9/").await;
    app.deliver().await;
    app.call_back().await;
    let page = page(&app).await;
    for outcome in ["taken", "refused", "unreachable"] {
        let sample = format!("verifyd_callbacks_total{{outcome=\"{outcome}\"}} 1");
        assert!(page.contains(&sample), "{outcome}: {page:?}");
    }
    assert!(page.contains(&"verifyd_callback_seconds_count 2".to_owned()), "one receiver never answered: {page:?}");
    let told = page.join("\n");
    assert!(!told.contains("127.0.0.1") && !told.contains("default"), "{told}");
}

#[tokio::test]
async fn the_lag_is_the_age_of_the_oldest_step_or_notice_that_no_request_holds_yet() {
    let (app, stub) = (app().await, Stub::start().await);
    app.tells(&stub, every_topic()).await;
    assert_eq!(behind(&app).await, (0, 0.0));
    app.sent(PHONE, OTP).await;
    app.later(Duration::from_secs(7));
    app.key_of("default", |_| {}).await;
    assert_eq!(behind(&app).await, (0, 7.0));
    app.call_back().await;
    assert_eq!(behind(&app).await, (0, 0.0));
    app.key_of("default", |_| {}).await;
    app.later(Duration::from_secs(3));
    assert_eq!(behind(&app).await, (0, 3.0), "a key was made");
}

#[tokio::test]
async fn requests_that_wait_are_counted_and_overdue_ones_are_behind() {
    let (app, stub, off) = (app().await, Stub::start().await, Stub::start().await);
    app.tells(&stub, every_topic()).await;
    let switched_off = app.tells(&off, [Topic::KeyManage]).await;
    app.key_of("default", |_| {}).await;
    app.app.callbacks().gather().await.unwrap();
    app.service().enable_callback(switched_off.id, false).await.unwrap();
    stub.will(answer(500, ""));
    app.app.callbacks().step().await.unwrap();
    app.later(Duration::from_secs(40));
    assert_eq!(behind(&app).await, (2, 0.0), "one is off, and the other is to be repeated later");
    app.later(Duration::from_mins(10));
    let (_, lag) = behind(&app).await;
    assert!((568.0..=592.0).contains(&lag), "{lag}: its pause was 48 to 72 seconds");
}

#[tokio::test]
async fn a_probe_is_no_attempt() {
    let (app, stub) = (app().await, Stub::start().await);
    app.has_callback(receiver_at(stub.url())).await;
    assert!(!page(&app).await.iter().any(|line| line.starts_with("verifyd_callbacks_total")));
}
