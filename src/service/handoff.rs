//! The short way from an accepted message to the worker: through memory, without asking the database again.
//!
//! A place in the queue is taken before the message is written, because a message with a place is written as claimed.

use tokio::sync::mpsc;

use crate::core::{clock::Timestamp, id::MessageId, plan::Plan};

/// A claimed delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The delivery.
    pub delivery: i64,
    /// The token it is claimed with.
    pub claim: i64,
    /// Its message.
    pub message: MessageId,
    /// Owner.
    pub app: i64,
}

/// One delivery to make.
pub struct Order {
    /// Which.
    pub ticket: Ticket,
    /// What goes where.
    pub plan: Plan,
    /// Which hop is next.
    pub hop: i16,
    /// Tries of this hop so far.
    pub attempt: i16,
    /// Nothing is handed over later.
    pub expires_at: Timestamp,
    /// From then on somebody else may claim it.
    pub claimed_until: Timestamp,
}

/// Where accepted messages go.
#[derive(Clone)]
pub struct Handoff(mpsc::Sender<Order>);

/// The worker's end.
pub type Orders = mpsc::Receiver<Order>;

/// A place in the queue.
pub(super) type Place = mpsc::OwnedPermit<Order>;

impl Handoff {
    /// A queue of `size` places.
    #[must_use]
    pub fn new(size: usize) -> (Self, Orders) {
        let (sender, orders) = mpsc::channel(size);
        (Self(sender), orders)
    }

    /// A place, if there is one; without, the message is written as unclaimed and found later.
    pub(super) fn place(&self) -> Option<Place> {
        self.0.clone().try_reserve_owned().ok()
    }
}
