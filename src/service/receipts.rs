//! What providers tell by themselves. It never touches a code (security C9).

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::oneshot;

use super::{Error, Service, directory::first_eight};
use crate::{
    channel::{Receipt, Report, Sink, Unkept, Uplink},
    core::fate::Fate,
    store::{Reception, Told},
};

/// Receipts in one transaction.
const BATCH: usize = 256;
/// Longest reason that is kept, in characters.
const MAX_DETAIL: usize = 256;

/// Receipts that wait for their turn: whoever gets it writes down those of everybody who waits, so that they share a
/// commit and nobody waits for a batch to fill.
#[derive(Default)]
pub struct ReceiptQueue {
    waiting: Mutex<Vec<(Vec<Told>, oneshot::Sender<()>)>>,
    turn: tokio::sync::Mutex<()>,
}

impl ReceiptQueue {
    fn put(&self, told: Vec<Told>) -> oneshot::Receiver<()> {
        let (kept, answer) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push((told, kept));
        answer
    }

    fn take(&self) -> Vec<(Vec<Told>, oneshot::Sender<()>)> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Sink for Service {
    async fn receipts(&self, provider: &str, receipts: Vec<Receipt>) -> Result<(), Unkept> {
        let told: Result<Vec<_>, Error> = receipts.into_iter().map(|receipt| self.told(provider, receipt)).collect();
        let told = told.map_err(|err| unkept(&err))?;
        let queue = &self.parts().receipts;
        let mut answer = queue.put(told);
        let _turn = queue.turn.lock().await;
        if answer.try_recv().is_ok() {
            return Ok(()); // somebody has written them down together with their own
        }
        for (told, kept) in in_batches(queue.take()) {
            if let Err(err) = self.apply(&told).await {
                tracing::warn!(%err, "receipts could not be written; their providers will tell them again");
                continue;
            }
            for kept in kept {
                let _ = kept.send(());
            }
        }
        answer.try_recv().map_err(|_| Unkept)
    }

    async fn uplink(&self, provider: &str, uplink: Uplink) -> Result<(), Unkept> {
        self.parts().metrics.told(provider, "uplink");
        self.keep_uplink(provider, uplink).await.map_err(|err| {
            tracing::warn!(%err, provider, "an inbound message was not kept; the provider is to tell it again");
            Unkept
        })
    }
}

impl Service {
    /// The key under which a hand-over is kept. Providers may give the same reference, so their names are part of it.
    #[must_use]
    pub fn hand_over_key(&self, provider: &str, reference: &str) -> i64 {
        let parts = [provider.as_bytes(), reference.as_bytes()];
        first_eight(&self.parts().keys.load().digest("hand-over", &parts))
    }

    /// Looks again for the hand-overs of receipts that came before our own note of them; how many receipts.
    pub async fn retry_early_receipts(&self) -> Result<usize, Error> {
        let parts = self.parts();
        let now = parts.clock.now();
        let mut told = parts.store.early_receipts(BATCH as u64, now).await?;
        for receipt in &mut told {
            receipt.event = parts.ids.next(now)?;
        }
        if !told.is_empty() {
            self.apply(&told).await?;
        }
        Ok(told.len())
    }

    fn told(&self, provider: &str, receipt: Receipt) -> Result<Told, Error> {
        let at = self.parts().clock.now();
        let (fate, error_code) = match receipt.report {
            Report::Delivered => (Fate::Delivered, 0),
            Report::Failed(code) => (Fate::Failed, code),
        };
        Ok(Told {
            key: self.hand_over_key(provider, &receipt.reference),
            provider: provider.to_owned(),
            fate,
            error_code,
            detail: receipt.detail.map(|detail| words(&detail)),
            at,
            event: self.parts().ids.next(at)?,
        })
    }

    async fn apply(&self, told: &[Told]) -> Result<(), Error> {
        let parts = self.parts();
        let receptions = parts.store.apply_receipts(told, parts.clock.now()).await?;
        for (told, reception) in told.iter().zip(receptions) {
            let outcome = match (reception, told.fate) {
                (Reception::Applied, Fate::Delivered) => "delivered",
                (Reception::Applied, Fate::Failed | Fate::Taken) => "failed",
                (Reception::Repeated, _) => "repeated",
                (Reception::Early, _) => "early",
                (Reception::Dropped, _) => "dropped",
            };
            parts.metrics.told(&told.provider, outcome);
        }
        Ok(())
    }
}

/// Joins what waits into batches; what came as one stays as one.
fn in_batches(waiting: Vec<(Vec<Told>, oneshot::Sender<()>)>) -> Vec<(Vec<Told>, Vec<oneshot::Sender<()>>)> {
    let mut batches: Vec<(Vec<Told>, Vec<_>)> = vec![];
    for (told, kept) in waiting {
        match batches.last_mut() {
            Some((batch, all)) if batch.len() + told.len() <= BATCH => {
                batch.extend(told);
                all.push(kept);
            }
            _ => batches.push((told, vec![kept])),
        }
    }
    batches
}

/// What a database and an eye can take.
fn words(detail: &str) -> String {
    detail.chars().filter(|character| !character.is_control()).take(MAX_DETAIL).collect()
}

fn unkept(err: &Error) -> Unkept {
    tracing::warn!(%err, "a receipt could not be taken; its provider will tell it again");
    Unkept
}
