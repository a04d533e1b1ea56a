//! The guess budget of a recipient: however many codes are asked for at once, through however many nodes, no more tries are
//! given away than there are.

use std::time::Duration;

use verifyd::{
    core::{
        id::MessageId,
        ledger::{Limits, Pace},
    },
    store::batch::{Budget, NewMessage, SendOutcome},
};

use crate::{
    place::{Place, seed},
    race::{Gate, RACERS, at_once},
    samples::made_at,
};

const ROUNDS: usize = 100;
/// Each code takes five tries, so two codes can be had.
const LIMITS: Limits = Limits { guesses_per_day: 10, ..Limits::NONE };

on_both_databases!(threads: 4;
    of_64_codes_of_one_recipient_two_are_made,
    a_code_that_ended_unused_gives_its_tries_back,
);

async fn of_64_codes_of_one_recipient_two_are_made(place: Place) {
    let nodes = if place.is_postgres() {
        vec![place.node().await, place.node().await, place.node().await]
    } else {
        vec![place.node().await]
    };
    let gates: Vec<_> = nodes.iter().map(Gate::from).collect();
    assert_eq!(codes_made(&gates, ROUNDS).await, ROUNDS * 2);
    let sql = place.sql().await;
    let rounds = i64::try_from(ROUNDS).unwrap();
    assert_eq!((sql.count("message").await, sql.count("ledger").await), (rounds * 2, rounds));
    assert_eq!(sql.number("SELECT CAST(SUM(max_attempts) AS bigint) FROM message").await, rounds * 10);
}

async fn a_code_that_ended_unused_gives_its_tries_back(place: Place) {
    let node = place.node().await;
    let gate = Gate::from(&node);
    let made = |life| message(&gate, 7, life);
    assert_eq!(send(&gate, made(Duration::from_millis(1))).await, SendOutcome::Accepted);
    assert_eq!(send(&gate, made(Duration::from_mins(5))).await, SendOutcome::Accepted);
    assert_eq!(send(&gate, made(Duration::from_mins(5))).await, SendOutcome::Accepted, "the first has ended");
    assert!(matches!(send(&gate, made(Duration::from_mins(5))).await, SendOutcome::OverLimit(_)));
}

/// Has 64 codes made at once for each of so many recipients; how many were.
pub(crate) async fn codes_made(gates: &[Gate], rounds: usize) -> usize {
    println!("{rounds} rounds of {RACERS} codes through {} node(s), RACES_SEED={}", gates.len(), seed());
    let mut made = 0;
    for key in (1..).take(rounds) {
        let asks = (0..RACERS).zip(gates.iter().cycle()).map(|(_, gate)| {
            let (gate, message) = (gate.clone(), message(gate, key, Duration::from_mins(5)));
            async move { send(&gate, message).await }
        });
        made += at_once(asks).await.into_iter().filter(|outcome| *outcome == SendOutcome::Accepted).count();
    }
    println!("{made} codes made");
    made
}

async fn send(gate: &Gate, message: NewMessage) -> SendOutcome {
    gate.service.parts().store.writer().send(message, Box::new(|| ())).await.unwrap()
}

/// A code for the recipient `key`, in a window of its own.
fn message(gate: &Gate, key: i64, life: Duration) -> NewMessage {
    let parts = gate.service.parts();
    let now = parts.clock.now();
    let id = parts.ids.next(now).unwrap();
    let budget = Budget { key, tries: 5, limits: LIMITS, pace: Pace::default(), scope: None, version: 0 };
    NewMessage { expires_at: now + life, budget: Some(budget), ..made_at(now, MessageId(id).0, Some(id)) }
}
