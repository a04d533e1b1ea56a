//! Worker numbers, ids and the time that nodes share (security A8, G1, G2).

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio_util::{sync::CancellationToken, task::TaskTracker};
use verifyd::{
    core::clock::{Clock, SystemClock, Timestamp},
    service::{Cause, Error, Ids},
    store::LEASE,
};

use crate::{
    place::{Place, on_postgresql},
    race::{POLICY, otp},
    samples::Bench,
};

const TASKS: usize = 16;
const IDS_PER_TASK: usize = 20_000;

on_both_databases!(threads: 1; a_worker_number_is_held_by_one_and_remembers_how_far_it_came);

async fn a_worker_number_is_held_by_one_and_remembers_how_far_it_came(place: Place) {
    let bench = Bench::at(&place).await;
    let (store, start) = (&bench.store, bench.now());
    let first = store.lease(1, false, start).await.unwrap();
    let second = store.lease(2, false, start).await.unwrap();
    assert_eq!((first.worker, second.worker), (0, 1));
    let reached = start + Duration::from_secs(7);
    assert!(store.renew(&first, reached, start + LEASE).await.unwrap());
    let almost = Timestamp::from_millis((start + LEASE).millis() - 1);
    assert_eq!(store.lease(3, false, almost).await.unwrap().worker, 2, "a lease ended early");
    let taken = store.lease(4, false, start + LEASE).await.unwrap();
    assert_eq!((taken.worker, taken.high_water), (0, reached), "the next holder begins where the last one ended");
    assert!(!store.renew(&first, start, start + LEASE * 9).await.unwrap(), "the old holder renewed what it had lost");
    assert_eq!(bench.sql.number("SELECT high_water FROM worker WHERE id = 0").await, reached.millis());
}

#[test]
fn ids_of_16_tasks_never_repeat_and_always_grow() {
    let nodes = [Ids::new(0, Timestamp::default(), None), Ids::new(1, Timestamp::default(), Some(LEASE))].map(Arc::new);
    let clock = Arc::new(SystemClock::default());
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let (ids, clock) = (nodes[task % 2].clone(), clock.clone());
            std::thread::spawn(move || {
                // The clock of G1: up to a second behind what the node has seen, ids go on.
                let drawn: Vec<_> = (0..IDS_PER_TASK).map(|_| draw(&ids, &*clock)).collect();
                assert!(drawn.is_sorted_by(|a, b| a < b), "an id was not above the one before");
                drawn
            })
        })
        .collect();
    let ids: Vec<_> = tasks.into_iter().flat_map(|task| task.join().unwrap()).collect();
    assert_eq!(ids.len(), TASKS * IDS_PER_TASK);
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "an id was given out twice");
}

/// A node that runs more than a second ahead of the clock refuses until the clock has caught up.
fn draw(ids: &Ids, clock: &dyn Clock) -> i64 {
    loop {
        if let Ok(id) = ids.next(clock.now()) {
            return id;
        }
        std::thread::yield_now();
    }
}

#[test]
fn no_id_is_given_out_when_the_lease_has_ended() {
    let ids = Ids::new(3, Timestamp::default(), Some(Duration::ZERO));
    assert!(matches!(ids.next(SystemClock::default().now()), Err(Cause::Id(_))));
    ids.renewed(Some(Instant::now() + LEASE));
    assert!(ids.next(SystemClock::default().now()).is_ok());
}

#[test]
fn two_nodes_have_different_worker_numbers() {
    on_postgresql(1, |place| async move {
        let mut workers = HashSet::new();
        for number in 0..3 {
            let node = place.node().await;
            let recipient = verifyd::core::recipient::Recipient::parse(&format!("+65{}", 91_000_000 + number)).unwrap();
            let receipt = node.service.send_code(&node.caller, &POLICY, otp(recipient)).await.unwrap();
            assert!(workers.insert(receipt.message.0 >> 12 & 1023), "a number was held by two nodes");
        }
    });
}

#[test]
fn a_serving_node_whose_number_was_taken_gives_out_no_more_ids() {
    on_postgresql(2, |place| async move {
        let node = place.node().await;
        let (service, sql) = (node.service.clone(), place.sql().await);
        let draws = || service.parts().ids.next(service.parts().clock.now());
        assert!(draws().is_ok());
        let refused = async {
            sql.run("UPDATE worker SET holder = holder - 1").await;
            let mut looks = tokio::time::interval(Duration::from_millis(20));
            while draws().is_ok() {
                looks.tick().await;
            }
        };
        tokio::select! {
            ended = node.app.serve(|_| ()) => panic!("the node stopped serving: {ended:?}"),
            noticed = tokio::time::timeout(Duration::from_secs(10), refused) => noticed.unwrap(),
        }
        let recipient = verifyd::core::recipient::Recipient::parse("+6591000000").unwrap();
        assert!(matches!(
            service.send_code(&node.caller, &POLICY, otp(recipient)).await,
            Err(Error::Internal(Cause::Id(_)))
        ));
    });
}

/// The database's clock is ten minutes slow here, and so is every node's.
#[test]
fn nodes_take_the_time_from_the_database() {
    on_postgresql(1, |place| async move {
        let sql = place.sql().await;
        for part in [
            "CREATE SCHEMA slow",
            "CREATE FUNCTION slow.clock_timestamp() RETURNS timestamptz LANGUAGE sql
             AS $$ SELECT pg_catalog.clock_timestamp() - interval '10 minutes' $$",
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = slow, pg_catalog, public', current_database()); END $$",
        ] {
            sql.run(part).await;
        }
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let mut clocks = vec![];
        for _ in 0..2 {
            clocks.push(place.connection().await.clock(&tasks, stop.clone()).await.unwrap());
        }
        let sql = place.sql().await;
        let server = sql.number("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint").await;
        for clock in &clocks {
            let apart = (clock.now().millis() - server).abs();
            assert!(apart < 1000, "a node is {apart} ms from the server");
        }
        let here = SystemClock::default().now().since(clocks[0].now());
        assert!(here > Duration::from_mins(9), "the node goes by its own clock");
        stop.cancel();
    });
}
