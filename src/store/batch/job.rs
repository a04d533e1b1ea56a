//! What can be asked of the writer.

use std::net::IpAddr;

use tokio::sync::oneshot;

use crate::{
    core::{
        caps::Counted,
        channel::Channel,
        clock::Timestamp,
        event::EventKind,
        id::MessageId,
        keyring::Tag,
        ledger::{Limits, Pace},
        money::Usd,
        refusal::Refusal,
        verification::Guess,
    },
    store::StoreError,
};

/// A message to accept, with what has to be delivered for it.
#[derive(Clone)]
pub struct NewMessage {
    /// Its id.
    pub id: MessageId,
    /// Owner.
    pub app: i64,
    /// Name of the template it was made from.
    pub template_id: String,
    /// Keyed digest of the recipient.
    pub target: i64,
    /// The recipients and what else goes with them, encrypted.
    pub recipient: Vec<u8>,
    /// The send window it wants to hold (spec 10, row 10), if its kind has one.
    pub slot: Option<i64>,
    /// First channel.
    pub channel: Channel,
    /// Keyed digest of the code, where the server verifies it.
    pub tag: Option<Tag>,
    /// Wrong guesses that end the code.
    pub max_attempts: u8,
    /// Accepted at.
    pub created_at: Timestamp,
    /// First instant at which the code is dead.
    pub expires_at: Timestamp,
    /// JSON object to echo in callbacks.
    pub custom_args: Option<String>,
    /// One per recipient.
    pub deliveries: Vec<NewDelivery>,
    /// The country for which its coming back is counted.
    pub country: Option<&'static str>,
    /// The windows it counts in, each once.
    pub caps: Vec<Counted>,
    /// The limits of its recipient, where they apply.
    pub budget: Option<Budget>,
    /// The session that it is sent for.
    pub session: Option<NewSession>,
    /// The message that it takes the place of.
    pub replaces: Option<Replaced>,
    /// Where the caller is, for those who may ask later.
    pub address: Option<IpAddr>,
}

/// What holds for the recipient of a message. How many guesses it really gets is decided when it is written.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Keyed digest of the recipient.
    pub key: i64,
    /// Guesses that are asked for; 0 for a code that is not judged here.
    pub tries: u8,
    /// Whichever dialect sends.
    pub limits: Limits,
    /// Of this dialect.
    pub pace: Pace,
    /// What of the application keeps that pace by itself.
    pub scope: Option<i64>,
    /// The version of the ledger that it is written with; the writer's business.
    pub version: i64,
}

/// A message whose code ends when another is written in its place.
#[derive(Clone, Copy, Debug)]
pub struct Replaced {
    /// Which; it must not have been verified.
    pub message: MessageId,
    /// Whose guesses count on, and how many were compared so far. Mostly of the same message; another one's code is over, so
    /// that none comes to them.
    pub counted: Option<(MessageId, u8)>,
}

/// The session of a message: made with its first one, led on to each that follows.
#[derive(Clone)]
pub struct NewSession {
    /// Id of its first message.
    pub id: i64,
    /// Name of the dialect.
    pub dialect: String,
    /// The id that callers know.
    pub public_id: String,
    /// Part of the application that the caller named.
    pub scope: String,
    /// Keyed digest of dialect, application, scope and recipient.
    pub slot: i64,
    /// SHA-256 of the token of its link.
    pub link: Option<Vec<u8>>,
}

/// One recipient's share of a new message.
#[derive(Clone)]
pub struct NewDelivery {
    /// Its id; also the id of the `plan` event.
    pub id: i64,
    /// The delivery plan, encrypted.
    pub body: Vec<u8>,
    /// Token of whoever delivers it first.
    pub claim: i64,
    /// When anybody may claim it.
    pub due_at: Timestamp,
}

/// What became of a new message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// On disk.
    Accepted,
    /// Refused: an earlier message holds the window, or the message to be replaced is not what it was.
    WindowHeld,
    /// Refused: by a cap, or by a limit of its recipient.
    OverLimit(Refusal),
}

/// One guess at a code.
#[derive(Clone)]
pub struct Attempt {
    /// Id of the event it makes.
    pub id: i64,
    /// The message.
    pub message: MessageId,
    /// Owner; another's message is as good as none.
    pub app: i64,
    /// Whether its send window is the way to its recipient's newest session, and stays behind (`store/windows.rs`).
    pub leads: bool,
    /// Digests of the guess under the newest key and the one before.
    pub tags: [Tag; 2],
    /// Where the caller is, for those who may ask later.
    pub address: Option<IpAddr>,
}

/// What became of a guess; `None` when there is no such message to verify.
pub type GuessOutcome = Option<Answered>;

/// A guess at a message that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// What it led to.
    pub guess: Guess,
    /// Guesses that were compared by now, with this one if it was.
    pub attempts: u8,
}

/// How a delivery went.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The delivery.
    pub delivery: i64,
    /// The token it was claimed with; a stale one changes nothing.
    pub claim: i64,
    /// Its message.
    pub message: MessageId,
    /// Owner.
    pub app: i64,
    /// What to do with the delivery.
    pub step: Step,
    /// What happened, in its order.
    pub events: Vec<NewEvent>,
    /// What a provider took and will report on.
    pub hand_over: Option<HandOver>,
}

/// A hand-over that receipts may be about.
#[derive(Clone, Debug)]
pub struct HandOver {
    /// Keyed digest of the provider's name and its reference.
    pub key: i64,
    /// Which hop of the plan it was.
    pub hop: i16,
    /// Channel of that hop.
    pub channel: Channel,
    /// Name of the provider.
    pub provider: String,
}

/// What is next for a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing is left to do; the body is erased.
    Done,
    /// It is given up; the body is erased, and the send window ends unless a provider still has it.
    GiveUp,
    /// It is tried again, by this hop or a later one.
    Retry {
        /// The hop of the plan that is next.
        hop: i16,
        /// Tries of that hop so far.
        attempt: i16,
        /// When.
        due_at: Timestamp,
    },
}

/// A step in a message's life, to be written with the change that caused it.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Snowflake.
    pub id: i64,
    /// What happened.
    pub kind: EventKind,
    /// On which channel.
    pub channel: Option<Channel>,
    /// Name of the provider.
    pub provider: Option<String>,
    /// Which try of this channel it was, from 1.
    pub attempt: i16,
    /// 50xx of spec 2.1, 0 for none.
    pub error_code: i16,
    /// Reason or reference, free of recipient and code.
    pub detail: Option<String>,
    /// What it cost.
    pub cost: Option<Usd>,
}

/// Whom the answer goes to.
pub type Reply<T> = oneshot::Sender<Result<T, StoreError>>;
/// Where it comes.
pub type Answer<T> = oneshot::Receiver<Result<T, StoreError>>;

/// What is to happen when a message has been accepted, whether its sender still listens or not. It is given the reply, to say
/// so at once or later.
pub(super) type OnAccepted = Box<dyn FnOnce(Reply<SendOutcome>) + Send>;

/// A send, and who is to hear of it.
pub(super) struct Sender {
    pub(super) reply: Reply<SendOutcome>,
    pub(super) on_accepted: OnAccepted,
}

pub(super) enum Job {
    Send(Box<NewMessage>, Sender),
    Guess(Attempt, Reply<GuessOutcome>),
    Settle(Box<Settlement>, Reply<()>),
}

impl Job {
    /// Whether its caller has gone or waited too long. What became of a delivery is written down all the same.
    pub(super) fn is_abandoned(&self) -> bool {
        match self {
            Self::Send(_, sender) => sender.reply.is_closed(),
            Self::Guess(_, reply) => reply.is_closed(),
            Self::Settle(..) => false,
        }
    }
}
