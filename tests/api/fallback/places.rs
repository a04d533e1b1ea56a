//! A provider that never answers: its places are taken, and nobody else's messages wait for them.

use std::{pin::Pin, time::Duration};

use tokio_util::sync::CancellationToken;
use verifyd::core::{
    channel::Channel::{Sms, Whatsapp},
    id::MessageId,
};

use super::stage::{Says, Stub, events, with_stubs};
use crate::harness::{OTP, TestApp, message};

const ONE_PLACE: &str = "delivery.concurrency = 1";
/// The same with a writer whose queue fewer deliveries fill than wait for the place.
const SHORT_QUEUE: &str = "delivery.concurrency = 1\ndatabase.group_max = 4\ndatabase.queue = 4";

/// Sends a code and lets `stub` keep it in hand: as long as what is returned lives.
async fn kept<'a>(app: &'a TestApp, stub: &Stub, to: &str) -> Pin<Box<dyn Future<Output = ()> + 'a>> {
    stub.will(Sms, &[Says::Nothing]);
    app.sent(to, OTP).await;
    let mut delivery: Pin<Box<dyn Future<Output = ()> + 'a>> = Box::pin(app.deliver());
    let asked = async {
        while stub.given().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = &mut delivery => panic!("it was answered"),
        () = asked => delivery,
    }
}

#[tokio::test]
async fn what_has_no_place_at_one_provider_goes_to_the_next() {
    let (stuck, other) = (Stub::new(false), Stub::new(false));
    let app = with_stubs(ONE_PLACE, &[("stuck", 1, &stuck), ("other", 1, &other)]).await;
    let _in_hand = kept(&app, &stuck, "+6598765001").await;
    app.sent("+6598765002", OTP).await;
    app.deliver().await;
    assert_eq!((stuck.given().len(), other.given().len()), (1, 1));
}

#[tokio::test]
async fn without_another_provider_it_waits_a_second_and_that_is_no_try() {
    let stuck = Stub::new(false);
    let app = with_stubs(ONE_PLACE, &[("stuck", 1, &stuck)]).await;
    let in_hand = kept(&app, &stuck, "+6598765001").await;
    let id = MessageId::parse(&app.sent("+6598765002", "three").await).unwrap();
    app.deliver().await;
    assert_eq!(events(&app, id).await, ["plan whatsapp"], "nor does the next channel come before it");

    drop(in_hand);
    app.later(Duration::from_millis(999));
    app.deliver().await;
    assert_eq!(stuck.given().len(), 1);
    app.later(Duration::from_millis(1));
    app.deliver().await;
    assert_eq!(stuck.given().last().map(|given| given.channel), Some(Whatsapp));
    let life = app.service().life(id).await.unwrap().unwrap();
    assert_eq!(life.message.events.last().unwrap().attempt, Some(1));
}

/// What the writer was given while a provider hung.
#[derive(Debug, PartialEq, Eq)]
struct Written {
    /// Sends that were refused.
    refused: usize,
    /// Whether there was more at once than one send and the one delivery that may wait in line.
    crowded: bool,
}

/// Sends 40 messages to a provider that keeps the first one, until the others are sent back, or something is wrong.
async fn written_while_it_hangs(app: &TestApp, stuck: &Stub) -> Written {
    stuck.will(Sms, &[Says::Nothing]);
    let mut refused = 0;
    let mut send = async |number: u64| {
        let answer = app.send(message(&format!("+65987650{number:02}"), OTP)).await;
        refused += usize::from(answer.status != 200);
    };
    let flushed = |name: &str| app.metric(&format!("verifyd_flush_jobs_{name}"));
    let crowded = || flushed("count") > flushed("bucket{le=\"2.0\"}");
    let jobs = async |count: u64| {
        while flushed("sum") < count && !crowded() {
            tokio::task::yield_now().await;
        }
    };
    let story = async {
        send(1).await;
        while stuck.given().is_empty() {
            tokio::task::yield_now().await;
        }
        for number in 2..=20 {
            send(number).await;
        }
        jobs(20 + 1).await; // the first of them comes back, and those behind it follow
        for number in 21..=40 {
            send(number).await;
        }
        jobs(40 + 39).await;
    };
    tokio::select! {
        () = app.app.worker().clone().run(CancellationToken::new()) => panic!("it stopped"),
        () = story => {}
    }
    Written { refused, crowded: crowded() }
}

#[tokio::test]
async fn it_sends_messages_back_no_faster_than_that_is_written() {
    let stuck = Stub::new(false);
    let app = with_stubs(SHORT_QUEUE, &[("stuck", 1, &stuck)]).await;
    assert_eq!(written_while_it_hangs(&app, &stuck).await, Written { refused: 0, crowded: false });
    assert_eq!(stuck.given().len(), 1);
}

/// The negative control.
#[cfg(feature = "controls")]
#[tokio::test]
async fn a_worker_that_lets_the_next_one_in_before_that_is_written_crowds_the_queue() {
    let stuck = Stub::new(false);
    let app = with_stubs(SHORT_QUEUE, &[("stuck", 1, &stuck)]).await;
    app.app.worker().hurry();
    assert!(written_while_it_hangs(&app, &stuck).await.crowded);
}
