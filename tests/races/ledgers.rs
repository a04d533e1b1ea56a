//! What is known of recipients outlives an update, and goes when it is of no more use.

use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use verifyd::{
    core::{
        clock::Timestamp,
        id::first_at,
        ledger::{Limits, Pace},
        refusal::Rule,
        verification::Guess,
    },
    store::batch::{Budget, NewMessage, SendOutcome},
};

use crate::{
    place::Place,
    samples::{APP, Bench, LIFE, RIGHT, START, WRONG, guess, id, made_at},
};

const LIMITS: Limits = Limits { guesses_per_day: 10, guesses_since_success: 10, ..Limits::NONE };
const DAY: Duration = Duration::from_hours(24);
const A_MONTH_AND_LIFE: Duration = DAY.saturating_mul(30).saturating_add(LIFE);
const TEN_MINUTES: Duration = Duration::from_mins(10);
const A_MOMENT: Duration = Duration::from_millis(1);

on_both_databases!(threads: 1;
    one_that_was_kept_as_json_still_counts,
    one_without_wrong_guesses_goes_a_day_after_the_last_send,
    what_its_window_refuses_costs_nothing,
    one_with_a_wrong_guess_goes_30_days_after_the_end_of_that_code,
    wrong_guesses_without_a_right_one_are_not_forgotten,
);

async fn one_that_was_kept_as_json_still_counts(place: Place) {
    place.connection().await.close().await;
    let sql = place.sql_of_one_connection().await;
    Migrator::down(sql.database(), Some(1)).await.unwrap();
    let (sent, ends) = (START.millis(), (START + LIFE).millis());
    let worn_out = format!(
        r#"{{"entries":[{{"app":{APP},"message":{},"sent":{sent},"ends":{ends},"tries":10,"open":false}}],"wrong":{{}},"forgiven":0}}"#,
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
    bench.clock.advance(LIFE + DAY);
    assert_eq!(bench.send(to(1, id(4), bench.now())).await, SendOutcome::Accepted);
}

/// Nobody guessed: what was sent counts for a day, and then nothing does.
async fn one_without_wrong_guesses_goes_a_day_after_the_last_send(place: Place) {
    let bench = Bench::at(&place).await;
    bench.sends(1, START).await;
    bench.sends(2, START).await;
    bench.clock.advance(TEN_MINUTES);
    bench.sends(1, bench.now()).await;
    for (after, left) in [(DAY, 2), (DAY + A_MOMENT, 1), (DAY + TEN_MINUTES, 1), (DAY + TEN_MINUTES + A_MOMENT, 0)] {
        assert_eq!(bench.ledgers_after(after).await, left, "{after:?}");
    }
}

/// Which was noted, but never written.
async fn what_its_window_refuses_costs_nothing(place: Place) {
    let bench = Bench::at(&place).await;
    let code = bench.sends(1, START).await;
    let again = NewMessage { slot: Some(code), ..to(1, code + 1, START) };
    assert_eq!(bench.send(again).await, SendOutcome::WindowHeld);
    assert!(bench.guesses(code, RIGHT).await);
    assert_eq!((bench.ledgers_after(DAY).await, bench.ledgers_after(DAY + A_MOMENT).await), (1, 0));
}

/// The limit of 30 days is not lifted by the right code.
async fn one_with_a_wrong_guess_goes_30_days_after_the_end_of_that_code(place: Place) {
    let bench = Bench::at(&place).await;
    let code = bench.sends(1, START).await;
    assert!(bench.guesses(code, WRONG).await && bench.guesses(code, RIGHT).await);
    for (after, left) in [(DAY + A_MOMENT, 1), (A_MONTH_AND_LIFE.saturating_sub(A_MOMENT), 1), (A_MONTH_AND_LIFE, 0)] {
        assert_eq!(bench.ledgers_after(after).await, left, "{after:?}");
    }
}

/// However long ago that was, and although the message that told of it has gone.
async fn wrong_guesses_without_a_right_one_are_not_forgotten(place: Place) {
    let bench = Bench::at(&place).await;
    for _ in 0..2 {
        let code = bench.sends(1, bench.now()).await;
        for _ in 0..5 {
            assert!(bench.guesses(code, WRONG).await);
        }
        bench.clock.advance(TEN_MINUTES);
    }
    assert_eq!((bench.ledgers_after(DAY * 400).await, bench.sql.count("message").await), (1, 0));
    let outcome = bench.send(to(1, first_at(bench.now()), bench.now())).await;
    assert!(matches!(outcome, SendOutcome::OverLimit(refusal) if (refusal.rule, refusal.used) == (Rule::Locked, 10)));
}

impl Bench {
    /// A code for a recipient; its message.
    async fn sends(&self, key: i64, now: Timestamp) -> i64 {
        let id = first_at(now) + key;
        assert_eq!(self.send(to(key, id, now)).await, SendOutcome::Accepted);
        id
    }

    /// Whether a guess was compared.
    async fn guesses(&self, message: i64, tag: [u8; 32]) -> bool {
        let event = message + 1000 + self.sql.count("event").await;
        let outcome = self.store.writer().guess(guess(event, message, tag)).await.unwrap();
        matches!(outcome.unwrap().guess, Guess::Accepted | Guess::Wrong { .. })
    }

    /// How many are left, so long after the start, when everything was looked at that was due on the days before.
    async fn ledgers_after(&self, after: Duration) -> i64 {
        loop {
            let ahead = after.checked_sub(self.now().since(START)).unwrap();
            self.clock.advance(ahead.min(DAY));
            for _ in 0..3 {
                self.store.sweep(self.now()).await.unwrap(); // around and around: one of them comes by
            }
            if ahead <= DAY {
                return self.sql.count("ledger").await;
            }
        }
    }
}

/// A code for the recipient `key`, in a window of its own.
fn to(key: i64, id: i64, now: Timestamp) -> NewMessage {
    let budget = Budget { key, tries: 5, limits: LIMITS, pace: Pace::default(), scope: None, version: 0 };
    NewMessage { budget: Some(budget), ..made_at(now, id, Some(id)) }
}
