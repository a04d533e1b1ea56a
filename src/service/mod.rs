//! The use cases. They join core, store and channels, know no protocol, and fail with one closed error.

mod accept;
mod access;
mod admin;
mod admin_tokens;
mod billing;
mod callbacks;
mod caps;
mod conversion;
mod directory;
mod error;
mod first_outcomes;
mod handoff;
mod hooks;
mod ids;
mod keys;
mod life;
mod overview;
mod rates;
mod receipts;
mod refusals;
mod sealing;
mod send;
mod sessions;
mod spray;
mod templates;
mod verify;

use std::{collections::HashSet, sync::Arc, time::Duration};

use arc_swap::ArcSwap;

use crate::{
    channel::{Registry, web::Web},
    core::{
        callback::Format,
        caps::Caps,
        clock::{Clock, Timestamp},
        conversion::Conversion,
        entropy::Entropy,
        hook::HookFormat,
        keyring::KeyRing,
        ledger::Limits,
        price::Prices,
        spray::Spray,
    },
    metrics::Metrics,
    store::Store,
};

pub use crate::core::rate::{Charge, Count};
pub use crate::store::{AppUpdate, BlockedRow, KeyUpdate};

pub use access::{Caller, SecondLooks};
pub use admin_tokens::{AdminRefusal, FailedTries, NewAdminToken, subscriber};
pub use callbacks::{CallbackChange, CallbackError, CallbackSecrets, NEWS_PAGE, NewCallback, ToldLogins};
pub use conversion::LeftAlone;
pub use directory::Directory;
pub use error::{Cause, Error};
pub use first_outcomes::FirstOutcomes;
pub use handoff::{Handoff, Order, Orders, Ticket};
pub use hooks::{Hook, Hooks, Telling};
pub use ids::Ids;
pub use keys::{KeySummary, NewKey, NewSecret};
pub use life::{EventRow, Life, MessageRow, MessageState};
pub use overview::{ProviderSummary, Status};
pub use receipts::ReceiptQueue;
pub use send::{Receipt, SendCode, SendCustom, SendOwnCode};
pub use sessions::{
    Activity, Again, CodeFor, Compose, Draft, Happened, Judged, Outlook, OutlookKind, Page, Paged, Period, Recall,
    Seek, Session, SessionSpec, Tally, TallyRow, Try, TryResult, Which,
};
pub use spray::Sprayed;

/// What the use cases need to be told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether new templates may be used at once (spec 10, row 14).
    pub auto_approve: bool,
    /// Sender ids that callers may ask for (security C8).
    pub sender_ids: Vec<String>,
    /// What `{{pwa_url}}` begins with.
    pub pwa_base: Option<String>,
    /// Whether callbacks are told of failures that are not the last word on a message (spec 10, row 27).
    pub intermediate_failures: bool,
    /// How long a claimed delivery stays with its node.
    pub lease: Duration,
    /// The configured providers, for operators to see.
    pub providers: Vec<ProviderSummary>,
    /// What it costs to hand messages over.
    pub prices: Prices,
    /// What holds for a recipient whichever dialect sends.
    pub limits: Limits,
    /// What holds for an application over all its recipients.
    pub caps: Caps,
    /// How often its codes may be guessed at wrong.
    pub spray: Spray,
    /// How many of them have to come back from a country.
    pub conversion: Conversion,
    /// How long a caller waits for its first delivery, where the dialect says how that went.
    pub first_delivery: Duration,
    /// Deliveries that may wait before sends are refused (promise "back-pressure").
    pub outbox_limit: u64,
}

/// The parts that the use cases work with; cheap to clone.
#[derive(Clone)]
pub struct Service(Arc<Parts>);

/// See [`Service`].
pub struct Parts {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The server's keys.
    pub keys: ArcSwap<KeyRing>,
    /// Ids.
    pub ids: Arc<Ids>,
    /// The database.
    pub store: Store,
    /// What of it is kept in memory.
    pub directory: ArcSwap<Directory>,
    /// Applications that had nothing left when the balances were last looked at.
    pub spent_up: ArcSwap<HashSet<i64>>,
    /// Applications whose codes are guessed at too often.
    pub sprayed: Sprayed,
    /// Countries from which too few codes came back when that was last looked at.
    pub left_alone: ArcSwap<LeftAlone>,
    /// How often an unknown key makes us look for news.
    pub second_looks: SecondLooks,
    /// Wrong tokens of the management API, by address.
    pub failed_tries: FailedTries,
    /// Logins to it that callbacks were told of.
    pub told_logins: ToldLogins,
    /// The configured providers.
    pub registry: Arc<Registry>,
    /// The client for callbacks, and for whoever is told until they have taken it.
    pub web: Arc<Web>,
    /// Who is told once.
    pub hooks: Hooks,
    /// The dialect that words callbacks.
    pub callback_format: &'static dyn Format,
    /// The dialect that words what receivers named by a send are told.
    pub hook_format: &'static dyn HookFormat,
    /// Where accepted messages go.
    pub handoff: Handoff,
    /// Who waits for the first delivery of what.
    pub first_outcomes: FirstOutcomes,
    /// Sessions that were sent lately.
    pub recall: Recall,
    /// Receipts that wait to be written.
    pub receipts: ReceiptQueue,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// Settings.
    pub settings: Settings,
}

impl Service {
    /// From its parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The time that everything here goes by.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The parts, for the composition root and the worker.
    #[must_use]
    pub fn parts(&self) -> &Parts {
        &self.0
    }
}
