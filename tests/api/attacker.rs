//! Whoever guesses at the codes of one person through everything there is, as soon as it is allowed, for a year: four APIs and
//! three nodes share one budget (security A2). On SQLite there can be only one node.

use std::{cell::Cell, time::Duration};

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use verifyd::core::clock::{Clock, Timestamp};

use crate::{
    harness::{Node, START, TestApp},
    ways::{Client, Way},
};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const MONTH: Duration = Duration::from_hours(24 * 30);
const YEAR: Duration = Duration::from_hours(24 * 365);
/// The defaults of the limits that are shared; what one API adds to them only for itself is out of the way.
const LIMITED: &str = "[limits]\nguesses_per_day = 10\n[optora]\nenabled = true\nmax_requests = 1000000";
/// The control: a code takes five guesses and that is all.
const FIVE_PER_CODE: &str = "[optora]\nenabled = true\nmax_requests = 1000000";
/// More than a code takes.
const GUESSES: usize = 6;
/// Nodes come and go: a process keeps what it holds of the database's ids for seconds of real time only.
const STEPS_OF_A_NODE: usize = 90;
/// Without limits there would be no end of it.
const ROUNDS_AT_ONCE: usize = 4;

/// Ways to one person, and how that person can be spelt (security C3, C4).
struct Target {
    ways: &'static [Way],
    aliases: &'static [&'static str],
}

const MAILBOX: Target = Target {
    ways: &[Way::EngagelabMail, Way::Mailpass, Way::Optora],
    aliases: &["jane.roe@gmail.com", "JaneRoe@gmail.com", "janeroe+1@googlemail.com", "j.a.n.e.r.o.e+x@GMAIL.com"],
};
const PHONE: Target =
    Target { ways: &[Way::EngagelabSms, Way::Airtexts], aliases: &["+4915112345678", "+49015112345678"] };

struct Attack {
    app: TestApp,
    nodes: Vec<Node>,
    audit: DatabaseConnection,
    client: Client,
    turn: Cell<usize>,
    asked: Cell<usize>,
    /// When guesses were compared, and how many.
    misses: Vec<(Timestamp, i64)>,
}

impl Attack {
    async fn on(tables: &str) -> Self {
        let app = TestApp::with(tables).await;
        let client = Client::of(&app).await;
        let nodes = nodes(&app).await;
        let audit = app.database().connect().await;
        Self { app, nodes, audit, client, turn: Cell::new(0), asked: Cell::new(0), misses: vec![] }
    }

    /// For so long; the wait between two tries is what the refusals say, but never more than half a day.
    async fn goes_on_for(&mut self, time: Duration, target: &Target) {
        for nth in 1.. {
            if self.app.clock.now() >= START + time {
                return;
            }
            if nth % STEPS_OF_A_NODE == 0 {
                self.nodes = nodes(&self.app).await;
            }
            let before = self.compared().await;
            let wait = self.now(target).await;
            let compared = self.compared().await - before;
            self.misses.push((self.app.clock.now(), compared));
            self.app.later(wait.clamp(Duration::from_secs(1), HOUR * 12));
            self.app.sweep().await; // who waits until all is forgotten gains nothing
        }
    }

    /// Everything that is allowed at this moment; when to come back.
    async fn now(&self, target: &Target) -> Duration {
        let mut wait = DAY;
        for _ in 0..ROUNDS_AT_ONCE {
            let mut sent = false;
            for way in target.ways {
                let alias = target.aliases[next(&self.asked) % target.aliases.len()];
                match self.one_code(*way, alias).await {
                    Ok(()) => sent = true,
                    Err(told) => wait = wait.min(told),
                }
            }
            if !sent {
                break;
            }
        }
        wait
    }

    /// Has a code sent and guesses at it; else when to come back.
    async fn one_code(&self, way: Way, to: &str) -> Result<(), Duration> {
        let node = self.next_node();
        let sent = self.client.send(node, way, to).await;
        if sent.status != 200 {
            assert!([400, 429].contains(&sent.status.as_u16()), "{sent}");
            let told = sent.header("retry-after");
            return Err(if told.is_empty() { DAY } else { Duration::from_secs(told.parse().unwrap()) });
        }
        while node.app.worker().step().await.unwrap() > 0 {}
        let wrong = wrong_code(node);
        for _ in 0..GUESSES {
            let answer = self.client.guess(self.next_node(), way, to, &sent.json(), &wrong).await;
            assert!(!answer.text.contains("\"verified\":true"), "{answer}");
        }
        Ok(())
    }

    fn next_node(&self) -> &Node {
        &self.nodes[next(&self.turn) % self.nodes.len()]
    }

    /// Guesses that were compared with any code, as the database knows them.
    async fn compared(&self) -> i64 {
        let sql = "SELECT CAST(COALESCE(SUM(attempts), 0) AS bigint) AS compared FROM message";
        let statement = Statement::from_string(self.audit.get_database_backend(), sql);
        self.audit.query_one_raw(statement).await.unwrap().unwrap().try_get("", "compared").unwrap()
    }

    /// The most in any stretch of this length.
    fn most_within(&self, length: Duration) -> i64 {
        let within = |end: Timestamp| {
            let inside = self.misses.iter().filter(move |(at, _)| *at <= end && end < *at + length);
            inside.map(|(_, compared)| compared).sum()
        };
        self.misses.iter().map(|(end, _)| within(*end)).max().unwrap()
    }
}

async fn nodes(app: &TestApp) -> Vec<Node> {
    let mut nodes = vec![];
    for _ in 0..if app.database().is_postgres() { 3 } else { 1 } {
        nodes.push(Node::new(app.beside().await));
    }
    nodes
}

fn next(counter: &Cell<usize>) -> usize {
    counter.replace(counter.get() + 1)
}

/// A code that is not the one that the node delivered last.
fn wrong_code(node: &Node) -> String {
    let newest = node.app.inbox().unwrap().newest_first().swap_remove(0);
    let texts = [newest.text, newest.html].into_iter().flatten().collect::<String>();
    let codes = (1..=9).map(|digit| digit.to_string().repeat(6));
    codes.into_iter().find(|code| !texts.contains(code.as_str())).unwrap()
}

async fn a_year_of(target: &Target) {
    let mut attack = Attack::on(LIMITED).await;
    attack.goes_on_for(YEAR, target).await;
    let most = [DAY, MONTH, YEAR].map(|length| attack.most_within(length));
    assert_eq!(most, [10, 25, 100], "in a day, in 30 days, without a right one");
}

#[tokio::test]
async fn a_mailbox_is_guessed_at_ten_times_a_day_and_a_hundred_times_in_all_through_three_apis() {
    a_year_of(&MAILBOX).await;
}

#[tokio::test]
async fn and_so_is_a_phone_through_two() {
    a_year_of(&PHONE).await;
}

/// The negative control.
#[tokio::test]
async fn where_only_each_code_has_a_limit_a_day_has_none() {
    let mut attack = Attack::on(FIVE_PER_CODE).await;
    attack.goes_on_for(DAY * 2, &MAILBOX).await;
    assert!(attack.most_within(DAY) > 10, "{}", attack.most_within(DAY));
}
