//! What the store writes, and that it writes all of it or nothing.

use std::{collections::HashSet, time::Duration};

use futures_util::{FutureExt, future::join_all};
use verifyd::{
    core::{clock::Clock, id::MessageId, verification::Guess},
    store::{
        Due, StoreError,
        batch::{Answered, NewMessage, SendOutcome, Settlement, Step},
    },
};

use crate::{
    place::Place,
    race::at_once,
    samples::{APP, Bench, RIGHT, guess, id, message, settlement},
};

/// Application whose events the database refuses.
const POISON: i64 = 666;
const LEASE: Duration = Duration::from_mins(1);

on_both_databases!(threads: 1;
    a_send_writes_message_outbox_and_event_or_nothing,
    a_poison_row_fails_alone,
    a_poison_settlement_fails_alone,
    a_stale_claim_settles_nothing,
    a_claim_belongs_to_one_of_8_claimers,
    giving_up_ends_the_window_and_erases_the_body,
    handing_over_erases_the_body_and_keeps_the_window,
    a_full_queue_refuses_at_once,
    what_nobody_waits_for_is_not_begun,
);

async fn a_send_writes_message_outbox_and_event_or_nothing(place: Place) {
    let bench = poisoned(&place).await;
    assert_eq!(bench.send(message(1, Some(11))).await, SendOutcome::Accepted);
    for table in ["message", "outbox", "event", "send_window"] {
        assert_eq!(bench.sql.count(table).await, 1, "{table}");
    }
    let poison = NewMessage { app: POISON, ..message(2, Some(22)) };
    assert!(matches!(
        bench.store.writer().send(poison, Box::new(|| panic!("not accepted"))).await,
        Err(StoreError::Unavailable)
    ));
    for table in ["message", "outbox", "event", "send_window"] {
        assert_eq!(bench.sql.count(table).await, 1, "{table}");
    }
}

async fn a_poison_row_fails_alone(place: Place) {
    let bench = poisoned(&place).await;
    bench.send(message(100, None)).await;
    let writer = bench.store.writer();
    let app = |number| if number == 3 { POISON } else { APP };
    let sends = (1..=8)
        .map(|number| writer.send(NewMessage { app: app(number), ..message(number, Some(number)) }, Box::new(|| ())));
    let (sent, guessed) = tokio::join!(join_all(sends), writer.guess(guess(id(200), id(100), RIGHT)));
    assert!(bench.flushes.lock().unwrap().iter().any(|size| *size >= 8), "nothing shared a flush");
    for (number, outcome) in (1..).zip(sent) {
        assert_eq!(outcome.ok(), (number != 3).then_some(SendOutcome::Accepted), "message {number}");
    }
    assert_eq!(guessed.unwrap(), Some(Answered { guess: Guess::Accepted, attempts: 1 }));
    for what in ["message WHERE verified_at IS NULL", "send_window"] {
        assert_eq!(bench.sql.count(what).await, 7, "{what}");
    }
    assert_eq!(bench.sql.count("outbox").await, 8);
}

async fn a_poison_settlement_fails_alone(place: Place) {
    let bench = poisoned(&place).await;
    for number in 1..=3 {
        bench.send(message(number, None)).await;
    }
    let dues = bench.store.claim_due(9, LEASE, 10, bench.now()).await.unwrap();
    let settled = join_all(dues.iter().map(|due| {
        let mut settlement = settlement(due, due.id + 50, Step::Done);
        if due.id == id(2) {
            settlement.app = POISON;
        }
        bench.store.writer().settle(settlement)
    }));
    let failed: Vec<_> = settled.await.into_iter().zip(&dues).filter(|(answer, _)| answer.is_err()).collect();
    assert_eq!(failed.iter().map(|(_, due)| due.id).collect::<Vec<_>>(), [id(2)]);
    assert_eq!((bench.sql.count("outbox").await, bench.sql.count("event WHERE kind = 'sent'").await), (1, 2));
}

async fn a_stale_claim_settles_nothing(place: Place) {
    let bench = Bench::at(&place).await;
    bench.send(message(1, Some(11))).await;
    let old = claim(&bench, 1).await;
    bench.clock.advance(LEASE);
    let new = claim(&bench, 2).await;
    let later = Step::Retry { hop: 1, attempt: 1, due_at: bench.now() };
    for (event, step) in (10..).zip([Step::Done, Step::GiveUp, later]) {
        bench.store.writer().settle(settlement(&old, id(event), step)).await.unwrap();
        let kept = "outbox WHERE claim = 2 AND hop = 0 AND attempt = 0";
        assert_eq!(bench.sql.count(kept).await, 1, "{step:?}");
        assert_eq!((bench.sql.count("event").await, bench.sql.count("send_window").await), (1, 1), "{step:?}");
    }
    bench.store.writer().settle(settlement(&new, id(20), later)).await.unwrap();
    assert_eq!(bench.sql.count("outbox WHERE claim = 0 AND hop = 1 AND attempt = 1").await, 1);
}

async fn a_claim_belongs_to_one_of_8_claimers(place: Place) {
    let bench = Bench::at(&place).await;
    join_all((1..=300).map(|number| bench.send(message(number, None)))).await;
    let now = bench.now();
    let claimers = (1..=8).map(|claimer| {
        let store = bench.store.clone();
        async move {
            let mut mine: Vec<Due> = vec![];
            loop {
                match store.claim_due(claimer, LEASE, 7, now).await.unwrap() {
                    none if none.is_empty() => return mine,
                    more => mine.extend(more),
                }
            }
        }
    });
    let claimed = at_once(claimers).await;
    let ids: Vec<_> = claimed.iter().flatten().map(|due| due.id).collect();
    assert_eq!((ids.len(), ids.iter().collect::<HashSet<_>>().len()), (300, 300));
    assert!(claimed.iter().filter(|mine| !mine.is_empty()).count() > 1, "one claimer got everything");
    for mine in claimed.iter().filter_map(|mine| mine.first()) {
        let kept = format!("outbox WHERE id = {} AND claim = {}", mine.id, mine.claim);
        assert_eq!(bench.sql.count(&kept).await, 1);
    }
}

async fn giving_up_ends_the_window_and_erases_the_body(place: Place) {
    let bench = Bench::at(&place).await;
    bench.send(message(1, Some(11))).await;
    assert_eq!(bench.send(message(2, Some(11))).await, SendOutcome::WindowHeld);
    let due = claim(&bench, 1).await;
    bench.store.writer().settle(settlement(&due, id(10), Step::GiveUp)).await.unwrap();
    assert_eq!((bench.sql.count("outbox").await, bench.sql.count("send_window").await), (0, 0));
    assert_eq!(bench.sql.count("event WHERE kind = 'sent_failed'").await, 1);
    assert_eq!(bench.send(message(3, Some(11))).await, SendOutcome::Accepted);
    let tried = bench.store.writer().settle(settlement(&due, id(11), Step::GiveUp)).await;
    assert_eq!((tried.ok(), bench.sql.count("send_window").await), (Some(()), 1), "a second message lost its window");
}

async fn handing_over_erases_the_body_and_keeps_the_window(place: Place) {
    let bench = Bench::at(&place).await;
    bench.send(message(1, Some(11))).await;
    let due = claim(&bench, 1).await;
    assert_eq!((due.message, &due.body[..]), (MessageId(id(1)), &b"a sealed body"[..]));
    bench.store.writer().settle(settlement(&due, id(10), Step::Done)).await.unwrap();
    assert_eq!((bench.sql.count("outbox").await, bench.sql.count("event WHERE kind = 'sent'").await), (0, 1));
    assert_eq!(bench.send(message(2, Some(11))).await, SendOutcome::WindowHeld);
}

async fn a_full_queue_refuses_at_once(place: Place) {
    let bench = Bench::with_queue(&place, 4).await;
    let sends = (1..=20).map(|number| bench.store.writer().send(message(number, None), Box::new(|| ())));
    let answers = join_all(sends).await;
    let refused = answers.iter().filter(|answer| matches!(answer, Err(StoreError::Overloaded))).count();
    assert_eq!((refused, answers.len() - refused), (16, 4));
    assert_eq!(bench.sql.count("message").await, 4);
    assert_eq!(bench.send(message(21, None)).await, SendOutcome::Accepted);
}

async fn what_nobody_waits_for_is_not_begun(place: Place) {
    let bench = Bench::at(&place).await;
    bench.send(message(1, None)).await;
    let writer = bench.store.writer();
    let due = claim(&bench, 1).await;
    // Each is queued and left before the writer has a chance to look.
    assert!(writer.send(message(2, None), Box::new(|| panic!("not accepted"))).now_or_never().is_none());
    assert!(writer.guess(guess(id(10), id(1), RIGHT)).now_or_never().is_none());
    assert!(writer.settle(settlement(&due, id(11), Step::Done)).now_or_never().is_none());
    assert_eq!(
        writer.guess(guess(id(12), id(1), RIGHT)).await.unwrap(),
        Some(Answered { guess: Guess::Accepted, attempts: 1 })
    );
    assert_eq!(bench.sql.count("message").await, 1);
    assert_eq!(
        writer.guess(guess(id(13), id(1), RIGHT)).await.unwrap(),
        Some(Answered { guess: Guess::AlreadyVerified, attempts: 1 })
    );
    // Settlements may have a lane of their own, which answers in turn: one of no delivery comes after that of this one.
    let last = Settlement { delivery: id(2), ..settlement(&due, id(14), Step::Done) };
    writer.settle(last).await.unwrap();
    assert_eq!(bench.sql.count("outbox").await, 0, "a delivery's outcome was lost");
}

async fn claim(bench: &Bench, token: i64) -> Due {
    let mut dues = bench.store.claim_due(token, LEASE, 10, bench.clock.now()).await.unwrap();
    assert_eq!(dues.len(), 1);
    dues.remove(0)
}

/// The database itself refuses events of one application.
async fn poisoned(place: &Place) -> Bench {
    let bench = Bench::at(place).await;
    let refuse = if place.is_postgres() {
        format!("ALTER TABLE event ADD CONSTRAINT poison CHECK (app_id <> {POISON})")
    } else {
        format!(
            "CREATE TRIGGER poison BEFORE INSERT ON event WHEN new.app_id = {POISON}
             BEGIN SELECT RAISE(ABORT, 'poison'); END"
        )
    };
    bench.sql.run(&refuse).await;
    bench
}
