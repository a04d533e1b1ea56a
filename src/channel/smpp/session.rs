//! One bound connection as its users see it: requests, each with its answer.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use super::wire::{Packet, Unit, unit};
use crate::channel::DeliveryError;
use rusmpp::{CommandStatus, Pdu};
use tokio::{
    sync::{Semaphore, mpsc, oneshot},
    time::timeout,
};

/// Why a request has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// It was never sent.
    NotAsked,
    /// The connection broke.
    Lost,
    /// Nothing came in time.
    Late,
}

/// Shared by those who send and the connection's own task.
pub(super) struct Session {
    /// Places for messages whose answer is outstanding.
    window: Semaphore,
    sequence: AtomicU32,
    waiting: Mutex<HashMap<u32, oneshot::Sender<Unit>>>,
    outgoing: mpsc::Sender<Packet>,
    limit: Duration,
}

impl Session {
    /// `limit` is that of each answer. What is sent goes to `outgoing`.
    pub(super) fn new(window: usize, limit: Duration, outgoing: mpsc::Sender<Packet>) -> Self {
        Self {
            window: Semaphore::new(window),
            sequence: AtomicU32::new(1), // the bind was 1
            waiting: Mutex::default(),
            outgoing,
            limit,
        }
    }

    /// Sends a message when the window has room, and waits for its answer. Nothing is written after `until`.
    pub(super) async fn submit(&self, pdu: Pdu, until: Instant) -> Result<Unit, DeliveryError> {
        let Ok(Ok(_place)) = timeout(self.limit, self.window.acquire()).await else {
            return Err(DeliveryError::unavailable("the message centre is slow to answer what it was sent before"));
        };
        self.exchange(pdu, Some(until)).await.map_err(|unanswered| match unanswered {
            Unanswered::NotAsked => DeliveryError::unavailable("the connection to the message centre broke"),
            Unanswered::Lost => DeliveryError::unanswered("the connection to the message centre broke"),
            Unanswered::Late => DeliveryError::unanswered("the message centre did not answer in time"),
        })
    }

    /// Sends any request and waits for its answer.
    pub(super) async fn ask(&self, pdu: Pdu) -> Result<Unit, Unanswered> {
        self.exchange(pdu, None).await
    }

    async fn exchange(&self, pdu: Pdu, until: Option<Instant>) -> Result<Unit, Unanswered> {
        // 31 bits, and never 0 (SMPP 3.4, 5.1.4).
        let sequence = (self.sequence.fetch_add(1, Ordering::Relaxed) % 0x7fff_fffe) + 1;
        let (sender, answer) = oneshot::channel();
        self.waiting().insert(sequence, sender);
        let _forget = scopeguard::guard((), |()| drop(self.waiting().remove(&sequence)));
        let exchange = async {
            let packet = Packet { bytes: unit(CommandStatus::EsmeRok, sequence, pdu), until };
            self.outgoing.send(packet).await.map_err(|_| Unanswered::NotAsked)?;
            answer.await.map_err(|_| Unanswered::Lost)
        };
        timeout(self.limit, exchange).await.unwrap_or(Err(Unanswered::Late))
    }

    /// Hands an answer to whoever asked; nobody may wait for it any more.
    pub(super) fn answered(&self, answer: Unit) {
        let asked = self.waiting().remove(&answer.sequence());
        if let Some(asked) = asked {
            let _ = asked.send(answer);
        }
    }

    /// Tells everybody who waits that nothing will come.
    pub(super) fn end(&self) {
        self.window.close();
        self.waiting().clear();
    }

    /// A map cannot be left half changed, so a poisoned lock is as good as any.
    fn waiting(&self) -> MutexGuard<'_, HashMap<u32, oneshot::Sender<Unit>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
