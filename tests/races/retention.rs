//! What is forgotten, and when (security I2).

use std::time::Duration;

use verifyd::core::clock::Timestamp;

use crate::{
    place::Place,
    samples::{Bench, START, message},
};

on_both_databases!(threads: 1; everything_is_forgotten_on_schedule);

async fn everything_is_forgotten_on_schedule(place: Place) {
    let bench = Bench::at(&place).await;
    for number in 1..=3 {
        bench.send(message(number, Some(number))).await;
    }
    let columns =
        ["send_window", "message WHERE tag IS NOT NULL", "message WHERE length(recipient) > 0", "message", "event"];
    let mut kept = [3; 5];
    // Windows end with their codes, at 5 minutes, and each of these three codes is told to have died.
    for (place, after) in [(0, 300), (1, 25 * 3600), (2, 72 * 3600), (3, 720 * 3600)] {
        let due = Timestamp::from_millis((START + Duration::from_secs(after)).millis() - 1);
        bench.clock.advance(due.since(bench.now()));
        swept(&bench, &columns, &kept).await;
        kept[place..].iter_mut().take(if place == 3 { 2 } else { 1 }).for_each(|rows| *rows = 0);
        if place == 0 {
            kept[4] = 6;
        }
        // An id is of its millisecond, and goes when that is over.
        bench.clock.advance(Duration::from_millis(2));
        swept(&bench, &columns, &kept).await;
    }
}

async fn swept(bench: &Bench, columns: &[&str], kept: &[i64]) {
    while bench.store.sweep(bench.now()).await.unwrap() > 0 {}
    for (column, kept) in columns.iter().zip(kept) {
        let after = bench.now().since(START);
        assert_eq!(bench.sql.count(column).await, *kept, "{column} after {after:?}");
    }
}
