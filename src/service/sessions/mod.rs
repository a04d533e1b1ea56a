//! Verifications that can be sent again and asked about, under ids that their dialect gives out.
//!
//! Every code sent for one is a message of its own; the session leads to the one that counts. What a dialect does with them is
//! its [`Policy`].

mod activity;
mod again;
mod begin;
#[cfg(feature = "controls")]
mod control;
mod details;
mod judge;
mod links;
mod list;
mod look;
mod recall;
mod tallies;
mod write;

use std::time::Duration;

use serde_json::{Map, Value};

use crate::core::{
    channel::Channel,
    clock::Timestamp,
    code::CodeSpec,
    plan::Content,
    policy::Policy,
    recipient::Recipient,
    session::{DeliveryState, SessionState},
    session_ids::IdForm,
    verification::Guess,
};

pub use activity::{Activity, Happened, Try, TryResult};
pub use judge::CodeFor;
pub use list::{Outlook, OutlookKind, Page, Paged, Period, Seek};
pub use recall::Recall;
pub use tallies::{Tally, TallyRow};

/// What a session is begun with.
pub struct SessionSpec<'a> {
    /// Name of the dialect.
    pub dialect: &'static str,
    /// What the id looks like under which callers know it.
    pub id_form: IdForm,
    /// A part of the application that the caller names, else empty.
    pub scope: &'a str,
    /// To whom.
    pub recipient: Recipient,
    /// By which way.
    pub channel: Channel,
    /// What the code looks like.
    pub spec: CodeSpec,
    /// How the dialect's codes behave.
    pub policy: &'a Policy,
    /// Sender id, where the caller names one.
    pub sender: Option<String>,
    /// Language tag of the text.
    pub language: String,
    /// What the text is called, for operators.
    pub template: &'a str,
    /// Whether the message carries a link with a token of 256 bits.
    pub with_link: bool,
    /// What the dialect wants back with the session; kept encrypted.
    pub extra: Map<String, Value>,
    /// Writes the message.
    pub compose: Compose<'a>,
}

/// Writes a message from a draft.
pub type Compose<'a> = &'a (dyn Fn(&Draft<'_>) -> Content + Send + Sync);

/// What a message is written from.
pub struct Draft<'a> {
    /// The code.
    pub code: &'a str,
    /// The token of the link.
    pub link_token: Option<&'a str>,
    /// How long the code lives from now on.
    pub life: Duration,
    /// To whom it goes.
    pub recipient: &'a Recipient,
    /// Sender id, where the caller named one.
    pub sender: Option<&'a str>,
    /// Language tag.
    pub language: &'a str,
    /// What the dialect keeps with the session.
    pub extra: &'a Map<String, Value>,
}

/// What changes when a session is sent again; `None` leaves it as it is.
pub struct Again<'a> {
    /// By which way.
    pub channel: Option<Channel>,
    /// Sender id.
    pub sender: Option<String>,
    /// Language tag.
    pub language: Option<String>,
    /// Writes the message.
    pub compose: Compose<'a>,
}

/// Which session.
#[derive(Clone, Copy)]
pub enum Which<'a> {
    /// By its id.
    Id {
        /// Name of the dialect.
        dialect: &'static str,
        /// The id that callers know.
        public_id: &'a str,
    },
    /// The newest of a recipient.
    Newest {
        /// Name of the dialect.
        dialect: &'static str,
        /// The part of the application.
        scope: &'a str,
        /// Whose.
        recipient: &'a Recipient,
    },
}

/// A session as its owner may see it. It names a person: no `Debug`.
#[derive(Clone)]
pub struct Session {
    /// Id of its first message.
    pub id: i64,
    /// The id that callers know.
    pub public_id: String,
    /// The part of the application.
    pub scope: String,
    /// To whom; `None` once that is forgotten.
    pub recipient: Option<Recipient>,
    /// The way of its last message.
    pub channel: Channel,
    /// How it stands.
    pub state: SessionState,
    /// How its last message fared.
    pub delivery: DeliveryState,
    /// Begun at.
    pub created_at: Timestamp,
    /// Sent last at.
    pub sent_at: Timestamp,
    /// First instant at which its code is dead.
    pub expires_at: Timestamp,
    /// Guesses that were compared.
    pub attempts: u8,
    /// Guesses that would have been.
    pub max_attempts: u8,
    /// How often it was sent again.
    pub resends: u8,
    /// Characters of its code.
    pub code_length: u8,
    /// Sender id, where the caller named one.
    pub sender: Option<String>,
    /// Language tag of its last message.
    pub language: String,
    /// What the dialect kept with it.
    pub extra: Map<String, Value>,
}

/// One guess.
pub struct Judged {
    /// What came of it.
    pub guess: Guess,
    /// The session after it.
    pub session: Session,
}
