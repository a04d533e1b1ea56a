//! One round of the writer: jobs in, answers out.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use super::{
    Batch, Decided, NotWritten,
    job::{Answered, Attempt, GuessOutcome, Job, Reply, SendOutcome, Sender},
};
use crate::{
    core::{clock::Timestamp, id::MessageId, refusal::Refusal, verification::Guess},
    store::StoreError,
};

/// Jobs sorted into a batch, and who waits for what of it.
#[derive(Default)]
pub(super) struct Round {
    pub(super) batch: Batch,
    senders: Vec<Sender>,
    /// Later sends into a window that this very round decides, by its place in the batch.
    followers: HashMap<usize, Vec<Reply<SendOutcome>>>,
    slots: HashMap<i64, usize>,
    guessers: Vec<Reply<GuessOutcome>>,
    guessed: HashSet<(MessageId, i64)>,
    /// Guesses at a message that this round already guesses at: a multi-row UPDATE applies only one.
    held: Vec<(Attempt, Reply<GuessOutcome>)>,
    settlers: Vec<Reply<()>>,
}

impl Round {
    pub(super) fn sort(jobs: Vec<Job>) -> Self {
        let mut round = Self::default();
        for job in jobs {
            round.add(job);
        }
        round
    }

    /// One round for each kind that there is.
    pub(super) fn by_kind(jobs: Vec<Job>) -> Vec<Self> {
        let mut kinds = [vec![], vec![], vec![]];
        for job in jobs {
            let kind = match job {
                Job::Send(..) => 0,
                Job::Guess(..) => 1,
                Job::Settle(..) => 2,
            };
            kinds[kind].push(job);
        }
        kinds.into_iter().filter(|jobs| !jobs.is_empty()).map(Self::sort).collect()
    }

    fn add(&mut self, job: Job) {
        match job {
            Job::Send(message, sender) => {
                let place = self.batch.sends.len();
                if let Some(slot) = message.slot {
                    match self.slots.entry(slot) {
                        Entry::Occupied(first) => {
                            return self.followers.entry(*first.get()).or_default().push(sender.reply);
                        }
                        Entry::Vacant(free) => free.insert(place),
                    };
                }
                self.batch.sends.push(*message);
                self.senders.push(sender);
            }
            Job::Guess(attempt, reply) if self.guessed.insert((attempt.message, attempt.app)) => {
                self.batch.guesses.push(attempt);
                self.guessers.push(reply);
            }
            Job::Guess(attempt, reply) => self.held.push((attempt, reply)),
            Job::Settle(settlement, reply) => {
                self.batch.settlements.push(*settlement);
                self.settlers.push(reply);
            }
        }
    }

    /// Answers the sends that a limit of their recipients refuses, by their place in the batch, and takes them out.
    pub(super) fn refuse(&mut self, mut refusals: HashMap<usize, Refusal>) {
        if refusals.is_empty() {
            return;
        }
        let sends = std::mem::take(&mut self.batch.sends).into_iter().zip(std::mem::take(&mut self.senders));
        let mut followers = std::mem::take(&mut self.followers);
        for (place, (message, sender)) in sends.enumerate() {
            let behind = followers.remove(&place).unwrap_or_default();
            if let Some(refusal) = refusals.remove(&place) {
                for reply in std::iter::once(sender.reply).chain(behind) {
                    let _ = reply.send(Ok(SendOutcome::OverLimit(refusal)));
                }
                continue;
            }
            self.followers.insert(self.batch.sends.len(), behind);
            self.batch.sends.push(message);
            self.senders.push(sender);
        }
    }

    /// Takes the round apart again, so that each job can be tried alone.
    pub(super) fn jobs(self) -> Vec<Job> {
        let sends = self.batch.sends.into_iter().zip(self.senders);
        let guesses = self.batch.guesses.into_iter().zip(self.guessers).chain(self.held);
        let settlements = self.batch.settlements.into_iter().zip(self.settlers);
        let jobs = sends.map(|(message, sender)| Job::Send(Box::new(message), sender));
        let jobs = jobs.chain(guesses.map(|(attempt, reply)| Job::Guess(attempt, reply)));
        // Followers share the fate of a send that is tried again: they are refused whether it is written or not.
        for reply in self.followers.into_values().flatten() {
            let _ = reply.send(Ok(SendOutcome::WindowHeld));
        }
        jobs.chain(settlements.map(|(settlement, reply)| Job::Settle(Box::new(settlement), reply))).collect()
    }

    /// Nobody knows what was written.
    pub(super) fn fail(self) {
        let senders = self.senders.into_iter().map(|sender| sender.reply).chain(self.followers.into_values().flatten());
        senders.for_each(refuse);
        let held = self.held.into_iter().map(|(_, reply)| reply);
        self.guessers.into_iter().chain(held).for_each(refuse);
        self.settlers.into_iter().for_each(refuse);
    }

    /// Answers everybody the database has decided about; what is left goes into the next round.
    pub(super) fn answer(mut self, decided: &Decided, now: Timestamp) -> Vec<Job> {
        let mut left = vec![];
        for (place, (message, sender)) in self.batch.sends.into_iter().zip(self.senders).enumerate() {
            for follower in self.followers.remove(&place).into_iter().flatten() {
                let _ = follower.send(Ok(SendOutcome::WindowHeld));
            }
            match decided.sends.get(&message.id) {
                Some(NotWritten::LedgerChanged) => left.push(Job::Send(Box::new(message), sender)),
                Some(NotWritten::WindowHeld) => drop(sender.reply.send(Ok(SendOutcome::WindowHeld))),
                None => (sender.on_accepted)(sender.reply),
            }
        }
        for reply in self.settlers {
            let _ = reply.send(Ok(()));
        }
        let mut ended: HashMap<(MessageId, i64), GuessOutcome> = HashMap::new();
        let outcomes = outcomes(decided, now);
        for (attempt, reply) in self.batch.guesses.into_iter().zip(self.guessers) {
            match outcomes.get(&attempt.id).copied().flatten() {
                None => left.push(Job::Guess(attempt, reply)),
                Some(outcome) => {
                    let _ = reply.send(Ok(outcome));
                    if let Some(end) = after(outcome) {
                        ended.insert((attempt.message, attempt.app), end);
                    }
                }
            }
        }
        for (attempt, reply) in self.held {
            match ended.get(&(attempt.message, attempt.app)) {
                Some(end) => drop(reply.send(Ok(*end))),
                None => left.push(Job::Guess(attempt, reply)),
            }
        }
        left
    }
}

/// Outcomes by attempt; `None` where the row has to be asked again.
fn outcomes(decided: &Decided, now: Timestamp) -> HashMap<i64, Option<GuessOutcome>> {
    decided.met.iter().map(|met| (met.attempt, met.outcome(now))).collect()
}

/// What every later guess of the same application at the same message will be told, if that is certain.
fn after(outcome: GuessOutcome) -> Option<GuessOutcome> {
    let Some(answered) = outcome else { return Some(None) };
    let guess = match answered.guess {
        Guess::Accepted | Guess::AlreadyVerified => Guess::AlreadyVerified,
        Guess::Wrong { left: 0 } | Guess::Exhausted => Guess::Exhausted,
        Guess::Expired => Guess::Expired,
        Guess::Wrong { .. } => return None,
    };
    Some(Some(Answered { guess, ..answered }))
}

fn refuse<T>(reply: Reply<T>) {
    let _ = reply.send(Err(StoreError::Unavailable));
}
