//! Once only, five guesses, one live code: under 64 callers at once, through one node and through two.

use crate::{
    place::{Place, seed},
    race::{Gate, Kind, RACERS, Tally, guesses, sends},
};

const ROUNDS: usize = 1000;
const SEND_ROUNDS: usize = 200;

on_both_databases!(threads: 4;
    of_64_right_codes_one_is_accepted,
    of_64_wrong_codes_five_are_compared,
    of_right_and_wrong_codes_one_ending_wins,
    of_64_sends_one_is_accepted,
);

async fn of_64_right_codes_one_is_accepted(place: Place) {
    let tally = race(&place, Kind::Right, ROUNDS).await;
    assert_eq!((tally.accepted, tally.refused), (ROUNDS, ROUNDS * (RACERS - 1)));
}

async fn of_64_wrong_codes_five_are_compared(place: Place) {
    let tally = race(&place, Kind::Wrong, ROUNDS).await;
    assert_eq!((tally.accepted, tally.wrong), (0, ROUNDS * 5));
}

async fn of_right_and_wrong_codes_one_ending_wins(place: Place) {
    race(&place, Kind::Mixed, ROUNDS / 4).await;
}

/// Two nodes where the database can be shared. What they said must be what the database holds.
async fn race(place: &Place, kind: Kind, rounds: usize) -> Tally {
    let (gates, _nodes) = gates(place).await;
    let tally = guesses(&gates, kind, rounds, seed()).await;
    let sql = place.sql().await;
    if place.is_postgres() {
        let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        assert_eq!(sql.number(deadlocks).await, 0, "lanes or nodes waited for each other");
    }
    assert_eq!(tally.violations, Vec::<String>::new());
    let told =
        (sql.count("event WHERE kind = 'verified'").await, sql.count("event WHERE kind = 'verified_failed'").await);
    assert_eq!((usize::try_from(told.0).unwrap(), usize::try_from(told.1).unwrap()), (tally.accepted, tally.wrong));
    assert_eq!(sql.count("message WHERE attempts > max_attempts").await, 0);
    tally
}

async fn of_64_sends_one_is_accepted(place: Place) {
    let (gates, _nodes) = gates(&place).await;
    let tally = sends(&gates, SEND_ROUNDS, seed()).await;
    assert_eq!(tally.violations, Vec::<String>::new());
    let (sql, rounds) = (place.sql().await, i64::try_from(SEND_ROUNDS).unwrap());
    for table in ["message", "outbox", "event", "send_window"] {
        assert_eq!(sql.count(table).await, rounds, "{table}");
    }
}

/// One node, and on PostgreSQL a second.
async fn gates(place: &Place) -> (Vec<Gate>, Vec<crate::place::Node>) {
    let mut nodes = vec![place.node().await];
    if place.is_postgres() {
        nodes.push(place.node().await);
    }
    (nodes.iter().map(Gate::from).collect(), nodes)
}

/// Through one node alone, whose two lanes race each other.
#[test]
fn one_node_on_postgresql_keeps_the_limits_too() {
    crate::place::on_postgresql(4, |place| async move {
        let node = place.node().await;
        let gates = [Gate::from(&node)];
        for kind in [Kind::Right, Kind::Wrong, Kind::Mixed] {
            assert_eq!(guesses(&gates, kind, ROUNDS / 4, seed()).await.violations, Vec::<String>::new());
        }
        assert_eq!(sends(&gates, SEND_ROUNDS / 4, seed()).await.violations, Vec::<String>::new());
    });
}
