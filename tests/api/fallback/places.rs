//! A provider that never answers: its places are taken, and nobody else's messages wait for them.

use std::{pin::Pin, time::Duration};

use verifyd::core::{
    channel::Channel::{Sms, Whatsapp},
    id::MessageId,
};

use super::stage::{Says, Stub, events, with_stubs};
use crate::harness::{OTP, TestApp};

const ONE_PLACE: &str = "delivery.concurrency = 1";

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
