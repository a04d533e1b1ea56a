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
    process::{PATIENCE, Process},
    receipts::{REPORTS, Receipts},
    receiver::Receiver,
    sink::{Request, Sink},
    twice::Twice,
};

/// Rounds between two looks at everything.
const AUDIT: usize = 20;
/// On PostgreSQL the deliveries of a killed process are free when their lease ends.
const SETTINGS: &str = "log.level = \"warn,verifyd=info\"\ndelivery.lease = \"5s\"\n\
    callbacks.dangerous_allow_networks = [\"127.0.0.0/8\"]\ncallbacks.dangerous_plain_http = true";
/// Receipts that came before our own note of the hand-over are looked at again at once.
const LOOKS_DUE: &str = "UPDATE early_receipt SET due_at = 0";
/// The pauses before a failed request to a callback is made again are over.
const PAUSES_OVER: &str = "UPDATE callback_batch SET due_at = 0";
/// What one process hands over at once: so much can be in the gateway's or the writer's hands when it dies.
const IN_HAND: usize = 32;

/// A settlement takes 20 ms for each delivery.
const SLOW: &str = "
CREATE FUNCTION settle_slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.005); RETURN OLD; END $$;
CREATE TRIGGER settle_slowly BEFORE DELETE ON outbox FOR EACH ROW EXECUTE FUNCTION settle_slowly();";

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
    /// Whether the gateway reports what became of messages.
    reports: bool,
}

/// Many deaths in a short time: nearly every process dies in the middle of its start or its first messages.
const SHORT: Extent = Extent {
    rounds: 200,
    shortest: Duration::ZERO,
    more: Duration::from_millis(200),
    pause: Duration::ZERO,
    reports: true,
};
/// What is in hand at a death comes twice: its share of all messages is the time that a hand-over is in hand, divided by
/// the length of a life. So these live longer, under a load that leaves some of the machine's time to others.
const CAMPAIGN: Extent = Extent {
    rounds: 300,
    shortest: Duration::from_secs(3),
    more: Duration::from_secs(4),
    pause: Duration::from_millis(20),
    reports: false,
};
/// Of all messages of a campaign, so many may come twice: one in so many.
const ONE_IN: usize = 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_to_kill_9_on_sqlite() {
    Stage::new(Database::Sqlite, &SHORT).await.rounds("SQLite", SHORT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_to_kill_9_on_postgres() {
    if let Some(database) = Database::postgres().await {
        Stage::new(database, &SHORT).await.rounds("PostgreSQL", SHORT).await;
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
    let (twice, messages) = Stage::new(database, &extent).await.rounds(name, extent).await;
    assert!(twice * ONE_IN <= messages, "{twice} of {messages} messages came twice");
}

/// The control: a database that takes its time to write down what became of a delivery.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_settlements_are_slow_too_much_comes_twice() {
    let Some(database) = Database::postgres().await else { return };
    let stage = Stage::new(database, &CAMPAIGN).await;
    stage.installation.database.change(&stage.installation.data(), SLOW).await;
    let extent = Extent { rounds: 6, shortest: Duration::from_secs(1), more: Duration::from_secs(1), ..CAMPAIGN };
    let (twice, messages) = stage.rounds("slow PostgreSQL", extent).await;
    assert!(twice * ONE_IN > messages, "only {twice} of {messages} messages came twice");
}

/// An installation, and everybody it has to do with.
struct Stage {
    installation: Installation,
    load: Arc<Load>,
    receiver: Receiver,
    receipts: Option<Receipts>,
}

impl Stage {
    async fn new(database: Database, extent: &Extent) -> Self {
        let (mut installation, receiver) = (Installation::new(database, SETTINGS), Receiver::start().await);
        installation.tell(&receiver.url);
        let load = Load::paced(Sink::start(true).await, &installation.key, extent.pause);
        let receipts = extent.reports.then(|| Receipts::of(&load.sink));
        installation.gateway = if extent.reports { REPORTS } else { "" };
        Self { installation, load, receiver, receipts }
    }

    fn start(&self, life: usize) -> Process {
        let process = self.installation.start(&self.load.sink.url(life));
        if let Some(receipts) = &self.receipts {
            receipts.go_to(process.address);
        }
        process
    }

    /// Messages that came twice, and messages.
    async fn rounds(&self, name: &str, extent: Extent) -> (usize, usize) {
        let (seed, begun) = (seed(), Instant::now());
        println!("{name}: CRASH_SEED={seed}");
        let (mut dice, mut killed) = (Dice::new(seed), vec![]);
        for life in 0..extent.rounds {
            let more = dice.below(extent.more.as_micros().try_into().unwrap());
            let moment = extent.shortest + Duration::from_micros(more);
            killed.push(self.live_and_die(life, moment, dice.below(u64::MAX)).await);
            if life % AUDIT == AUDIT - 1 {
                self.audit().await;
            }
        }
        self.last_life(extent.rounds).await;
        let (arrived, killed_at) = (self.load.sink.messages(), &killed);
        println!("{name}: {} of {} messages came twice", Twice::of(&arrived, killed_at).count(), arrived.len());
        self.tell_the_rest(extent.rounds + 1).await;
        let counts = self.report(name, &killed, begun);
        self.installation.database.remove().await;
        counts
    }

    /// One process from start to SIGKILL, `moment` after its first answer under load. When it was killed.
    async fn live_and_die(&self, life: usize, moment: Duration, seed: u64) -> Instant {
        let process = self.start(life);
        let first = self.load.next_answer();
        let mut clients = self.load.start(process.address, seed);
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

    async fn audit(&self) -> Found {
        let told = self.receiver.told();
        let found = Found::read(&self.installation.database.read(&self.installation.data()).await).await;
        let ledger = self.load.ledger.lock().unwrap().clone();
        let faults = [found.faults(&ledger, &self.load.sink), told.faults(&found.steps(), false)].concat();
        assert!(faults.is_empty(), "{} faults, such as {:?}", faults.len(), &faults[..faults.len().min(5)]);
        assert_an_audit_can_fail(&found, &ledger, &self.load.sink);
        found
    }

    /// The last process delivers what is left, refuses every used code, and stops in good order.
    async fn last_life(&self, life: usize) {
        let process = self.start(life);
        let accepted = self.load.ledger.lock().unwrap().accepted.clone();
        self.load.sink.until(|arrived| accepted.iter().all(|id| arrived.contains_key(id))).await;
        self.load.replay_all(process.address).await;
        process.stop();
    }

    /// Whatever happened is known and told in the end, and nothing else.
    async fn tell_the_rest(&self, life: usize) {
        self.receiver.recover();
        self.hear_the_rest(life).await;
        loop {
            let happened = self.audit().await.steps();
            if self.receiver.told().steps() >= happened.len() {
                return assert_eq!(self.receiver.told().faults(&happened, true), Vec::<String>::new());
            }
            self.installation.database.change(&self.installation.data(), PAUSES_OVER).await;
            let process = self.start(life);
            self.receiver.until(|told| told.steps() >= happened.len()).await;
            process.stop();
        }
    }

    /// Every message that counts as sent was delivered, if the gateway says so.
    async fn hear_the_rest(&self, life: usize) {
        let Some(receipts) = &self.receipts else { return };
        let begun = Instant::now();
        loop {
            let (took, process) = (self.load.sink.requests(), self.start(life));
            receipts.heard(took).await;
            process.stop();
            let found = self.audit().await;
            let (sent, delivered) = found.delivered();
            if sent == delivered {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{sent} messages were sent, {delivered} are known as delivered");
            self.look_again(life, found.steps().len() + sent - delivered).await;
        }
    }

    /// A process that looks again for what early receipts are about, and tells what happened by then: so many steps.
    async fn look_again(&self, life: usize, steps: usize) {
        for due in [LOOKS_DUE, PAUSES_OVER] {
            self.installation.database.change(&self.installation.data(), due).await;
        }
        let process = self.start(life);
        self.receiver.until(|told| told.steps() >= steps).await;
        process.stop();
    }

    /// Messages that came twice, and messages.
    fn report(&self, name: &str, killed: &[Instant], begun: Instant) -> (usize, usize) {
        let (ledger, told) = (self.load.ledger.lock().unwrap(), self.receiver.told());
        let arrived = self.load.sink.messages();
        let twice = Twice::of(&arrived, killed);
        let (rounds, (requests, repeated)) = (killed.len(), told.requests());
        println!(
            "{name}: {rounds} kills in {:.0} s: {} sends and {} verifies acknowledged, 0 lost; {} requests unanswered and \
             {} answered 1000; {} used codes refused again; {} of {} messages handed over twice, always by another \
             process: {}; {} steps told in {requests} callbacks, each step under one id, {repeated} of them repeated",
            begun.elapsed().as_secs_f32(),
            ledger.accepted.len(),
            ledger.used.len(),
            ledger.unanswered,
            ledger.internal,
            ledger.replays,
            twice.count(),
            arrived.len(),
            twice.told(),
            told.steps(),
        );
        assert!(twice.worst() <= IN_HAND, "more was handed over twice than was in hand");
        assert!(ledger.accepted.len() > 2 * rounds && ledger.used.len() > rounds, "hardly any load");
        assert!(ledger.unanswered > rounds, "the kills hit nothing");
        assert!(repeated > 0 || rounds < AUDIT, "no callback was repeated"); // a few deaths may meet none on its way
        (twice.count(), arrived.len())
    }
}

async fn ended(clients: &mut JoinSet<Result<(), Lost>>) {
    while let Some(ended) = clients.join_next().await {
        assert!(ended.unwrap().is_err(), "a killed server said good-bye");
    }
}

/// Two acknowledgements that nobody gave must show, and a message that comes again after it counted as sent.
fn assert_an_audit_can_fail(found: &Found, ledger: &Ledger, sink: &Sink) {
    let mut more = ledger.clone();
    more.accepted.insert(1);
    more.used.insert(1);
    assert_eq!(found.faults(&more, sink), ["1 accepted sends are lost", "1 used codes are not used"]);

    let mut arrived = sink.messages();
    let last = arrived.values().flat_map(|arrivals| &arrivals.requests).map(|request| request.life).max().unwrap();
    let old = |id: i64, requests: &[Request]| requests.len() == 1 && requests[0].life < last && found.noted(id);
    let Some((id, arrivals)) = arrived.iter_mut().find(|(id, arrivals)| old(**id, &arrivals.requests)) else { return };
    let (id, first) = (*id, arrivals.requests[0]);
    arrivals.requests.push(Request { life: last, at: Instant::now() + PATIENCE, ..first });
    let faults = found.faults_given(ledger, sink, &arrived);
    assert_eq!(faults, [format!("{id} was handed over after it counted as sent")]);
}
