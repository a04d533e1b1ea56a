//! Group commit: whatever arrives while one flush runs shares the next (performance guide, section 9).

mod caps;
#[cfg(feature = "controls")]
mod control;
mod job;
mod ledgers;
mod met;
mod postgres;
mod round;
mod rows;
mod sqlite;
mod writer;

use std::{collections::HashMap, sync::Arc, time::Duration};

use sea_orm::{DatabaseConnection, DbErr};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_util::task::TaskTracker;

use super::{error::StoreError, rate_windows::RateWindows};
use crate::core::{
    clock::{Clock, Timestamp},
    id::MessageId,
    refusal::Refusal,
};

#[cfg(feature = "controls")]
pub use control::Flaw;
#[cfg(feature = "controls")]
pub(super) use control::Flawed;
pub use job::{
    Answer, Answered, Attempt, Budget, GuessOutcome, HandOver, NewDelivery, NewEvent, NewMessage, NewSession, Replaced,
    Reply, SendOutcome, Settlement, Step,
};
use job::{Job, Sender};
use ledgers::LedgerRow;
use met::Met;
use round::Round;

/// Longest a caller waits for its answer (promise "degrade safely": 1000 within 2.5 s).
pub const PATIENCE: Duration = Duration::from_millis(2400);

/// How much shares one flush, and how much may wait.
#[derive(Clone, Copy, Debug)]
pub struct BatchSettings {
    /// Most jobs in one flush.
    pub max: usize,
    /// Most jobs that wait; more are refused.
    pub queue: usize,
    /// Flushes that run side by side; 1 on SQLite.
    pub lanes: usize,
}

/// Sizes of the flushes so far.
pub type OnFlush = Arc<dyn Fn(usize) + Send + Sync>;

/// The one way to change messages.
#[derive(Clone)]
pub struct Writer {
    /// Sends and guesses, for which somebody waits.
    queue: mpsc::Sender<Job>,
    /// What became of deliveries; the same queue where there is one writer.
    settlements: mpsc::Sender<Job>,
    backend: Arc<Backend>,
}

impl Writer {
    /// Starts the lanes on `tasks`; they end when the last `Writer` is gone and everything is flushed.
    pub(super) fn start(
        backend: Backend,
        rates: &RateWindows,
        settings: BatchSettings,
        clock: &Arc<dyn Clock>,
        on_flush: &OnFlush,
        tasks: &TaskTracker,
    ) -> Self {
        let backend = Arc::new(backend);
        let lanes = |count| {
            let (queue, jobs) = mpsc::channel(settings.queue);
            let jobs = Arc::new(Mutex::new(jobs));
            for _ in 0..count {
                let (backend, rates, jobs) = (backend.clone(), rates.clone(), jobs.clone());
                let lane = writer::Lane::new(backend, rates, jobs, settings.max, clock.clone(), on_flush.clone());
                tasks.spawn(lane.run());
            }
            queue
        };
        let queue = lanes(settings.lanes.max(1));
        // Until it is settled, a message that a provider took is sent again when this process dies: it waits for nobody's
        // flush but that of earlier settlements.
        let settlements = if matches!(*backend, Backend::Postgres(_)) { lanes(1) } else { queue.clone() };
        Self { queue, settlements, backend }
    }

    /// Writes a message unless an earlier one holds its window. `on_accepted` runs when it is written, even if the caller
    /// has gone by then.
    pub async fn send(
        &self,
        message: NewMessage,
        on_accepted: impl FnOnce() + Send + 'static,
    ) -> Result<SendOutcome, StoreError> {
        let answer = self.offer(message, |reply| {
            on_accepted();
            let _ = reply.send(Ok(SendOutcome::Accepted)); // who does not wait any more is not told
        })?;
        in_time(answer).await
    }

    /// Likewise, but when it is written, `on_accepted` has the reply: it says so when it likes. Refusals come at once.
    pub fn offer(
        &self,
        message: NewMessage,
        on_accepted: impl FnOnce(Reply<SendOutcome>) + Send + 'static,
    ) -> Result<Answer<SendOutcome>, StoreError> {
        let on_accepted = Box::new(on_accepted);
        put(&self.queue, |reply| Job::Send(Box::new(message), Sender { reply, on_accepted }))
    }

    /// Judges one guess.
    pub async fn guess(&self, attempt: Attempt) -> Result<GuessOutcome, StoreError> {
        ask(&self.queue, |reply| Job::Guess(attempt, reply)).await
    }

    /// Writes down how a delivery went.
    pub async fn settle(&self, settlement: Settlement) -> Result<(), StoreError> {
        ask(&self.settlements, |reply| Job::Settle(Box::new(settlement), reply)).await
    }

    /// Whether messages could be written now: a flush of nothing, beside the queue, so that it tells of the database and
    /// not of how much waits.
    pub async fn try_out(&self) -> Result<(), StoreError> {
        self.backend.flush(&Batch::default(), Timestamp::default()).await?;
        Ok(())
    }

    /// Jobs for which somebody waits.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }
}

/// Queues a job and waits for its reply.
pub(super) async fn ask<T, J>(queue: &mpsc::Sender<J>, job: impl FnOnce(Reply<T>) -> J) -> Result<T, StoreError> {
    in_time(put(queue, job)?).await
}

fn put<T, J>(queue: &mpsc::Sender<J>, job: impl FnOnce(Reply<T>) -> J) -> Result<Answer<T>, StoreError> {
    let (reply, answer) = oneshot::channel();
    queue.try_send(job(reply)).map_err(|_| StoreError::Overloaded)?;
    Ok(answer)
}

async fn in_time<T>(answer: Answer<T>) -> Result<T, StoreError> {
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) | Err(_) => Err(StoreError::Unavailable),
    }
}

/// Where a flush goes.
pub(super) enum Backend {
    Sqlite(DatabaseConnection),
    Postgres(DatabaseConnection),
    #[cfg(feature = "discard")]
    Discard,
    #[cfg(feature = "controls")]
    Flawed(Flawed),
}

/// What one flush is to write. No message, slot or delivery occurs twice.
#[derive(Default)]
pub(super) struct Batch {
    sends: Vec<NewMessage>,
    /// What sends change of their recipients' ledgers.
    ledgers: Vec<LedgerRow>,
    guesses: Vec<Attempt>,
    settlements: Vec<Settlement>,
}

/// What the database said.
#[derive(Default)]
pub(super) struct Decided {
    /// Messages that were not written, and why.
    sends: HashMap<MessageId, NotWritten>,
    /// The rows that guesses met.
    met: Vec<Met>,
}

/// Why a message was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NotWritten {
    /// Its window is held.
    WindowHeld,
    /// Somebody else sent to its recipient meanwhile: what was decided about the limits does not hold any more.
    LedgerChanged,
}

impl Batch {
    fn len(&self) -> usize {
        self.sends.len() + self.guesses.len() + self.settlements.len()
    }

    /// Whether anything in it costs something.
    fn costs(&self) -> bool {
        self.settlements.iter().flat_map(|settlement| &settlement.events).any(|event| event.cost.is_some())
    }
}

impl Backend {
    /// What is flushed as one: everything on SQLite, where it shares a commit; each kind by itself on PostgreSQL,
    /// where each is a statement that is kept or refused by itself.
    fn rounds(&self, jobs: Vec<Job>) -> Vec<Round> {
        match self {
            Self::Postgres(_) => Round::by_kind(jobs),
            Self::Sqlite(_) => vec![Round::sort(jobs)],
            #[cfg(feature = "discard")]
            Self::Discard => vec![Round::sort(jobs)],
            #[cfg(feature = "controls")]
            Self::Flawed(_) => vec![Round::sort(jobs)],
        }
    }

    /// Throws away connections that died with the server: they lie idle among the good ones, and each would cost
    /// somebody an answer.
    async fn drop_dead_connections(&self) {
        let Self::Postgres(db) = self else { return };
        let looks = async {
            for _ in 0..db.get_postgres_connection_pool().num_idle() {
                let _ = db.ping().await; // one that does not answer is not given back to the pool
            }
        };
        let _ = tokio::time::timeout(PATIENCE, looks).await;
    }

    /// Decides what the limits of recipients let through, as they stand now; the refusals by place.
    async fn admit(&self, batch: &mut Batch, now: Timestamp) -> Result<HashMap<usize, Refusal>, DbErr> {
        match self {
            Self::Sqlite(db) | Self::Postgres(db) => ledgers::admit(db, batch, now).await,
            #[cfg(feature = "discard")]
            Self::Discard => Ok(HashMap::new()),
            #[cfg(feature = "controls")]
            Self::Flawed(flawed) => flawed.admit(batch, now).await,
        }
    }

    async fn flush(&self, batch: &Batch, now: Timestamp) -> Result<Decided, DbErr> {
        match self {
            Self::Sqlite(db) => sqlite::flush(db, batch, now).await,
            Self::Postgres(db) => postgres::flush(db, batch, now).await,
            #[cfg(feature = "discard")]
            Self::Discard => Ok(Decided { sends: HashMap::new(), met: batch.guesses.iter().map(Met::right).collect() }),
            #[cfg(feature = "controls")]
            Self::Flawed(flawed) => flawed.flush(batch, now).await,
        }
    }
}
