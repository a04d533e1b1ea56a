//! The lane: takes what waits, flushes it, answers, and begins again.

use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::{Mutex, mpsc};

use super::{Backend, Job, OnFlush, caps, round::Round};
use crate::{
    core::clock::{Clock, Timestamp},
    store::{StoreError, error::is_refusal, rate_windows::RateWindows},
};

pub(super) struct Lane {
    backend: Arc<Backend>,
    rates: RateWindows,
    jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
    max: usize,
    clock: Arc<dyn Clock>,
    on_flush: OnFlush,
}

impl Lane {
    pub(super) const fn new(
        backend: Arc<Backend>,
        rates: RateWindows,
        jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
        max: usize,
        clock: Arc<dyn Clock>,
        on_flush: OnFlush,
    ) -> Self {
        Self { backend, rates, jobs, max, clock, on_flush }
    }

    /// Until every sender is gone and the queue is empty.
    pub(super) async fn run(self) {
        let mut left = vec![];
        while let Some(jobs) = self.gather(left).await {
            left = self.round(jobs).await;
        }
    }

    /// What was left over and whatever waits; it never waits for more.
    async fn gather(&self, mut jobs: Vec<Job>) -> Option<Vec<Job>> {
        if jobs.is_empty() {
            let mut queue = self.jobs.lock().await;
            if queue.recv_many(&mut jobs, self.max).await == 0 {
                return None;
            }
            return Some(jobs);
        }
        if let Ok(mut queue) = self.jobs.try_lock() {
            while jobs.len() < self.max {
                let Ok(job) = queue.try_recv() else { break };
                jobs.push(job);
            }
        }
        Some(jobs)
    }

    /// Nothing is begun for callers who have gone: after an outage they have been told of an error long ago.
    async fn round(&self, mut jobs: Vec<Job>) -> Vec<Job> {
        jobs.retain(|job| !job.is_abandoned());
        if jobs.is_empty() {
            return jobs;
        }
        let rounds = self.backend.rounds(jobs);
        join_all(rounds.into_iter().map(|round| self.settle(round))).await.into_iter().flatten().collect()
    }

    async fn settle(&self, round: Round) -> Vec<Job> {
        let refused = match self.flush(round).await {
            Ok(left) => return left,
            Err(refused) => refused,
        };
        // One row spoilt the batch and nothing of it was kept: each job is tried alone, so that one fails alone.
        let mut left = vec![];
        for job in refused.jobs() {
            match self.flush(Round::sort(vec![job])).await {
                Ok(rest) => left.extend(rest),
                Err(alone) => alone.fail(),
            }
        }
        left
    }

    /// Gives the round back when the database refused it as a whole.
    async fn flush(&self, mut round: Round) -> Result<Vec<Job>, Round> {
        let now = self.clock.now();
        if let Err(err) = self.admit(&mut round, now).await {
            return Ok(self.fail(round, &err).await);
        }
        if round.batch.len() == 0 {
            return Ok(vec![]);
        }
        (self.on_flush)(round.batch.len());
        match self.backend.flush(&round.batch, now).await {
            Ok(decided) => {
                let unsent = caps::ticks(round.batch.sends.iter().filter(|send| decided.sends.contains_key(&send.id)));
                let left = round.answer(&decided, now);
                caps::give_back(&self.rates, &unsent, now).await;
                Ok(left)
            }
            Err(err) if is_refusal(&err) => {
                tracing::error!(%err, jobs = round.batch.len(), "the database refused a flush");
                caps::give_back(&self.rates, &caps::ticks(&round.batch.sends), now).await;
                Err(round)
            }
            Err(err) => Ok(self.fail(round, &err.into()).await),
        }
    }

    /// Answers what caps and the limits of recipients refuse, and takes it out.
    async fn admit(&self, round: &mut Round, now: Timestamp) -> Result<(), StoreError> {
        let refusals = caps::admit(&self.rates, &round.batch.sends, now).await?;
        round.refuse(refusals);
        let refusals = self.backend.admit(&mut round.batch, now).await?;
        let unsent = caps::ticks(refusals.keys().map(|place| &round.batch.sends[*place]));
        round.refuse(refusals);
        caps::give_back(&self.rates, &unsent, now).await;
        Ok(())
    }

    async fn fail(&self, round: Round, err: &StoreError) -> Vec<Job> {
        tracing::error!(%err, jobs = round.batch.len(), "a flush failed, its outcome is not known");
        round.fail();
        self.backend.drop_dead_connections().await;
        vec![]
    }
}
