//! Receivers that do not listen: retries, switching off, and that they harm nobody else.

use std::time::Duration;

use tokio::{net::TcpListener, task::JoinSet};
use verifyd::core::{callback::Topic, event::EventKind};

use super::{LOCAL, app, every_topic, header, receiver_at, statuses};
use crate::{
    gateway_stub::{Answer, Stub, answer},
    harness::{OTP, PHONE, TestApp},
};

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_request_that_was_not_taken_is_repeated_with_the_same_id_and_signed_afresh() {
    let (app, stub) = (app().await, Stub::start().await);
    app.tells(&stub, every_topic()).await;
    app.sent(PHONE, OTP).await;
    let mut seen = vec![];
    for pause in [MINUTE, MINUTE * 10, MINUTE * 60] {
        stub.will(answer(500, ""));
        app.call_back().await;
        seen.push(stub.one());
        let fifth = pause / 5;
        app.later((fifth * 4).saturating_sub(Duration::from_millis(1)));
        app.call_back().await;
        assert!(stub.received().is_empty(), "too early");
        app.later(fifth * 2 + Duration::from_millis(1));
    }
    app.call_back().await;
    seen.push(stub.one());
    app.later(MINUTE * 60 * 24);
    app.call_back().await;
    assert!(stub.received().is_empty(), "it was taken");
    for pair in seen.windows(2) {
        assert_eq!(pair[0].body, pair[1].body);
        assert_eq!(header(&pair[0], "webhook-id"), header(&pair[1], "webhook-id"));
        assert_ne!(header(&pair[0], "webhook-signature"), header(&pair[1], "webhook-signature"));
        assert_ne!(header(&pair[0], "x-callback-id"), header(&pair[1], "x-callback-id"));
    }
}

#[tokio::test]
async fn a_redirect_is_a_failure() {
    let (app, stub, elsewhere) = (app().await, Stub::start().await, Stub::start().await);
    let callback = app.tells(&stub, every_topic()).await;
    app.sent(PHONE, OTP).await;
    let location: &'static str = elsewhere.url().leak();
    let headers: &'static [(&str, &str)] = vec![("location", location)].leak();
    stub.will(Answer { status: 307, headers, body: String::new() });
    app.call_back().await;
    stub.one();
    assert!(elsewhere.received().is_empty());
    assert_eq!(app.health_of(&callback).await.health.failed, 1);
}

#[tokio::test]
async fn a_receiver_may_ask_to_be_left_alone_for_a_while() {
    let (app, stub) = (app().await, Stub::start().await);
    app.tells(&stub, every_topic()).await;
    app.sent(PHONE, OTP).await;
    stub.will(Answer { status: 429, headers: &[("retry-after", "600")], body: String::new() });
    app.call_back().await;
    stub.one();
    app.later(MINUTE * 9);
    app.call_back().await;
    assert!(stub.received().is_empty());
    app.later(MINUTE);
    app.call_back().await;
    stub.one();
}

#[tokio::test]
async fn health_is_counted_and_a_success_forgives() {
    let (app, stub) = (app().await, Stub::start().await);
    let callback = app.tells(&stub, every_topic()).await;
    app.sent(PHONE, OTP).await;
    stub.will(answer(503, ""));
    app.call_back().await;
    let failing = app.health_of(&callback).await.health;
    assert_eq!((failing.failed, failing.delivered, failing.last_status), (1, 0, Some(503)));
    assert!(failing.failing_since.is_some());
    app.later(MINUTE * 6 / 5);
    app.call_back().await;
    let well = app.health_of(&callback).await.health;
    assert_eq!((well.failed, well.delivered, well.last_status, well.failing_since), (1, 1, Some(200), None));
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_switched_off() {
    let (app, stub) = (app().await, Stub::start().await);
    let callback = app.tells(&stub, every_topic()).await;
    app.sent(PHONE, OTP).await;
    stub.will(answer(410, ""));
    app.call_back().await;
    stub.one();
    let off = app.health_of(&callback).await;
    assert!(!off.enabled && off.health.disabled_reason.contains("410"));
    app.later(MINUTE * 60 * 24);
    app.call_back().await;
    assert!(stub.received().is_empty());

    app.service().enable_callback(callback.id, true).await.unwrap();
    app.call_back().await;
    assert_eq!(statuses(&stub.one()), ["plan"], "what waited is told");
}

#[tokio::test]
async fn five_days_of_failures_switch_it_off() {
    let (app, stub) = (app().await, Stub::start().await);
    let callback = app.tells(&stub, every_topic()).await;
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    app.moves(&callback, &format!("http://{nobody}/")).await;
    app.sent(PHONE, OTP).await;
    for _ in 0..(24 * 5) {
        app.call_back().await;
        app.later(MINUTE * 60);
    }
    let failing = app.health_of(&callback).await;
    assert!(failing.enabled, "119 hours are not five days");
    assert!((10..=12).contains(&failing.health.failed), "{} tries", failing.health.failed);
    assert_eq!(failing.health.last_status, None);
    app.later(MINUTE * 60 * 29); // a day and a fifth
    app.call_back().await;
    let off = app.health_of(&callback).await;
    assert!(!off.enabled && off.health.disabled_reason.contains("five days"));
}

#[tokio::test]
async fn a_request_is_given_up_after_the_schedule_has_ended() {
    let (app, stub) = (app().await, Stub::start().await);
    let callback = app.tells(&stub, [Topic::Status(EventKind::Plan)]).await;
    app.sent(PHONE, OTP).await;
    app.call_back().await;
    stub.one();
    app.sent("+6598765433", OTP).await;
    app.app.callbacks().gather().await.unwrap();
    app.sql("UPDATE callback_batch SET attempt = 24").await;
    stub.will(answer(500, ""));
    app.call_back().await;
    stub.one();
    app.later(MINUTE * 60 * 24 * 3);
    app.call_back().await;
    assert!(stub.received().is_empty());
    assert!(app.health_of(&callback).await.enabled);
}

/// Receivers that take connections and never answer.
async fn hanging(count: usize) -> Vec<TcpListener> {
    let mut listeners = vec![];
    for _ in 0..count {
        listeners.push(TcpListener::bind("127.0.0.1:0").await.unwrap());
    }
    listeners
}

/// Whether a good receiver hears of something while 100 others each hold all the requests they may.
async fn heard_beside_hanging_ones(limits: &str) -> bool {
    let (app, good) = (TestApp::with(&format!("{LOCAL}\n{limits}")).await, Stub::start().await);
    let hanging = hanging(100).await;
    let owner = app.app_id("default").await;
    let plan = [Topic::Status(EventKind::Plan)];
    let mut moves = vec!["UPDATE setting SET value = value + 1 WHERE name = 'directory'".to_owned()];
    for (number, listener) in hanging.iter().enumerate() {
        // Made at a receiver that answers the probe, and then moved: as if it had begun to hang.
        let probed = format!("{}?{number}", good.url());
        let made = app.service().create_callback(owner, receiver_at(probed)).await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        moves.push(format!("UPDATE callback SET url = '{url}' WHERE id = {}", made.callback.id));
    }
    app.sql(&moves.join(";")).await;
    let per_receiver = 4;
    for number in 0..per_receiver {
        app.sent(&format!("+659876500{number}"), OTP).await;
        app.app.callbacks().gather().await.unwrap();
    }
    good.received();
    app.has_callback(verifyd::service::NewCallback {
        topics: verifyd::core::callback::Topics::of(plan),
        ..receiver_at(good.url())
    })
    .await;
    good.one();

    let worker = app.app.callbacks().clone();
    let (mut stuck, mut other) = (JoinSet::new(), JoinSet::new());
    stuck.spawn(async move { worker.step().await });
    let mut held = vec![];
    for listener in &hanging {
        held.push(listener.accept().await.unwrap()); // each hanging receiver has been asked
    }
    app.sent(PHONE, OTP).await;
    app.app.callbacks().gather().await.unwrap();
    let beside = app.app.callbacks().clone();
    other.spawn(async move { beside.step().await });
    // The step beside the one that hangs ends with the good receiver asked, or without room for it.
    tokio::select! {
        biased;
        step = other.join_next() => step.unwrap().unwrap().unwrap() > 0 && !good.received().is_empty(),
        step = stuck.join_next() => panic!("the hanging ones answered: {:?}", step.is_some()),
    }
}

#[tokio::test]
async fn a_hundred_hanging_receivers_do_not_delay_a_good_one() {
    assert!(heard_beside_hanging_ones("").await);
}

/// The negative control: with room for just the hanging ones, the good one is not heard of.
#[tokio::test]
async fn without_room_beside_the_hanging_ones_it_would_wait() {
    assert!(!heard_beside_hanging_ones("concurrency = 400").await);
}
