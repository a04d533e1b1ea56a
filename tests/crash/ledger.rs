//! What the server has acknowledged, written down by its clients.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use crate::{
    client::{Answer, Lost},
    dice::Dice,
};

/// Half of a code's life: a campaign is longer than that, and what is tried later may have expired.
const FRESH: Duration = Duration::from_secs(150);

/// All clients share one.
#[derive(Clone, Default)]
pub(crate) struct Ledger {
    /// Sends that were answered 200.
    pub(crate) accepted: HashSet<i64>,
    /// Codes that were answered `verified: true`, or that were said to have been used before.
    pub(crate) used: HashSet<i64>,
    /// Codes whose right guess got no answer: used or not, nobody here knows.
    doubtful: HashSet<i64>,
    /// Accepted, and not yet guessed at or in doubt.
    open: Vec<i64>,
    /// When each message was accepted.
    since: HashMap<i64, Instant>,
    used_list: Vec<i64>,
    recipients: u32,
    /// Used codes that were tried again.
    pub(crate) replays: usize,
    /// Requests without an answer.
    pub(crate) unanswered: usize,
    /// Answers that say no more than silence does: 1000, "internal error".
    pub(crate) internal: usize,
}

impl Ledger {
    /// A number in France that got nothing yet.
    pub(crate) fn recipient(&mut self) -> String {
        self.recipients += 1;
        format!("+3361{:07}", self.recipients)
    }

    /// Takes some message whose code may still be good.
    pub(crate) fn take_open(&mut self, dice: &mut Dice) -> Option<i64> {
        while !self.open.is_empty() {
            let end = u64::try_from(self.open.len()).unwrap();
            let message = self.open.swap_remove(usize::try_from(dice.below(end)).unwrap());
            if self.since[&message].elapsed() < FRESH {
                return Some(message);
            }
        }
        None
    }

    /// Gives it back.
    pub(crate) fn give_back(&mut self, message: i64) {
        self.open.push(message);
    }

    /// Some message whose code is used.
    pub(crate) fn some_used(&self, dice: &mut Dice) -> Option<i64> {
        let end = u64::try_from(self.used_list.len()).unwrap();
        (end > 0).then(|| self.used_list[usize::try_from(dice.below(end)).unwrap()])
    }

    /// The answer, if it says what was done.
    fn told<'a>(&mut self, answer: &'a Result<Answer, Lost>) -> Option<&'a Answer> {
        match answer {
            Err(_) => self.unanswered += 1,
            Ok(answer) if answer.body["code"] == 1000 => self.internal += 1,
            Ok(answer) => return Some(answer),
        }
        None
    }

    /// A send was answered, or not.
    pub(crate) fn sent(&mut self, answer: &Result<Answer, Lost>) {
        let Some(answer) = self.told(answer) else { return };
        assert_eq!(answer.status, 200, "a send was refused: {}", answer.body);
        let message = answer.body["message_id"].as_str().unwrap().parse().unwrap();
        assert!(self.accepted.insert(message), "the id {message} was given out twice");
        self.since.insert(message, Instant::now());
        self.open.push(message);
    }

    /// The right code was tried for the first time, as far as anybody knows.
    pub(crate) fn guessed(&mut self, message: i64, answer: &Result<Answer, Lost>) {
        let Some(answer) = self.told(answer) else {
            self.doubtful.insert(message);
            self.open.push(message);
            return;
        };
        let doubtful = self.doubtful.remove(&message);
        let won = answer.status == 200 && answer.body["verified"] == true;
        assert!(won || doubtful && says_used(answer), "the right code of {message} got {}", answer.body);
        assert!(self.used.insert(message), "{message} was verified twice");
        self.used_list.push(message);
    }

    /// A used code was tried again.
    pub(crate) fn replayed(&mut self, message: i64, answer: &Result<Answer, Lost>) {
        let Some(answer) = self.told(answer) else { return };
        assert!(says_used(answer), "the used code of {message} got {}", answer.body);
        self.replays += 1;
    }
}

fn says_used(answer: &Answer) -> bool {
    let words = answer.body["message"].as_str().unwrap_or_default();
    answer.status == 400 && answer.body["code"] == 3003 && words == "verify code has been verified"
}
