//! Clients that send and verify until the server is gone.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{sync::watch, task::JoinSet, time::sleep};

use crate::{
    client::{Client, Lost},
    dice::Dice,
    ledger::Ledger,
    sink::Sink,
};

const CONNECTIONS: u64 = 16;

/// What the clients of one installation share, over all its processes.
pub(crate) struct Load {
    pub(crate) ledger: Mutex<Ledger>,
    pub(crate) sink: Sink,
    key: String,
    /// What each client waits between an answer and its next request.
    pause: Duration,
    /// Answers so far.
    answers: watch::Sender<usize>,
}

impl Load {
    /// As much as the clients can.
    pub(crate) fn new(sink: Sink, key: &str) -> Arc<Self> {
        Self::paced(sink, key, Duration::ZERO)
    }

    /// With a pause after each answer.
    pub(crate) fn paced(sink: Sink, key: &str, pause: Duration) -> Arc<Self> {
        Arc::new(Self { ledger: Mutex::default(), sink, key: key.to_owned(), pause, answers: watch::Sender::new(0) })
    }

    /// Starts the clients of one process. Each ends when its connection does.
    pub(crate) fn start(self: &Arc<Self>, address: SocketAddr, seed: u64) -> JoinSet<Result<(), Lost>> {
        let client = |number| self.clone().client(address, Dice::new(seed.wrapping_add(number)));
        (0..CONNECTIONS).map(client).collect()
    }

    /// Waits for one more answer.
    pub(crate) async fn next_answer(&self) {
        self.answers.subscribe().changed().await.unwrap();
    }

    /// Waits for so many more answers.
    pub(crate) async fn answers(&self, count: u64) {
        let mut answers = self.answers.subscribe();
        let enough = *answers.borrow() + usize::try_from(count).unwrap();
        answers.wait_for(|answers| *answers >= enough).await.unwrap();
    }

    /// Waits until the ledger satisfies `enough`.
    pub(crate) async fn until(&self, enough: impl Fn(&Ledger) -> bool) {
        self.answers.subscribe().wait_for(|_| self.with(|ledger| enough(ledger))).await.unwrap();
    }

    /// The way its connection ended; fine where the server said that it would.
    async fn client(self: Arc<Self>, address: SocketAddr, mut dice: Dice) -> Result<(), Lost> {
        let Some(mut client) = Client::connect(address, &self.key).await else { return Err(Lost::Silent) };
        while self.step(&mut client, &mut dice).await? {
            self.answers.send_modify(|answers| *answers += 1);
            if !self.pause.is_zero() {
                sleep(self.pause).await; // sets the load, and nothing waits for it
            }
        }
        Ok(())
    }

    /// One request; whether there may be another.
    async fn step(&self, client: &mut Client, dice: &mut Dice) -> Result<bool, Lost> {
        let choice = dice.below(100);
        let answer = if choice < 5
            && let Some(message) = self.with(|ledger| ledger.some_used(dice))
        {
            let answer = client.verify(message, &self.sink.code(message).unwrap()).await;
            self.with(|ledger| ledger.replayed(message, &answer));
            answer
        } else if choice < 50
            && let Some((message, code)) = self.open_code(dice)
        {
            let answer = client.verify(message, &code).await;
            self.with(|ledger| ledger.guessed(message, &answer));
            answer
        } else {
            let to = self.with(Ledger::recipient);
            let answer = client.send(&to).await;
            self.with(|ledger| ledger.sent(&answer));
            answer
        };
        answer.map(|answer| answer.stays)
    }

    /// A message whose code may still be good, if its code has come.
    fn open_code(&self, dice: &mut Dice) -> Option<(i64, String)> {
        let message = self.with(|ledger| ledger.take_open(dice))?;
        let code = self.sink.code(message);
        if code.is_none() {
            self.with(|ledger| ledger.give_back(message));
        }
        Some((message, code?))
    }

    /// Tries every used code once more.
    pub(crate) async fn replay_all(self: &Arc<Self>, address: SocketAddr) {
        let used: Vec<_> = self.with(|ledger| ledger.used.iter().copied().collect());
        let share = used.len() / usize::try_from(CONNECTIONS).unwrap() + 1;
        let mut clients: JoinSet<_> =
            used.chunks(share).map(|part| self.clone().replay(address, part.to_vec())).collect();
        while let Some(ended) = clients.join_next().await {
            ended.unwrap();
        }
    }

    async fn replay(self: Arc<Self>, address: SocketAddr, used: Vec<i64>) {
        let mut client = Client::connect(address, &self.key).await.unwrap();
        for message in used {
            let answer = client.verify(message, &self.sink.code(message).unwrap()).await;
            assert!(answer.is_ok(), "no answer from a server that runs");
            self.with(|ledger| ledger.replayed(message, &answer));
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Ledger) -> T) -> T {
        act(&mut self.ledger.lock().unwrap())
    }
}
