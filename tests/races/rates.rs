//! Request rates: what comes at once is let through exactly as often as the rule says, over all nodes.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::{sync::Barrier, task::JoinSet};
use verifyd::{
    service::{Charge, Service},
    store::Tick,
};

use crate::place::Place;

const LIMIT: u32 = 20;
const CALLS: u32 = 100;
const ROUNDS: i64 = 20;
const HOUR: Duration = Duration::from_hours(1);

on_both_databases!(threads: 4;
    what_comes_at_once_is_let_through_so_often_and_no_more,
    what_is_counted_ahead_is_let_through_once,
    what_is_counted_behind_lets_one_too_many_through_for_each_node,
    a_call_that_is_charged_twice_waits_for_nobody_for_ever,
    windows_that_have_ended_are_swept,
);

/// Two nodes on PostgreSQL; on SQLite there can be only one.
async fn services(place: &Place) -> Vec<Service> {
    let mut nodes = vec![place.node().await.service];
    if place.is_postgres() {
        nodes.push(place.node().await.service);
    }
    nodes
}

async fn what_comes_at_once_is_let_through_so_often_and_no_more(place: Place) {
    let nodes = services(&place).await;
    for round in 0..ROUNDS {
        let subject = round.to_be_bytes();
        let used = at_once(&nodes, move |node| async move {
            let charge = Charge { rule: "race", subject: &[&subject], limit: LIMIT, window: HOUR };
            let count = node.charge(&[charge]).await.unwrap()[0];
            assert_eq!(count.is_over(), count.used > LIMIT);
            count.used
        })
        .await;
        let all: BTreeSet<u32> = used.iter().copied().collect();
        assert_eq!(all, (1..=CALLS).collect(), "round {round}: every charge is counted once");
        let overshoot = passed(&used) - i64::from(LIMIT);
        assert_eq!(overshoot, 0, "round {round}");
        let charge = Charge { rule: "race", subject: &[&subject], limit: LIMIT, window: HOUR };
        assert_eq!(nodes[0].counts(&[charge]).await.unwrap()[0].used, CALLS, "to look counts nothing");
    }
    println!("{ROUNDS} rounds of {CALLS} calls on {} nodes: overshoot 0 of {LIMIT}", nodes.len());
}

/// A window of so many is counted ahead by nodes: each count is one call's, and all but a small part of them is used.
async fn what_is_counted_ahead_is_let_through_once(place: Place) {
    const WIDE: u32 = 2000;
    let nodes = services(&place).await;
    let charge = Charge { rule: "wide", subject: &[b"all"], limit: WIDE, window: HOUR };
    let mut passed = BTreeSet::<u32>::new();
    for round in 0.. {
        let used = at_once(&nodes, |node| async move {
            let charge = Charge { rule: "wide", subject: &[b"all"], limit: WIDE, window: HOUR };
            node.charge(&[charge]).await.unwrap()[0].used
        })
        .await;
        let within: Vec<_> = used.iter().copied().filter(|used| *used <= WIDE).collect();
        if within.is_empty() {
            break;
        }
        let before = passed.len();
        passed.extend(&within);
        assert_eq!(passed.len(), before + within.len(), "round {round}: a count was given to two calls");
    }
    let unused = WIDE as usize - passed.len();
    println!("{} of {WIDE} let through by {} nodes, {unused} counted ahead and not used", passed.len(), nodes.len());
    assert!(unused <= nodes.len() * (WIDE as usize).div_ceil(256));
    let seen = nodes[0].counts(&[charge]).await.unwrap()[0];
    assert!(seen.is_over() && seen.used >= WIDE);
}

/// The first call of a node waits for no count. Whoever comes later sees all that came before on its own node.
async fn what_is_counted_behind_lets_one_too_many_through_for_each_node(place: Place) {
    let nodes = services(&place).await;
    let most = i64::from(LIMIT) + i64::try_from(nodes.len()).unwrap();
    for round in 0..ROUNDS {
        let subject = round.to_be_bytes();
        let used = at_once(&nodes, move |node| async move { charge_behind(&node, &subject).await }).await;
        let passed = passed(&used);
        assert!((i64::from(LIMIT)..=most).contains(&passed), "round {round}: {passed} of {LIMIT} let through");
        assert_eq!(charge_behind(&nodes[0], &subject).await, CALLS + 1, "round {round}: every call counts");
    }
}

async fn charge_behind(node: &Service, subject: &[u8]) -> u32 {
    let charge = Charge { rule: "behind", subject: &[subject], limit: LIMIT, window: HOUR };
    node.charge_behind(&[charge]).await.unwrap()[0].used
}

/// Each call charges two rules, half of them in the other order: nodes that took their rows as they came would wait for each
/// other until the database ends it.
async fn a_call_that_is_charged_twice_waits_for_nobody_for_ever(place: Place) {
    let nodes = services(&place).await;
    let used = at_once(&nodes, |node| async move {
        let one = Charge { rule: "one", subject: &[b"all"], limit: LIMIT, window: HOUR };
        let other = Charge { rule: "other", subject: &[b"all"], limit: LIMIT, window: HOUR };
        let (there, back) = (node.charge(&[one, other]).await.unwrap(), node.charge(&[other, one]).await.unwrap());
        assert!(there[0].used < back[1].used && there[1].used < back[0].used);
        back[0].used
    })
    .await;
    assert_eq!(used.iter().max(), Some(&(CALLS * 2)));
}

async fn windows_that_have_ended_are_swept(place: Place) {
    let node = place.node().await;
    let store = &node.service.parts().store;
    let now = node.service.parts().clock.now();
    let ticks = [
        Tick { key: 1, times: 1, window: Duration::from_mins(1), limit: None },
        Tick { key: 2, times: 1, window: HOUR, limit: None },
    ];
    store.charge(&ticks, now).await.unwrap();
    let later = now + Duration::from_mins(1);
    while store.sweep(later).await.unwrap() > 0 {}
    // Asked for the time when both were alive: what is swept is gone for good.
    let left: Vec<_> = store.charged(&ticks, now).await.unwrap().iter().map(|window| window.used).collect();
    assert_eq!(left, [0, 1]);
}

/// The same counted by reading and then writing: more is let through than the rule says, or this race finds nothing.
#[cfg(feature = "controls")]
mod control {
    use super::{CALLS, HOUR, LIMIT, Place, ROUNDS, Tick, at_once, passed, services};

    on_both_databases!(threads: 4; the_read_then_write_control_fails);

    #[test]
    fn the_forgetful_control_lets_everybody_through_on_postgresql() {
        crate::place::on_postgresql(4, the_forgetful_control_lets_everybody_through);
    }

    /// Counted behind by nodes that do not remember having done so.
    async fn the_forgetful_control_lets_everybody_through(place: Place) {
        let nodes = services(&place).await;
        let used = at_once(&nodes, |node| async move {
            let parts = node.parts();
            let tick = Tick { key: 1, times: 1, window: HOUR, limit: Some(LIMIT) };
            parts.store.forget_and_charge_behind(tick, parts.clock.now()).await.unwrap().used
        })
        .await;
        println!("the control let {} of {CALLS} through", passed(&used));
        assert!(passed(&used) > i64::from(LIMIT) + i64::try_from(nodes.len()).unwrap());
    }

    async fn the_read_then_write_control_fails(place: Place) {
        let nodes = services(&place).await;
        let mut overshoot = 0;
        for key in 0..ROUNDS {
            let used = at_once(&nodes, move |node| async move {
                let parts = node.parts();
                let tick = Tick { key, times: 1, window: HOUR, limit: None };
                parts.store.read_then_charge(tick, parts.clock.now()).await.unwrap().used
            })
            .await;
            overshoot += passed(&used) - i64::from(LIMIT);
        }
        println!("the control let {overshoot} too many through");
        assert!(overshoot > 0);
    }
}

/// How many of these were not over the limit.
fn passed(used: &[u32]) -> i64 {
    used.iter().filter(|used| **used <= LIMIT).count().try_into().unwrap()
}

/// So many calls that begin together, spread over the nodes.
async fn at_once<F: Future<Output = u32> + Send + 'static>(
    nodes: &[Service],
    call: impl Fn(Service) -> F + Clone + Send + 'static,
) -> Vec<u32> {
    let start = Arc::new(Barrier::new(CALLS as usize));
    let mut calls = JoinSet::new();
    for node in nodes.iter().cycle().take(CALLS as usize) {
        let (start, node, call) = (start.clone(), node.clone(), call.clone());
        calls.spawn(async move {
            start.wait().await;
            call(node).await
        });
    }
    calls.join_all().await
}
