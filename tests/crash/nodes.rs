//! Two nodes on one PostgreSQL: whatever happens to one of them, the other takes over its deliveries, and only what the
//! unlucky one had in hand may come twice.

use std::time::{Duration, Instant};

use sea_orm::ConnectionTrait;
use tokio::{task::JoinSet, time::sleep};

use crate::{
    audit::Found,
    client::Lost,
    database::{Database, connect},
    dice::{Dice, seed},
    installation::Installation,
    load::Load,
    process::Process,
    sink::Sink,
    strokes::{Stroke, Strokes},
};

const SETTINGS: &str = "log.level = \"warn,verifyd=info\"\ndelivery.lease = \"3s\"";
const LEASE: Duration = Duration::from_secs(3);
/// Beyond its lease a node stays paused for so long at least: the other has taken over by then.
const OVER: Duration = Duration::from_millis(800);
/// Answers between two strokes, at most.
const PEACE: u64 = 400;

/// Leases that have ended as soon as they begin.
const NO_LEASES: &str = "
CREATE FUNCTION end_lease() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.due_at := 0; RETURN NEW; END $$;
CREATE TRIGGER end_lease BEFORE INSERT OR UPDATE ON outbox FOR EACH ROW EXECUTE FUNCTION end_lease();";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_hand_over_nothing_twice_while_they_are_killed_and_paused() {
    if let Some(database) = Database::postgres().await {
        strike(database, 1_500).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a campaign of some minutes; see CONTRIBUTING"]
async fn two_nodes_hand_over_none_of_20000_twice_while_they_are_killed_and_paused() {
    strike(Database::postgres().await.expect("TEST_POSTGRES_URL is not set"), 20_000).await;
}

/// The control: the same two nodes, left in peace, on a database where a claim does not last.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_whose_leases_do_not_last_are_caught() {
    let Some(database) = Database::postgres().await else { return };
    let mut nodes = Nodes::start(database).await;
    connect(nodes.installation.database.url()).await.execute_unprepared(NO_LEASES).await.unwrap();
    nodes.load.until(|ledger| ledger.accepted.len() >= 500).await;
    nodes.end().await;
    let (doubles, _) = nodes.strokes.judge(&nodes.load.sink.messages(), LEASE);
    println!("without leases: {} double hand-overs", doubles.len());
    assert!(!doubles.is_empty(), "two nodes delivered the same messages, and nobody noticed");
    nodes.installation.database.remove().await;
}

async fn strike(database: Database, messages: usize) {
    let (seed, begun) = (seed(), Instant::now());
    println!("CRASH_SEED={seed}");
    let mut dice = Dice::new(seed);
    let mut nodes = Nodes::start(database).await;
    while nodes.accepted() < messages {
        nodes.load.answers(dice.below(PEACE)).await;
        let which = usize::from(dice.below(2) == 1);
        if dice.below(2) == 1 {
            nodes.kill(which).await;
        } else {
            nodes.pause(which, LEASE + OVER + Duration::from_millis(dice.below(500))).await;
        }
    }
    nodes.end().await;
    nodes.assert_all_is_well(begun).await;
    nodes.installation.database.remove().await;
}

struct Node {
    life: usize,
    process: Process,
    clients: JoinSet<Result<(), Lost>>,
}

struct Nodes {
    installation: Installation,
    load: std::sync::Arc<Load>,
    nodes: Vec<Node>,
    /// Processes so far.
    lives: usize,
    strokes: Strokes,
}

impl Nodes {
    async fn start(database: Database) -> Self {
        let installation = Installation::new(database, SETTINGS);
        let load = Load::new(Sink::start(true).await, &installation.key);
        let mut nodes = Self { installation, load, nodes: vec![], lives: 0, strokes: Strokes::default() };
        for _ in 0..2 {
            let node = nodes.node();
            nodes.nodes.push(node);
        }
        nodes
    }

    /// One more process, with clients of its own.
    fn node(&mut self) -> Node {
        let life = self.lives;
        self.lives += 1;
        let process = self.installation.start(&self.load.sink.url(life));
        let clients = self.load.start(process.address, life.try_into().unwrap());
        Node { life, process, clients }
    }

    fn accepted(&self) -> usize {
        self.load.ledger.lock().unwrap().accepted.len()
    }

    /// SIGKILL, and a successor.
    async fn kill(&mut self, which: usize) {
        let mut node = self.nodes.remove(which);
        self.strokes.0.push(Stroke { life: node.life, at: Instant::now(), until: None });
        node.process.kill();
        while let Some(ended) = node.clients.join_next().await {
            ended.unwrap().unwrap_err();
        }
        let successor = self.node();
        self.nodes.push(successor);
    }

    /// SIGSTOP, and SIGCONT after its claims have ended.
    async fn pause(&mut self, which: usize, time: Duration) {
        let node = &self.nodes[which];
        let at = Instant::now();
        node.process.pause();
        sleep(time).await; // nothing but time ends a lease
        let until = Some(Instant::now());
        node.process.resume();
        self.strokes.0.push(Stroke { life: node.life, at, until });
    }

    /// Lets everything arrive that was accepted, and stops both in good order.
    async fn end(&mut self) {
        for node in &mut self.nodes {
            node.clients.shutdown().await;
        }
        let accepted = self.load.ledger.lock().unwrap().accepted.clone();
        self.load.sink.until(|arrived| accepted.iter().all(|id| arrived.contains_key(id))).await;
        for node in self.nodes.drain(..) {
            node.process.stop();
        }
    }

    async fn assert_all_is_well(&self, begun: Instant) {
        let found = Found::read(&self.installation.database.read(&self.installation.data()).await).await;
        let ledger = self.load.ledger.lock().unwrap().clone();
        let arrived = self.load.sink.messages();
        assert_eq!(found.faults_given(&ledger, &self.load.sink, &arrived), Vec::<String>::new());
        let (doubles, lost) = self.strokes.judge(&arrived, LEASE);
        println!(
            "two nodes, {} strokes in {:.0} s: {} of {} messages accepted, {} handed over, {} answers were lost and asked \
             for again, {} double hand-overs",
            self.strokes.0.len(),
            begun.elapsed().as_secs_f32(),
            ledger.accepted.len(),
            found.messages(),
            arrived.len(),
            lost,
            doubles.len(),
        );
        assert_eq!(doubles, Vec::<String>::new());
    }
}
