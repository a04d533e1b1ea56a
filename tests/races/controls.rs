//! The same races against stores that are known to be wrong: they must be caught.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio_util::task::TaskTracker;
use verifyd::{
    service::{Handoff, Parts, Service},
    store::{Store, batch::Flaw},
};

use crate::{
    budgets::codes_made,
    place::{Node, Place, seed},
    race::{Gate, Kind, guesses, sends},
};

const ROUNDS: usize = 50;

on_both_databases!(threads: 4;
    the_read_then_write_control_fails,
    the_compare_then_count_control_fails,
    the_look_then_insert_control_fails,
    the_last_ledger_wins_control_fails,
);

async fn the_read_then_write_control_fails(place: Place) {
    let node = place.node().await;
    let tally = guesses(&[flawed(&place, &node, Flaw::ReadThenWrite).await], Kind::Right, ROUNDS, seed()).await;
    assert!(tally.accepted > ROUNDS && !tally.violations.is_empty());
}

async fn the_compare_then_count_control_fails(place: Place) {
    let node = place.node().await;
    let tally = guesses(&[flawed(&place, &node, Flaw::CompareThenCount).await], Kind::Wrong, ROUNDS, seed()).await;
    assert!(tally.wrong > ROUNDS * 5 && !tally.violations.is_empty());
}

async fn the_look_then_insert_control_fails(place: Place) {
    let node = place.node().await;
    let tally = sends(&[flawed(&place, &node, Flaw::LookThenInsert).await], ROUNDS, seed()).await;
    assert!(tally.accepted > ROUNDS && !tally.violations.is_empty());
}

async fn the_last_ledger_wins_control_fails(place: Place) {
    let node = place.node().await;
    let made = codes_made(&[flawed(&place, &node, Flaw::LastLedgerWins).await], ROUNDS).await;
    assert!(made > ROUNDS * 2, "{made}");
}

/// The node's own service, but for the store.
async fn flawed(place: &Place, node: &Node, flaw: Flaw) -> Gate {
    let parts = node.service.parts();
    let connection = place.connection().await;
    let service = Service::new(Parts {
        clock: parts.clock.clone(),
        entropy: parts.entropy.clone(),
        keys: ArcSwap::new(parts.keys.load_full()),
        ids: parts.ids.clone(),
        store: Store::flawed(&connection, flaw, &parts.clock, &TaskTracker::new()),
        spent_up: ArcSwap::default(),
        left_alone: ArcSwap::default(),
        sprayed: verifyd::service::Sprayed::default(),
        second_looks: verifyd::service::SecondLooks::default(),
        directory: ArcSwap::new(parts.directory.load_full()),
        failed_tries: verifyd::service::FailedTries::default(),
        told_logins: verifyd::service::ToldLogins::default(),
        registry: parts.registry.clone(),
        web: parts.web.clone(),
        hook_format: parts.hook_format,
        hooks: parts.hooks.clone(),
        callback_format: parts.callback_format,
        handoff: Handoff::new(1).0,
        first_outcomes: verifyd::service::FirstOutcomes::default(),
        recall: verifyd::service::Recall::default(),
        receipts: verifyd::service::ReceiptQueue::default(),
        metrics: Arc::default(),
        settings: parts.settings.clone(),
    });
    Gate { service, caller: node.caller.clone() }
}
