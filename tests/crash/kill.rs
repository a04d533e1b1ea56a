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
    twice::Twice,
};

/// Rounds between two looks at everything.
const AUDIT: usize = 20;
/// On PostgreSQL the deliveries of a killed process are free when their lease ends.
const SETTINGS: &str = "log.level = \"warn,verifyd=info\"\ndelivery.lease = \"5s\"";
/// What one process hands over at once: so much can be in the gateway's or the writer's hands when it dies.
const IN_HAND: usize = 32;

/// How often, and when.
#[derive(Clone, Copy)]
struct Extent {
    rounds: usize,
    /// Each process lives on after its first answer for at least so long,
    shortest: Duration,
    /// and up to so much longer.
    more: Duration,
    /// See [`Load::paced`].
    pause: Duration,
}

/// Many deaths in a short time: nearly every process dies in the middle of its start or its first messages.
const SHORT: Extent =
    Extent { rounds: 200, shortest: Duration::ZERO, more: Duration::from_millis(200), pause: Duration::ZERO };
/// What is in hand at a death comes twice: its share of all messages is the time that a hand-over is in hand, divided by
/// the length of a life. So these live longer, under a load that leaves some of the machine's time to others.
const CAMPAIGN: Extent = Extent {
    rounds: 300,
    shortest: Duration::from_secs(3),
    more: Duration::from_secs(4),
    pause: Duration::from_millis(20),
};
/// Of all messages of a campaign, so many may come twice: one in so many.
const ONE_IN: usize = 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_to_kill_9_on_sqlite() {
    rounds("SQLite", Database::Sqlite, SHORT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_to_kill_9_on_postgres() {
    if let Some(database) = Database::postgres().await {
        rounds("PostgreSQL", database, SHORT).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a campaign of half an hour; see CONTRIBUTING"]
async fn hardly_anything_comes_twice_in_300_deaths_on_sqlite() {
    campaign("SQLite", Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a campaign of half an hour; see CONTRIBUTING"]
async fn hardly_anything_comes_twice_in_300_deaths_on_postgres() {
    campaign("PostgreSQL", Database::postgres().await.expect("TEST_POSTGRES_URL is not set")).await;
}

/// As many rounds as `CRASH_ROUNDS` says, if it does.
async fn campaign(name: &str, database: Database) {
    let given = std::env::var_os("CRASH_ROUNDS").map(|rounds| rounds.to_str().unwrap().parse().unwrap());
    let extent = Extent { rounds: given.unwrap_or(CAMPAIGN.rounds), ..CAMPAIGN };
    let (twice, messages) = rounds(name, database, extent).await;
    assert!(twice * ONE_IN <= messages, "{twice} of {messages} messages came twice");
}

/// Messages that came twice, and messages.
async fn rounds(name: &str, database: Database, extent: Extent) -> (usize, usize) {
    let (seed, begun) = (seed(), Instant::now());
    println!("{name}: CRASH_SEED={seed}");
    let installation = Installation::new(database, SETTINGS);
    let load = Load::paced(Sink::start(true).await, &installation.key, extent.pause);
    let (mut dice, mut killed) = (Dice::new(seed), vec![]);
    for life in 0..extent.rounds {
        let more = dice.below(extent.more.as_micros().try_into().unwrap());
        let moment = extent.shortest + Duration::from_micros(more);
        killed.push(live_and_die(&installation, &load, life, moment, dice.below(u64::MAX)).await);
        if life % AUDIT == AUDIT - 1 {
            audit(&installation, &load).await;
        }
    }
    last_life(&installation, &load, extent.rounds).await;
    let counts = report(name, &load, &killed, begun);
    installation.database.remove().await;
    counts
}

/// One process from start to SIGKILL, `moment` after its first answer under load. When it was killed.
async fn live_and_die(
    installation: &Installation,
    load: &Arc<Load>,
    life: usize,
    moment: Duration,
    seed: u64,
) -> Instant {
    let process = installation.start(&load.sink.url(life));
    let first = load.next_answer();
    let mut clients = load.start(process.address, seed);
    timeout(Duration::from_secs(30), first).await.expect("no answer at all");
    // The clients end only when the server does, so this is how long it lives.
    assert!(timeout(moment, clients.join_next()).await.is_err(), "a client was sent away");
    let killed = Instant::now();
    for complaint in process.kill() {
        println!("{life}: {complaint}");
    }
    ended(&mut clients).await;
    killed
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

/// Two acknowledgements that nobody gave must show, and a message that comes again after it counted as sent.
fn assert_an_audit_can_fail(found: &Found, ledger: &Ledger, sink: &Sink) {
    let mut more = ledger.clone();
    more.accepted.insert(1);
    more.used.insert(1);
    assert_eq!(found.faults(&more, sink), ["1 accepted sends are lost", "1 used codes are not used"]);

    let mut arrived = sink.messages();
    let last = arrived.values().flat_map(|arrivals| &arrivals.requests).map(|request| request.life).max().unwrap();
    let early = |requests: &[crate::sink::Request]| requests.len() == 1 && requests[0].life < last;
    let Some((id, arrivals)) = arrived.iter_mut().find(|(_, arrivals)| early(&arrivals.requests)) else { return };
    let (id, first) = (*id, arrivals.requests[0]);
    arrivals.requests.push(crate::sink::Request { life: last, ..first });
    let faults = found.faults_given(ledger, sink, &arrived);
    assert!(found.waits(id) || faults == [format!("{id} was handed over after it counted as sent")], "{faults:?}");
}

/// The last process delivers what is left, refuses every used code, and stops in good order.
async fn last_life(installation: &Installation, load: &Arc<Load>, life: usize) {
    let process = installation.start(&load.sink.url(life));
    let accepted = load.ledger.lock().unwrap().accepted.clone();
    load.sink.until(|arrived| accepted.iter().all(|id| arrived.contains_key(id))).await;
    load.replay_all(process.address).await;
    process.stop();
    audit(installation, load).await;
}

/// Messages that came twice, and messages.
fn report(name: &str, load: &Load, killed: &[Instant], begun: Instant) -> (usize, usize) {
    let ledger = load.ledger.lock().unwrap();
    let arrived = load.sink.messages();
    let twice = Twice::of(&arrived, killed);
    let rounds = killed.len();
    println!(
        "{name}: {rounds} kills in {:.0} s: {} sends and {} verifies acknowledged, 0 lost; {} requests unanswered and {} \
         answered 1000; {} used codes refused again; {} of {} messages handed over twice, always by another process: {}",
        begun.elapsed().as_secs_f32(),
        ledger.accepted.len(),
        ledger.used.len(),
        ledger.unanswered,
        ledger.internal,
        ledger.replays,
        twice.count(),
        arrived.len(),
        twice.told(),
    );
    assert!(twice.worst() <= IN_HAND, "more was handed over twice than was in hand");
    assert!(ledger.accepted.len() > 2 * rounds && ledger.used.len() > rounds, "hardly any load");
    assert!(ledger.unanswered > rounds, "the kills hit nothing");
    (twice.count(), arrived.len())
}
