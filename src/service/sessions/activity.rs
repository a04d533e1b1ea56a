//! What happened to sessions, and who guessed at their codes.

use super::list::{Page, Paged, Period, Seek, scopes};
use crate::{
    core::{channel::Channel, clock::Timestamp, recipient::Recipient},
    service::{Caller, Error, Service, Session},
    store::{ActivityRow, SessionFilter, TryRow},
};

/// One thing that happened to a session. It names a person: no `Debug`.
pub struct Activity {
    /// Rises with time.
    pub id: i64,
    /// The session, as callers know it.
    pub public_id: String,
    /// The part of the application.
    pub scope: String,
    /// Whose it is; `None` once that is forgotten.
    pub recipient: Option<Recipient>,
    /// By which way.
    pub channel: Channel,
    /// What.
    pub event: Happened,
    /// Why, where somebody said so.
    pub detail: Option<String>,
    /// Address of the caller that caused it.
    pub address: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What can happen to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// A provider took its first message.
    Sent,
    /// A provider took a later one.
    Resent,
    /// A message arrived.
    Delivered,
    /// One did not.
    DeliveryFailed,
    /// The right code came.
    Verified,
    /// A wrong one came.
    VerifyFailed,
    /// Its time ran out.
    Expired,
    /// A wrong code came, and was the last that it took.
    Locked,
}

impl Happened {
    const ALL: [Self; 8] = [
        Self::Sent,
        Self::Resent,
        Self::Delivered,
        Self::DeliveryFailed,
        Self::Verified,
        Self::VerifyFailed,
        Self::Expired,
        Self::Locked,
    ];

    /// The word of the store.
    const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Resent => "resent",
            Self::Delivered => "delivered",
            Self::DeliveryFailed => "delivery_failed",
            Self::Verified => "verified",
            Self::VerifyFailed => "verify_failed",
            Self::Expired => "expired",
            Self::Locked => "locked",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.word() == word)
    }
}

/// A guess that was compared.
#[derive(Clone, Debug)]
pub struct Try {
    /// From 1, the oldest first.
    pub number: u64,
    /// What came of it.
    pub result: TryResult,
    /// Address of the caller.
    pub address: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What came of a guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryResult {
    /// It was wrong.
    Wrong,
    /// It was wrong, and the last one.
    Last,
    /// It was right.
    Right,
}

impl Service {
    /// What happened to sessions of the caller, the newest first; to one of them, or only what is of one kind.
    pub async fn activity(
        &self,
        caller: &Caller,
        seek: &Seek<'_>,
        (public_id, event): (Option<&str>, Option<Happened>),
        page: Page,
    ) -> Result<Paged<Activity>, Error> {
        let parts = self.parts();
        let now = parts.clock.now();
        let one = public_id.map(|public_id| Some((self.session_of(public_id)?, public_id)));
        if one == Some(None) {
            return Ok(Paged::default()); // no id of ours
        }
        let scopes = scopes(caller, seek);
        let (from, to) = self.whole(seek.period);
        // Of a session that began before the time that is asked for something may have happened in it.
        let filter = SessionFilter { one: one.flatten(), from: None, ..self.filter(caller, seek, scopes.as_deref()) };
        let (word, page) = (event.map(Happened::word), (page.limit, page.offset));
        let (total, rows) = parts.store.activity(&filter, (from, to, now), word, page).await?;
        Ok(Paged { total, rows: rows.into_iter().filter_map(|row| self.happened(row)).collect() })
    }

    fn happened(&self, row: ActivityRow) -> Option<Activity> {
        let recipients = self.open_recipients(row.message, &row.recipient);
        Some(Activity {
            id: row.id,
            event: Happened::parse(&row.happened)?,
            recipient: recipients.and_then(|recipients| recipients.into_iter().next()),
            public_id: row.public_id,
            scope: row.scope,
            channel: row.channel,
            detail: row.detail,
            address: row.address,
            at: row.at,
        })
    }

    /// The guesses that were compared for a session, the newest first.
    pub async fn tries(&self, session: &Session, period: Period, page: Page) -> Result<Paged<Try>, Error> {
        let found = self.parts().store.tries(session.id, self.whole(period), (page.limit, page.offset)).await?;
        Ok(Paged { total: found.0, rows: found.1.into_iter().map(Try::from).collect() })
    }
}

impl From<TryRow> for Try {
    fn from(row: TryRow) -> Self {
        let result = match Happened::parse(&row.happened) {
            Some(Happened::Verified) => TryResult::Right,
            Some(Happened::Locked) => TryResult::Last,
            _ => TryResult::Wrong,
        };
        Self { number: u64::try_from(row.number).unwrap_or(0), result, address: row.address, at: row.at }
    }
}
