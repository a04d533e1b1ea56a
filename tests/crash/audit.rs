//! The database against the ledger and the gateway.

use std::collections::{HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{database::Reader, ledger::Ledger, sink::Sink};

/// One statement, so that it sees one moment: every message with what belongs to it.
const MESSAGES: &str = "
SELECT m.id AS id, CAST(CASE WHEN m.verified_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS used,
       (SELECT COUNT(*) FROM event e WHERE e.message_id = m.id AND e.kind = 'plan') AS plans,
       (SELECT COUNT(*) FROM event e WHERE e.message_id = m.id AND e.kind = 'verified') AS verified,
       (SELECT COUNT(*) FROM event e WHERE e.message_id = m.id AND e.kind = 'sent') AS sent,
       (SELECT COUNT(*) FROM outbox o WHERE o.id = m.id) AS queued
  FROM message m";

const STRAYS: &str = "
SELECT (SELECT COUNT(*) FROM event e WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.id = e.message_id))
     + (SELECT COUNT(*) FROM outbox o WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.id = o.message_id)) AS strays";

struct Row {
    used: bool,
    plans: i64,
    verified: i64,
    sent: i64,
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
            let (plans, verified) = (number("plans"), number("verified"));
            let used = number("used") == 1;
            (number("id"), Row { used, plans, verified, sent: number("sent"), queued: number("queued") })
        };
        let rows = ask(MESSAGES).await.unwrap().iter().map(row).collect();
        let strays = ask(STRAYS).await.unwrap()[0].try_get("", "strays").unwrap();
        Self { rows, strays, integrity }
    }

    /// Messages that wait for their delivery.
    pub(crate) fn waiting(&self) -> usize {
        self.rows.values().filter(|row| row.queued > 0).count()
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
        let mut faults = vec![];
        let mut expect = |kept: bool, fault: String| {
            if !kept {
                faults.push(fault);
            }
        };
        expect(self.integrity == "ok", format!("integrity_check: {}", self.integrity));
        expect(self.strays == 0, format!("{} events or deliveries without a message", self.strays));
        let arrived = sink.messages();
        for (id, row) in &self.rows {
            expect(row.plans == 1, format!("{id} has {} plan events", row.plans));
            expect(row.verified == i64::from(row.used), format!("{id} has {} verified events", row.verified));
            // One that came in and whose code was used before its hand-over was noted is over without a note.
            let over = row.queued + row.sent == 0 && row.used && arrived.contains_key(id);
            expect(
                over || row.queued + row.sent == 1,
                format!("{id} waits {} times, was sent {} times", row.queued, row.sent),
            );
            expect(row.sent == 0 || arrived.contains_key(id), format!("{id} counts as sent and never arrived"));
        }
        let missing = |ids: &HashSet<i64>, kept: fn(&Row) -> bool| {
            ids.iter().filter(|id| !self.rows.get(id).is_some_and(kept)).count()
        };
        let (lost, forgotten) = (missing(&ledger.accepted, |_| true), missing(&ledger.used, |row| row.used));
        expect(lost == 0, format!("{lost} accepted sends are lost"));
        expect(forgotten == 0, format!("{forgotten} used codes are not used"));
        for (id, arrivals) in &arrived {
            // The gateway answered each time, so only a process that died before it wrote that down may ask again.
            let lives: HashSet<_> = arrivals.lives.iter().collect();
            expect(lives.len() == arrivals.lives.len(), format!("{id} was handed over twice by one process"));
        }
        faults
    }
}
