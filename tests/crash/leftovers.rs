//! A new process takes up what the killed one had accepted and not handed over.

use std::time::Instant;

use crate::{audit::Found, client::Client, database::Database, installation::Installation, ledger::Ledger, sink::Sink};

/// More than are handed over at once, so that some are in hand and others wait for their turn.
const MESSAGES: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_that_were_stuck_go_out_at_once_after_a_restart_on_sqlite() {
    // The lease of the dead process would keep them for an hour.
    takes_up_what_was_left(Installation::new(Database::Sqlite, "delivery.lease = \"1h\"")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_that_were_stuck_go_out_when_the_lease_of_the_dead_node_ends_on_postgres() {
    if let Some(database) = Database::postgres().await {
        takes_up_what_was_left(Installation::new(database, "delivery.lease = \"3s\"")).await;
    }
}

async fn takes_up_what_was_left(installation: Installation) {
    let mut ledger = Ledger::default();
    let stuck = Sink::start(false).await;
    let process = installation.start(&stuck.url(0));
    let mut client = Client::connect(process.address, &installation.key).await.unwrap();
    for _ in 0..MESSAGES {
        let answer = client.send(&ledger.recipient()).await;
        ledger.sent(&answer);
    }
    stuck.until(|arrived| !arrived.is_empty()).await;
    process.kill();
    let found = Found::read(&installation.database.read(&installation.data()).await).await;
    assert_eq!(found.waiting(), MESSAGES, "the gateway never answered");

    let (working, begun) = (Sink::start(true).await, Instant::now());
    let process = installation.start(&working.url(1));
    working.until(|arrived| ledger.accepted.iter().all(|id| arrived.contains_key(id))).await;
    println!("{MESSAGES} deliveries {:.1} s after the start", begun.elapsed().as_secs_f32());
    process.stop();
    let found = Found::read(&installation.database.read(&installation.data()).await).await;
    assert_eq!(found.faults(&ledger, &working), Vec::<String>::new());
    assert_eq!(found.waiting(), 0, "all were handed over, and that was written down");
    installation.database.remove().await;
}
