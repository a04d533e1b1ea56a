//! A caller that goes away: what was accepted is delivered all the same, and nothing else is.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use verifyd::{
    core::{id::MessageId, recipient::Recipient},
    service::Error,
};

use crate::{
    place::{Node, Place},
    race::{POLICY, otp},
};

/// More than a send is ever polled.
const MOST_POLLS: usize = 12;

on_both_databases!(threads: 1; a_message_whose_caller_is_gone_is_delivered);

async fn a_message_whose_caller_is_gone_is_delivered(place: Place) {
    let node = place.node_with_lanes(1).await;
    let sql = place.sql().await;
    let mut answered = 0;
    for polls in 0..=MOST_POLLS {
        answered += usize::from(hang_up_after(&node, polls).await);
        drain(&node).await;
        let accepted = sql.count("message").await;
        assert_eq!(sql.count("outbox").await, 0, "accepted and not delivered, after {polls} polls");
        let inbox = i64::try_from(node.app.inbox().unwrap().newest_first().len()).unwrap();
        assert_eq!(inbox, accepted, "after {polls} polls");
    }
    assert!(sql.count("message").await > 0, "nothing was accepted");
    assert!(answered <= MOST_POLLS, "no caller hung up");
}

/// Asks for a code and goes away after so many polls. Whether there was an answer before that.
async fn hang_up_after(node: &Node, polls: usize) -> bool {
    let recipient = Recipient::parse(&format!("+65{}", 91_000_000 + polls)).unwrap();
    let mut ask = pin!(node.service.send_code(&node.caller, &POLICY, otp(recipient)));
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        match ask.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(answer.is_ok()),
            Poll::Pending => {
                context.waker().wake_by_ref(); // so that every poll is one step, and not only when something happened
                Poll::Pending
            }
        }
    })
    .await
}

/// Lets the writer finish what it was given, and the worker deliver it.
async fn drain(node: &Node) {
    // There is one lane: when it has answered a guess that came later, and one that came after that, it is through.
    for _ in 0..2 {
        let told = node.service.verify_code(&node.caller, MessageId(1), "000000").await;
        assert!(matches!(told, Err(Error::NoVerification)));
    }
    while node.app.worker().step().await.unwrap() > 0 {}
}
