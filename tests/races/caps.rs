//! Caps: however many sends come at once, through however many nodes, exactly as many are written as fit in.

use std::time::Duration;

use verifyd::{
    core::{caps::Counted, refusal::Rule},
    store::{
        Tick,
        batch::{NewMessage, SendOutcome},
    },
};

use crate::{
    place::Place,
    race::{Gate, RACERS, at_once},
    samples::made_at,
};

const ROUNDS: i64 = 50;
const MOST: u32 = 10;
const HOUR: Duration = Duration::from_hours(1);

on_both_databases!(threads: 4;
    of_64_sends_at_once_ten_are_written,
    what_a_narrow_cap_refuses_counts_in_no_other,
    counts_that_are_kept_apart_let_too_many_through,
);

/// Three nodes on PostgreSQL; on SQLite there can be only one.
async fn gates(place: &Place) -> Vec<Gate> {
    let mut gates = vec![Gate::from(&place.node().await)];
    while place.is_postgres() && gates.len() < 3 {
        gates.push(Gate::from(&place.node().await));
    }
    gates
}

async fn of_64_sends_at_once_ten_are_written(place: Place) {
    let gates = gates(&place).await;
    let written = written(&gates, |_, round| vec![cap(Rule::Prefix, round, MOST)]).await;
    assert_eq!(written, ROUNDS * i64::from(MOST), "overshoot 0");
    assert_eq!(place.sql().await.count("message").await, written);
}

async fn what_a_narrow_cap_refuses_counts_in_no_other(place: Place) {
    let gates = gates(&place).await;
    let wide = -1;
    written(&gates, |_, round| vec![cap(Rule::Prefix, round, MOST), cap(Rule::App, wide, u32::MAX)]).await;
    let parts = gates[0].service.parts();
    let tick = Tick { key: wide, times: 0, window: HOUR, limit: None };
    let used = parts.store.charged(&[tick], parts.clock.now()).await.unwrap()[0].used;
    assert_eq!(i64::from(used), ROUNDS * i64::from(MOST));
}

/// The negative control: as if three nodes counted each by itself.
async fn counts_that_are_kept_apart_let_too_many_through(place: Place) {
    let gates = gates(&place).await;
    let written = written(&gates, |racer, round| vec![cap(Rule::Prefix, round * 10 + racer % 3, MOST)]).await;
    assert_eq!(written, ROUNDS * i64::from(MOST) * 3);
}

fn cap(rule: Rule, key: i64, most: u32) -> Counted {
    Counted { rule, key, times: 1, most, span: HOUR }
}

/// Has so many sent at once in each round, under the caps of racer and round; how many were.
async fn written(gates: &[Gate], caps: impl Fn(i64, i64) -> Vec<Counted>) -> i64 {
    let mut written = 0;
    for round in 1..=ROUNDS {
        let asks = (0..).zip(gates.iter().cycle()).take(RACERS).map(|(racer, gate)| {
            let (gate, caps) = (gate.clone(), caps(racer, round));
            async move { send(&gate, caps).await }
        });
        let outcomes = at_once(asks).await;
        written += outcomes.iter().filter(|outcome| **outcome == SendOutcome::Accepted).count();
    }
    i64::try_from(written).unwrap()
}

async fn send(gate: &Gate, caps: Vec<Counted>) -> SendOutcome {
    let parts = gate.service.parts();
    let now = parts.clock.now();
    let id = parts.ids.next(now).unwrap();
    let message = NewMessage { caps, ..made_at(now, id, Some(id)) };
    parts.store.writer().send(message, Box::new(|| ())).await.unwrap()
}
