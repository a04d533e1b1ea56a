//! `kill -9` under load, again and again (security, U8; promises "durable on crash", "an accepted send is not
//! forgotten", "no corruption").

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{task::JoinSet, time::timeout};

use crate::{
    audit::Found,
    client::Lost,
    database::Database,
    dice::{Dice, seed},
    installation::Installation,
    ledger::Ledger,
    load::Load,
    sink::Sink,
};

const ROUNDS: usize = 200;
/// Rounds between two looks at everything.
const AUDIT: usize = 20;
/// On PostgreSQL the deliveries of a killed process are free when their lease ends.
const SETTINGS: &str = "log.level = \"warn,verifyd=info\"\ndelivery.lease = \"5s\"";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_to_kill_9_on_sqlite() {
    rounds("SQLite", Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_to_kill_9_on_postgres() {
    if let Some(database) = Database::postgres().await {
        rounds("PostgreSQL", database).await;
    }
}

async fn rounds(name: &str, database: Database) {
    let (seed, begun) = (seed(), Instant::now());
    println!("{name}: CRASH_SEED={seed}");
    let installation = Installation::new(database, SETTINGS);
    let load = Load::new(Sink::start(true).await, &installation.key);
    let mut dice = Dice::new(seed);
    for life in 0..ROUNDS {
        live_and_die(&installation, &load, life, &mut dice).await;
        if life % AUDIT == AUDIT - 1 {
            audit(&installation, &load).await;
        }
    }
    last_life(&installation, &load).await;
    report(name, &load, begun);
    installation.database.remove().await;
}

/// One process from start to SIGKILL at a random moment under load.
async fn live_and_die(installation: &Installation, load: &Arc<Load>, life: usize, dice: &mut Dice) {
    let process = installation.start(&load.sink.url(life));
    let first = load.next_answer();
    let mut clients = load.start(process.address, dice.below(u64::MAX));
    timeout(Duration::from_secs(30), first).await.expect("no answer at all");
    let moment = Duration::from_micros(dice.below(200_000));
    // The clients end only when the server does, so this is how long it lives.
    assert!(timeout(moment, clients.join_next()).await.is_err(), "a client was sent away");
    for complaint in process.kill() {
        println!("{life}: {complaint}");
    }
    ended(&mut clients).await;
}

async fn ended(clients: &mut JoinSet<Result<(), Lost>>) {
    while let Some(ended) = clients.join_next().await {
        assert!(ended.unwrap().is_err(), "a killed server said good-bye");
    }
}

async fn audit(installation: &Installation, load: &Load) -> Found {
    let reader = installation.database.read(&installation.data()).await;
    let found = Found::read(&reader).await;
    let ledger = load.ledger.lock().unwrap().clone();
    let faults = found.faults(&ledger, &load.sink);
    assert!(faults.is_empty(), "{} faults, such as {:?}", faults.len(), &faults[..faults.len().min(5)]);
    assert_an_audit_can_fail(&found, &ledger, &load.sink);
    found
}

/// Two acknowledgements that nobody gave must show.
fn assert_an_audit_can_fail(found: &Found, ledger: &Ledger, sink: &Sink) {
    let mut ledger = ledger.clone();
    ledger.accepted.insert(1);
    ledger.used.insert(1);
    assert_eq!(found.faults(&ledger, sink), ["1 accepted sends are lost", "1 used codes are not used"]);
}

/// The last process delivers what is left, refuses every used code, and stops in good order.
async fn last_life(installation: &Installation, load: &Arc<Load>) {
    let process = installation.start(&load.sink.url(ROUNDS));
    let accepted = load.ledger.lock().unwrap().accepted.clone();
    load.sink.until(|arrived| accepted.iter().all(|id| arrived.contains_key(id))).await;
    load.replay_all(process.address).await;
    process.stop();
    audit(installation, load).await;
}

fn report(name: &str, load: &Load, begun: Instant) {
    let ledger = load.ledger.lock().unwrap();
    let arrived = load.sink.messages();
    let requests: usize = arrived.values().map(|arrivals| arrivals.lives.len()).sum();
    println!(
        "{name}: {ROUNDS} kills in {:.0} s: {} sends and {} verifies acknowledged, 0 lost; {} requests unanswered and {} \
         answered 1000; {} used codes refused again; {} of {} messages handed over twice, always by another process",
        begun.elapsed().as_secs_f32(),
        ledger.accepted.len(),
        ledger.used.len(),
        ledger.unanswered,
        ledger.internal,
        ledger.replays,
        requests - arrived.len(),
        arrived.len(),
    );
    // What was in the gateway's or the writer's hands when the process died; it hands over so many at once.
    assert!(requests - arrived.len() <= 32 * ROUNDS, "more was handed over twice than was in hand");
    assert!(ledger.accepted.len() > 2 * ROUNDS && ledger.used.len() > ROUNDS, "hardly any load");
    assert!(ledger.unanswered > ROUNDS, "the kills hit nothing");
}
