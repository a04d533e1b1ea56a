//! What is known of recipients outlives an update, and goes when it is of no more use.

use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use verifyd::{
    core::{
        clock::Timestamp,
        ledger::{Limits, Pace},
        refusal::Rule,
    },
    store::batch::{Budget, NewMessage, SendOutcome},
};

use crate::{
    place::Place,
    samples::{APP, Bench, LIFE, START, id, made_at},
};

const LIMITS: Limits = Limits { guesses_per_day: 10, ..Limits::NONE };

on_both_databases!(threads: 1; one_that_was_kept_as_json_still_counts, one_goes_31_days_after_its_last_change);

async fn one_that_was_kept_as_json_still_counts(place: Place) {
    place.connection().await.close().await;
    let sql = place.sql_of_one_connection().await;
    Migrator::down(sql.database(), Some(1)).await.unwrap();
    let (sent, ends) = (START.millis(), (START + LIFE).millis());
    let worn_out = format!(
        r#"{{"entries":[{{"app":{APP},"message":{},"sent":{sent},"ends":{ends},"tries":10,"open":false}}],"wrong":{{"{APP}":10}},"forgiven":0}}"#,
        id(1)
    );
    sql.run(&format!(
        "INSERT INTO ledger (key, version, previous, log, until) VALUES (1, {}, 0, '{worn_out}', 0)",
        id(1)
    ))
    .await;
    Migrator::up(sql.database(), None).await.unwrap();
    let bench = Bench::at(&place).await;
    let outcome = bench.send(to(1, id(2), START)).await;
    assert!(matches!(outcome, SendOutcome::OverLimit(refusal) if (refusal.rule, refusal.used) == (Rule::Guesses, 10)));
    assert_eq!(bench.send(to(2, id(3), START)).await, SendOutcome::Accepted, "another recipient");
    bench.clock.advance(LIFE + Duration::from_hours(24));
    assert_eq!(bench.send(to(1, id(4), bench.now())).await, SendOutcome::Accepted);
}

/// A code that is sent at last lives for a while, and what was guessed at it counts for 30 days from then.
async fn one_goes_31_days_after_its_last_change(place: Place) {
    let bench = Bench::at(&place).await;
    for number in 1..=2 {
        assert_eq!(bench.send(to(number, id(number), START)).await, SendOutcome::Accepted);
    }
    bench.clock.advance(Duration::from_mins(10));
    let later = verifyd::core::id::first_at(bench.now());
    assert_eq!(bench.send(to(1, later, bench.now())).await, SendOutcome::Accepted);
    for (passed, left) in [(0, 2), (1, 1), (600_000, 1), (600_001, 0)] {
        let passed = Duration::from_millis(passed);
        let due = START + Duration::from_hours(24 * 31) + passed;
        bench.clock.advance(due.since(bench.now()));
        for _ in 0..3 {
            bench.store.sweep(bench.now()).await.unwrap(); // around and around: one of them comes by
        }
        assert_eq!(bench.sql.count("ledger").await, left, "31 days and {passed:?}");
    }
}

/// A code for the recipient `key`, in a window of its own.
fn to(key: i64, id: i64, now: Timestamp) -> NewMessage {
    let budget = Budget { key, tries: 5, limits: LIMITS, pace: Pace::default(), scope: None, version: 0 };
    NewMessage { budget: Some(budget), ..made_at(now, id, Some(id)) }
}
