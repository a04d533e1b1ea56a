//! What is forgotten, and when (security I2).

use std::time::Duration;

use verifyd::{
    core::clock::Timestamp,
    store::batch::{NewMessage, NewSession},
};

use crate::{
    place::Place,
    samples::{Bench, START, id, message},
};

on_both_databases!(threads: 1; everything_is_forgotten_on_schedule);

async fn everything_is_forgotten_on_schedule(place: Place) {
    let bench = Bench::at(&place).await;
    for number in 1..=2 {
        bench.send(message(number, Some(number))).await;
    }
    bench.send(NewMessage { session: Some(session(3)), ..message(3, Some(3)) }).await;
    let columns = [
        "send_window WHERE NOT ended",
        "send_window",
        "message WHERE tag IS NOT NULL",
        "message WHERE length(recipient) > 0",
        "message",
        "event",
    ];
    let mut kept = [3; 6];
    // Windows end with their codes, at 5 minutes, and each of these three codes is told to have died. That of a session leads to
    // it for a day more.
    for (place, after) in [(0, 300), (1, 24 * 3600 + 300), (2, 25 * 3600), (3, 72 * 3600), (4, 720 * 3600)] {
        let due = Timestamp::from_millis((START + Duration::from_secs(after)).millis() - 1);
        bench.clock.advance(due.since(bench.now()));
        swept(&bench, &columns, &kept).await;
        kept[place..].iter_mut().take(if place == 4 { 2 } else { 1 }).for_each(|rows| *rows = 0);
        if place == 0 {
            (kept[1], kept[5]) = (1, 6);
        }
        // An id is of its millisecond, and goes when that is over.
        bench.clock.advance(Duration::from_millis(2));
        swept(&bench, &columns, &kept).await;
    }
}

/// Which its recipient is looked up by.
fn session(number: i64) -> NewSession {
    NewSession {
        id: id(number),
        dialect: "sample".into(),
        public_id: number.to_string(),
        scope: String::new(),
        slot: number,
        link: None,
    }
}

async fn swept(bench: &Bench, columns: &[&str], kept: &[i64]) {
    while bench.store.sweep(bench.now()).await.unwrap() > 0 {}
    for (column, kept) in columns.iter().zip(kept) {
        let after = bench.now().since(START);
        assert_eq!(bench.sql.count(column).await, *kept, "{column} after {after:?}");
    }
}
