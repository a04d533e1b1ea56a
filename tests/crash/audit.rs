//! The database against the ledger and the gateway.

use std::collections::{HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{
    database::Reader,
    ledger::Ledger,
    receiver::{STEPS, Step},
    sink::{Arrivals, Sink},
};

/// One statement, so that it sees one moment: every message with what belongs to it.
const MESSAGES: &str = "
SELECT m.id AS id, CAST(CASE WHEN m.verified_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS used,
       (SELECT COUNT(*) FROM event e WHERE e.message_id = m.id AND e.kind = 'plan') AS plans,
       (SELECT COUNT(*) FROM event e WHERE e.message_id = m.id AND e.kind = 'verified') AS verified,
       (SELECT COUNT(*) FROM event e WHERE e.message_id = m.id AND e.kind = 'sent') AS sent,
       (SELECT MAX(e.at) FROM event e WHERE e.message_id = m.id AND e.kind = 'sent') AS sent_at,
       (SELECT COUNT(*) FROM event e WHERE e.message_id = m.id AND e.kind = 'target_valid') AS valid,
       (SELECT COUNT(*) FROM event e WHERE e.message_id = m.id AND e.kind = 'delivered') AS delivered,
       (SELECT COUNT(*) FROM event e WHERE e.message_id = m.id AND e.kind = 'unknown') AS unknown,
       (SELECT COUNT(*) FROM event e WHERE e.message_id = m.id AND e.kind = 'verified_timeout') AS timeouts,
       (SELECT COUNT(*) FROM event e WHERE e.message_id = m.id) AS events,
       (SELECT COUNT(*) FROM outbox o WHERE o.id = m.id) AS queued
  FROM message m";

const STRAYS: &str = "
SELECT (SELECT COUNT(*) FROM event e WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.id = e.message_id))
     + (SELECT COUNT(*) FROM outbox o WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.id = o.message_id)) AS strays";

/// How much the servers' clock may differ from ours, in milliseconds: less than a new process or the end of a lease takes.
const CLOCKS: i64 = 250;

/// A message with the numbers of its events of each kind.
struct Row {
    used: bool,
    plans: i64,
    verified: i64,
    sent: i64,
    /// When that was written down, in milliseconds since 1970.
    sent_at: Option<i64>,
    valid: i64,
    delivered: i64,
    /// Hand-overs whose answer was lost to a process that lived on.
    unknown: i64,
    timeouts: i64,
    events: i64,
    queued: i64,
}

/// What one look at the database found.
pub(crate) struct Found {
    rows: HashMap<i64, Row>,
    strays: i64,
    integrity: String,
}

impl Found {
    /// Reads everything.
    pub(crate) async fn read(reader: &Reader) -> Self {
        let db = &reader.connection;
        let ask = |sql: &str| db.query_all_raw(Statement::from_string(db.get_database_backend(), sql));
        let integrity = match db.get_database_backend() {
            DbBackend::Sqlite => ask("PRAGMA integrity_check").await.unwrap()[0].try_get_by_index(0).unwrap(),
            _ => "ok".to_owned(), // PostgreSQL itself was not killed
        };
        let row = |row: &sea_orm::QueryResult| {
            let number = |column: &str| row.try_get::<i64>("", column).unwrap();
            let found = Row {
                used: number("used") == 1,
                plans: number("plans"),
                verified: number("verified"),
                sent: number("sent"),
                sent_at: row.try_get("", "sent_at").unwrap(),
                valid: number("valid"),
                delivered: number("delivered"),
                unknown: number("unknown"),
                timeouts: number("timeouts"),
                events: number("events"),
                queued: number("queued"),
            };
            (number("id"), found)
        };
        let rows = ask(MESSAGES).await.unwrap().iter().map(row).collect();
        let strays = ask(STRAYS).await.unwrap()[0].try_get("", "strays").unwrap();
        Self { rows, strays, integrity }
    }

    /// Messages that wait for their delivery.
    pub(crate) fn waiting(&self) -> usize {
        self.rows.values().filter(|row| row.queued > 0).count()
    }

    /// Every step of every message.
    pub(crate) fn steps(&self) -> HashSet<Step> {
        let of = |(id, row): (&i64, &Row)| {
            let counts = [row.plans, row.valid, row.sent, row.delivered, row.verified, row.timeouts];
            STEPS
                .into_iter()
                .zip(counts)
                .filter(|(_, count)| *count > 0)
                .map(|(step, _)| (*id, step))
                .collect::<Vec<_>>()
        };
        self.rows.iter().flat_map(of).collect()
    }

    /// Whether a message counts as sent.
    pub(crate) fn noted(&self, message: i64) -> bool {
        self.rows.get(&message).is_some_and(|row| row.sent > 0)
    }

    /// Messages that count as sent, and those of them that were reported as delivered.
    pub(crate) fn delivered(&self) -> (usize, usize) {
        let count = |was: fn(&Row) -> bool| self.rows.values().filter(|row| was(row)).count();
        (count(|row| row.sent > 0), count(|row| row.delivered > 0))
    }

    /// Messages whose code is used.
    pub(crate) fn used(&self) -> usize {
        self.rows.values().filter(|row| row.used).count()
    }

    /// Messages.
    pub(crate) fn messages(&self) -> usize {
        self.rows.len()
    }

    /// Every broken promise, in words.
    pub(crate) fn faults(&self, ledger: &Ledger, sink: &Sink) -> Vec<String> {
        let arrived = sink.messages();
        [self.faults_given(ledger, sink, &arrived), self.asked_again(&arrived)].concat()
    }

    /// Messages that a process handed over twice, or whose answer it did not hear. The gateway answers each time, so only a
    /// process that stood still may do so; of one that died, only the successor asks again.
    fn asked_again(&self, arrived: &HashMap<i64, Arrivals>) -> Vec<String> {
        let lives = |arrivals: &Arrivals| arrivals.requests.iter().map(|request| request.life).collect::<HashSet<_>>();
        let twice = arrived.iter().filter(|(_, arrivals)| lives(arrivals).len() < arrivals.requests.len());
        let twice = twice.map(|(id, _)| format!("{id} was handed over twice by one process"));
        let unheard = self.rows.iter().filter(|(_, row)| row.unknown > 0).map(|(id, _)| format!("{id} got no answer"));
        twice.chain(unheard).collect()
    }

    /// The same for what arrived, or did not; processes may have stood still.
    pub(crate) fn faults_given(&self, ledger: &Ledger, sink: &Sink, arrived: &HashMap<i64, Arrivals>) -> Vec<String> {
        let mut faults = vec![];
        let mut expect = |kept: bool, fault: String| {
            if !kept {
                faults.push(fault);
            }
        };
        expect(self.integrity == "ok", format!("integrity_check: {}", self.integrity));
        expect(self.strays == 0, format!("{} events or deliveries without a message", self.strays));
        for (id, row) in &self.rows {
            expect(row.plans == 1, format!("{id} has {} plan events", row.plans));
            expect(row.verified == i64::from(row.used), format!("{id} has {} verified events", row.verified));
            let once = row.queued + row.sent == 1 || row.came_unnoted(arrived.contains_key(id));
            expect(once, format!("{id} waits {} times, was sent {} times", row.queued, row.sent));
            expect(row.sent == 0 || arrived.contains_key(id), format!("{id} counts as sent and never arrived"));
            expect(row.has_no_other_events(), format!("{id} has events of things that did not happen"));
        }
        let missing = |ids: &HashSet<i64>, kept: fn(&Row) -> bool| {
            ids.iter().filter(|id| !self.rows.get(id).is_some_and(kept)).count()
        };
        let (lost, forgotten) = (missing(&ledger.accepted, |_| true), missing(&ledger.used, |row| row.used));
        expect(lost == 0, format!("{lost} accepted sends are lost"));
        expect(forgotten == 0, format!("{forgotten} used codes are not used"));
        for (id, arrivals) in arrived {
            let newest = arrivals.requests.last().map_or(0, |last| sink.millis(last.at));
            let noted = self.rows.get(id).and_then(|row| row.sent_at);
            expect(
                noted.is_none_or(|at| newest <= at + CLOCKS),
                format!("{id} was handed over after it counted as sent"),
            );
        }
        faults
    }
}

impl Row {
    /// It arrived and was used, but its process died before noting that; its successor sends nothing that is used.
    fn came_unnoted(&self, arrived: bool) -> bool {
        self.queued + self.sent == 0 && self.used && arrived
    }

    /// A life is: planned, perhaps sent, perhaps reported as delivered, and used, or its time runs out.
    fn has_no_other_events(&self) -> bool {
        let known = self.plans + self.verified + self.sent + self.valid + self.delivered + self.unknown + self.timeouts;
        self.events == known
            && self.valid <= self.sent
            && self.delivered <= self.sent
            && self.timeouts + self.verified <= 1
    }
}
