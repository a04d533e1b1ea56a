//! The rounds: every subject gets its window in every round, so that all see the same weather.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    Fallible,
    book::{Book, Case, Operation, Shown, Subject},
    limits::{
        discard::Discard,
        disk::Probe,
        hello,
        pgbench::{CLIENTS, Pgbench},
        sqlite::Loop,
    },
    phases::Running,
    postgres::Postgres,
    product::Installation,
    server::Server,
};

/// The number of connections the goals speak of.
pub(crate) const GOAL_CONNECTIONS: usize = 64;
const OTHER_CONNECTIONS: [usize; 3] = [1, 32, 128];
const DISK_WINDOW: Duration = Duration::from_millis(500);
/// No further round is begun when this much time is gone.
const NO_ROUND_AFTER: Duration = Duration::from_mins(7);

/// How long and how often.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    /// Rounds at most.
    pub(crate) rounds: usize,
    /// One window of load.
    pub(crate) window: Duration,
}

/// What can be measured without verifyd.
pub(crate) struct Limits {
    disk: Probe,
    sqlite: Loop,
    pgbench: Pgbench,
    hello: Server,
    discard: Discard,
}

impl Limits {
    /// Prepares databases, files and servers.
    pub(crate) fn prepare(postgres: &Postgres, directory: &Path) -> Fallible<Self> {
        Ok(Self {
            disk: Probe::prepare(directory)?,
            sqlite: Loop::prepare(directory)?,
            pgbench: Pgbench::prepare(postgres, directory)?,
            hello: hello::start(directory)?,
            discard: Discard::start(directory)?,
        })
    }

    fn hello_and_discard(&self, book: &mut Book, window: Duration) -> Fallible<()> {
        let shown = hello::send(&self.hello, GOAL_CONNECTIONS, window)?;
        note(book, Subject::Hello, Operation::Send, GOAL_CONNECTIONS, shown);
        let shown = self.discard.send(GOAL_CONNECTIONS, window)?;
        note(book, Subject::Discard, Operation::Send, GOAL_CONNECTIONS, shown);
        Ok(())
    }

    fn disk(&self, book: &mut Book) -> Fallible<()> {
        note(book, Subject::Disk, Operation::Sync, 1, self.disk.run(DISK_WINDOW)?);
        Ok(())
    }
}

/// The servers under test.
pub(crate) struct Products {
    /// verifyd on `SQLite`.
    pub(crate) sqlite: Running,
    /// verifyd on `PostgreSQL`.
    pub(crate) postgres: Running,
}

impl Products {
    /// Installs and starts verifyd twice.
    pub(crate) fn start(binary: &Path, postgres: &Postgres) -> Fallible<Self> {
        let sqlite = Running::start(Installation::on_sqlite(binary, "sqlite")?, None)?;
        let installation = Installation::on_postgres(binary, "postgres", postgres)?;
        Ok(Self { sqlite, postgres: Running::start(installation, postgres.pid())? })
    }
}

/// Runs the rounds; without products, only the limits.
pub(crate) fn rounds(limits: &mut Limits, products: Option<&Products>, extent: Extent) -> Fallible<Book> {
    let started = Instant::now();
    // Pages, plans and pools are to be warm: what this shows is thrown away.
    round(limits, products, Duration::from_millis(500), &mut Book::default())?;
    let mut book = Book::default();
    for nth in 1..=extent.rounds {
        if started.elapsed() > NO_ROUND_AFTER {
            println!("time is up: {} rounds of {}", nth - 1, extent.rounds);
            break;
        }
        println!("round {nth} of {}", extent.rounds);
        round(limits, products, extent.window, &mut book)?;
    }
    Ok(book)
}

fn round(limits: &mut Limits, products: Option<&Products>, window: Duration, book: &mut Book) -> Fallible<()> {
    limits.disk(book)?;
    let clients = usize::try_from(CLIENTS)?;
    note(book, Subject::Pgbench, Operation::Send, clients, limits.pgbench.send(window)?);
    if let Some(products) = products {
        send_then_verify(book, Subject::Postgres, &products.postgres, GOAL_CONNECTIONS, window)?;
    }
    note(book, Subject::Pgbench, Operation::Verify, clients, limits.pgbench.verify(window)?);
    note(book, Subject::Rusqlite, Operation::Send, 1, limits.sqlite.send(window)?);
    if let Some(products) = products {
        send_then_verify(book, Subject::Sqlite, &products.sqlite, GOAL_CONNECTIONS, window)?;
    }
    note(book, Subject::Rusqlite, Operation::Verify, 1, limits.sqlite.verify(window)?);
    limits.hello_and_discard(book, window)?;
    let Some(products) = products else { return Ok(()) };
    for connections in OTHER_CONNECTIONS {
        send_then_verify(book, Subject::Sqlite, &products.sqlite, connections, window)?;
        send_then_verify(book, Subject::Postgres, &products.postgres, connections, window)?;
    }
    Ok(())
}

/// Notes one send phase and its verify phase.
pub(crate) fn send_then_verify(
    book: &mut Book,
    subject: Subject,
    running: &Running,
    connections: usize,
    window: Duration,
) -> Fallible<()> {
    let (sent, verified) = running.send_then_verify(connections, window)?;
    note(book, subject, Operation::Send, connections, sent);
    note(book, subject, Operation::Verify, connections, verified);
    Ok(())
}

fn note(book: &mut Book, subject: Subject, operation: Operation, connections: usize, shown: Shown) {
    book.note(Case { subject, operation, connections }, shown);
}
