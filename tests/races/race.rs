//! One race: 64 callers behind a barrier, and what they were told.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::SliceRandom};
use tokio::{sync::Barrier, task::JoinSet};
use verifyd::{
    core::{
        channel::Channel,
        code::{Code, LeadingZero},
        id::MessageId,
        language::Language,
        ledger::Pace,
        params::Params,
        policy::{FirstDelivery, OnRepeat, Policy, Resend, SecretForm},
        recipient::Recipient,
    },
    service::{Caller, Error, SendCode, Service},
    store::batch::NewMessage,
};

use crate::place::Node;

pub(crate) const RACERS: usize = 64;
/// Guesses that are compared.
pub(crate) const LIMIT: u8 = 5;
/// Races that run side by side.
const ABREAST: usize = 8;

/// What the racers send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Right,
    Wrong,
    Mixed,
}

/// One of the nodes that racers go to in turn.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) service: Service,
    pub(crate) caller: Caller,
}

impl From<&Node> for Gate {
    fn from(node: &Node) -> Self {
        Self { service: node.service.clone(), caller: node.caller.clone() }
    }
}

/// What the racers were told, and how often that broke a promise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) accepted: usize,
    pub(crate) wrong: usize,
    pub(crate) refused: usize,
    pub(crate) failed: usize,
    pub(crate) violations: Vec<String>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.wrong += other.wrong;
        self.refused += other.refused;
        self.failed += other.failed;
        self.violations.extend(other.violations);
    }

    fn print(&self) {
        let Self { accepted, wrong, refused, failed, violations } = self;
        println!(
            "{accepted} accepted, {wrong} wrong, {refused} refused, {failed} failed; violations {}",
            violations.len()
        );
    }

    fn fail(&mut self, err: &Error) {
        self.failed += 1;
        println!("failed: {err:?}");
    }

    /// Notes a broken promise.
    fn must(&mut self, holds: bool, promise: &str) {
        if !holds {
            let Self { accepted, wrong, refused, failed, .. } = self;
            let told = format!("{promise}: {accepted} accepted, {wrong} wrong, {refused} refused, {failed} failed");
            self.violations.push(told);
        }
    }
}

/// Runs `rounds` races of guesses at fresh messages.
pub(crate) async fn guesses(gates: &[Gate], kind: Kind, rounds: usize, seed: u64) -> Tally {
    println!("{rounds} rounds of {RACERS} {kind:?} guesses through {} node(s), RACES_SEED={seed}", gates.len());
    let mut rng = StdRng::seed_from_u64(seed);
    let races: Vec<_> = (0..rounds).map(|_| codes(kind, &mut rng)).collect();
    let mut total = Tally::default();
    for abreast in races.chunks(ABREAST) {
        let races = abreast.iter().map(|(right, codes)| guess_race(gates, kind, right, codes));
        join_all(races).await.into_iter().for_each(|tally| total.add(tally));
    }
    total.print();
    total
}

/// The right code, and what the racers send.
fn codes(kind: Kind, rng: &mut StdRng) -> (String, Vec<String>) {
    let right: u32 = rng.random_range(100_000..1_000_000);
    let rights = match kind {
        Kind::Right => RACERS,
        Kind::Wrong => 0,
        Kind::Mixed => rng.random_range(1..RACERS),
    };
    let wrong = |n: usize| (right - 100_000 + 1 + u32::try_from(n).unwrap()) % 900_000 + 100_000;
    let mut codes: Vec<_> = (0..RACERS).map(|n| if n < rights { right } else { wrong(n) }.to_string()).collect();
    codes.shuffle(rng);
    (right.to_string(), codes)
}

async fn guess_race(gates: &[Gate], kind: Kind, right: &str, codes: &[String]) -> Tally {
    let gate = gates.first().unwrap();
    let message = plant(gate, right).await;
    let mut tally = burst(gates, message, codes).await;
    let limit = usize::from(LIMIT);
    match kind {
        Kind::Right => tally.must(tally.accepted == 1 && tally.refused == RACERS - 1, "one right code is accepted"),
        Kind::Wrong => {
            tally.must(tally.wrong == limit && tally.refused == RACERS - limit, "five wrong codes are compared");
            let late = gate.service.verify_code(&gate.caller, message, right).await;
            tally.must(matches!(late, Err(Error::GuessesUsedUp)), "the right code is too late");
        }
        Kind::Mixed => {
            let compared = tally.accepted + tally.wrong;
            tally.must(compared + tally.refused == RACERS, "every guess is answered");
            let ended = (tally.accepted == 1 && tally.wrong < limit) || (tally.accepted == 0 && tally.wrong == limit);
            tally.must(ended, "a right code or five wrong ones end it");
        }
    }
    tally
}

/// Accepts a message with this code, without delivering it.
pub(crate) async fn plant(gate: &Gate, code: &str) -> MessageId {
    let parts = gate.service.parts();
    let now = parts.clock.now();
    let id = MessageId(parts.ids.next(now).unwrap());
    let tag = parts.keys.load().tag(gate.caller.app, id, &Code::given(code), now);
    let message = NewMessage {
        id,
        app: gate.caller.app,
        template_id: "otp".into(),
        target: id.0,
        recipient: vec![],
        slot: None,
        channel: Channel::Sms,
        tag: Some(tag),
        max_attempts: LIMIT,
        created_at: now,
        expires_at: now + Duration::from_mins(5),
        custom_args: None,
        deliveries: vec![],
        country: None,
        caps: vec![],
        budget: None,
        session: None,
        replaces: None,
        address: None,
    };
    parts.store.writer().send(message, Box::new(|| ())).await.unwrap();
    id
}

async fn burst(gates: &[Gate], message: MessageId, codes: &[String]) -> Tally {
    let asks = codes.iter().zip(gates.iter().cycle()).map(|(code, gate)| {
        let (gate, code) = (gate.clone(), code.clone());
        async move { gate.service.verify_code(&gate.caller, message, &code).await }
    });
    let mut tally = Tally::default();
    for answer in at_once(asks).await {
        match answer {
            Ok(true) => tally.accepted += 1,
            Ok(false) => tally.wrong += 1,
            Err(Error::CodeUsed | Error::GuessesUsedUp) => tally.refused += 1,
            Err(err) => tally.fail(&err),
        }
    }
    tally
}

/// Runs `rounds` races of sends, each of one template to one new recipient.
pub(crate) async fn sends(gates: &[Gate], rounds: usize, seed: u64) -> Tally {
    println!("{rounds} rounds of {RACERS} sends through {} node(s), RACES_SEED={seed}", gates.len());
    let first: u32 = StdRng::seed_from_u64(seed).random_range(91_000_000..92_000_000);
    let mut total = Tally::default();
    for number in (first..).take(rounds) {
        let recipient = Recipient::parse(&format!("+65{number}")).unwrap();
        let asks = (0..RACERS).zip(gates.iter().cycle()).map(|(_, gate)| {
            let (gate, recipient) = (gate.clone(), recipient.clone());
            async move { gate.service.send_code(&gate.caller, &POLICY, otp(recipient)).await }
        });
        let mut tally = Tally::default();
        for answer in at_once(asks).await {
            match answer {
                Ok(_) => tally.accepted += 1,
                Err(Error::TooSoon { .. } | Error::OverLimit { .. }) => tally.refused += 1,
                Err(err) => tally.fail(&err),
            }
        }
        tally.must(tally.accepted == 1 && tally.refused == RACERS - 1, "one send holds the window");
        total.add(tally);
    }
    total.print();
    total
}

/// A code from the first template.
pub(crate) fn otp(recipient: Recipient) -> SendCode {
    SendCode {
        recipient,
        template: "otp".into(),
        language: Language::Default,
        params: Params::default(),
        custom_args: None,
    }
}

pub(crate) const POLICY: Policy = Policy {
    ttl: Duration::from_mins(5),
    max_guesses: LIMIT,
    pace: Pace { gap: Duration::ZERO, per_10_minutes: 0, per_hour: 0, per_day: 0 },
    on_repeat: OnRepeat::Refuse,
    resend: Resend::None,
    secret: SecretForm::Digest,
    first_delivery: FirstDelivery::Queue,
    leading_zero: LeadingZero::Forbidden,
    keep_after_end: Duration::from_hours(24),
};

/// Starts everything behind one barrier.
pub(crate) async fn at_once<T: Send + 'static>(
    asks: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let asks: Vec<_> = asks.collect();
    let barrier = Arc::new(Barrier::new(asks.len()));
    let mut racers = JoinSet::new();
    for ask in asks {
        let barrier = barrier.clone();
        racers.spawn(async move {
            barrier.wait().await;
            ask.await
        });
    }
    racers.join_all().await
}
