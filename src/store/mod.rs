//! The database. The only place that names sea-orm and the entities.

mod admin_tokens;
mod app_rows;
pub mod batch;
mod blocked;
mod callbacks;
mod connect;
mod database_clock;
mod directory;
mod error;
mod key_rows;
mod lease;
mod ledgers;
mod life;
mod outbox;
mod rate_windows;
mod rates;
mod receipts;
mod retention;
mod sessions;
mod spend;
mod together;
mod windows;

use std::sync::Arc;

use sea_orm::{DatabaseConnection, DbBackend};
use tokio_util::task::TaskTracker;

use crate::core::clock::Clock;
use batch::{Backend, BatchSettings, OnFlush, Writer};

pub use app_rows::AppUpdate;
pub use blocked::BlockedRow;
pub use callbacks::{CallbackRow, ClaimRules, DueBatch, NewBatch, NewNotice, NoticeRow, StepRow, Unpublished};
pub use connect::{Connection, Target};
pub use directory::{Directory, KeyChange, NewTemplate, TemplateRow};
pub use error::StoreError;
pub use key_rows::KeyUpdate;
pub use lease::{LEASE, Lease};
pub use life::{EventRow, MessageRow};
pub use outbox::{Due, Load, Past};
use rate_windows::RateWindows;
pub use rate_windows::Tick;
pub use rates::{CountryRow, RateRow};
pub use receipts::{Reception, Told};
use sessions::Looks;
pub use sessions::{ActivityRow, DueHook, HookRow, SessionFilter, SessionRow, Tally, TallyRow, TryRow};
pub use spend::BalanceRow;

/// The questions that use cases ask of the database. Every one about messages carries the application.
#[derive(Clone)]
pub struct Store {
    backend: DbBackend,
    write: DatabaseConnection,
    read: DatabaseConnection,
    writer: Writer,
    windows: RateWindows,
    looks: Looks,
}

impl Store {
    /// Starts the writer's lanes on `tasks`; they end when the last clone is dropped.
    #[must_use]
    pub fn start(
        connection: &Connection,
        settings: BatchSettings,
        clock: &Arc<dyn Clock>,
        on_flush: &OnFlush,
        tasks: &TaskTracker,
    ) -> Self {
        Self::with(connection, connection.batches(), settings, clock, on_flush, tasks)
    }

    fn with(
        connection: &Connection,
        backend: Backend,
        settings: BatchSettings,
        clock: &Arc<dyn Clock>,
        on_flush: &OnFlush,
        tasks: &TaskTracker,
    ) -> Self {
        let windows = RateWindows::start(connection.backend, &connection.write, tasks);
        let writer = Writer::start(backend, &windows, settings, clock, on_flush, tasks);
        let (write, read) = (connection.write.clone(), connection.read.clone());
        let looks = Looks::start(&read, tasks);
        Self { backend: connection.backend, write, read, writer, windows, looks }
    }

    /// A store that keeps nothing of messages, to measure what surrounds it.
    #[cfg(feature = "discard")]
    #[must_use]
    pub fn discard(
        connection: &Connection,
        settings: BatchSettings,
        clock: &Arc<dyn Clock>,
        on_flush: &OnFlush,
        tasks: &TaskTracker,
    ) -> Self {
        Self::with(connection, Backend::Discard, settings, clock, on_flush, tasks)
    }

    /// A store that decides in a way that is known to be wrong, with lanes enough for it to show.
    #[cfg(feature = "controls")]
    #[must_use]
    pub fn flawed(connection: &Connection, flaw: batch::Flaw, clock: &Arc<dyn Clock>, tasks: &TaskTracker) -> Self {
        let flawed = batch::Flawed::new(flaw, connection.write.clone(), connection.batches());
        let settings = BatchSettings { max: 1, queue: 4096, lanes: 16 };
        let on_flush: OnFlush = Arc::new(|_| ());
        Self::with(connection, Backend::Flawed(flawed), settings, clock, &on_flush, tasks)
    }

    /// The one way to change messages.
    #[must_use]
    pub const fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.read.ping().await?)
    }
}

impl Connection {
    /// Closes the pools; on `SQLite` that also brings the write-ahead log into the file.
    pub async fn close(self) {
        for pool in [self.read, self.write] {
            if let Err(err) = pool.close().await {
                tracing::warn!(%err, "the database was not closed cleanly");
            }
        }
    }

    fn batches(&self) -> Backend {
        match self.backend {
            DbBackend::Postgres => Backend::Postgres(self.write.clone()),
            _ => Backend::Sqlite(self.write.clone()),
        }
    }
}
