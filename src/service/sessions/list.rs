//! Many sessions at once, for those who own them.

use crate::{
    core::{
        channel::Channel,
        clock::Timestamp,
        recipient::Recipient,
        session::{DeliveryState, SessionState},
    },
    service::{Caller, Error, Service, Session},
    store::SessionFilter,
};

/// What is looked for.
#[derive(Clone, Copy)]
pub struct Seek<'a> {
    /// Name of the dialect.
    pub dialect: &'static str,
    /// A part of the application; `None` for all that the caller owns.
    pub scope: Option<&'a str>,
    /// Whose.
    pub recipient: Option<&'a Recipient>,
    /// By which way.
    pub channel: Option<Channel>,
    /// When.
    pub period: Period,
}

/// A time; either end may be open.
#[derive(Clone, Copy, Debug, Default)]
pub struct Period {
    /// The first instant.
    pub from: Option<Timestamp>,
    /// The first one after it.
    pub to: Option<Timestamp>,
}

/// Which rows of many.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// How many.
    pub limit: u64,
    /// After how many.
    pub offset: u64,
}

/// One page.
pub struct Paged<T> {
    /// How many there are on all pages.
    pub total: u64,
    /// Those of this one.
    pub rows: Vec<T>,
}

impl<T> Default for Paged<T> {
    fn default() -> Self {
        Self { total: 0, rows: vec![] }
    }
}

/// How a session stands when the delivery of its message counts, too (AirTexts spec 2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// Its code can come back.
    Pending,
    /// It did, in time.
    Verified {
        /// When.
        at: Timestamp,
    },
    /// It did not.
    Expired,
    /// Too many wrong ones came, or the message will not arrive.
    Failed,
}

/// [`Outlook`] as something to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutlookKind {
    /// [`Outlook::Pending`]
    Pending,
    /// [`Outlook::Verified`]
    Verified,
    /// [`Outlook::Expired`]
    Expired,
    /// [`Outlook::Failed`]
    Failed,
}

impl OutlookKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Verified => "verified",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }
}

impl Session {
    /// How it stands when the delivery of its message counts, too.
    #[must_use]
    pub fn outlook(&self) -> Outlook {
        match self.state {
            SessionState::Verified { at } => Outlook::Verified { at },
            SessionState::Exhausted => Outlook::Failed,
            SessionState::Pending | SessionState::Expired if self.delivery == DeliveryState::Failed => Outlook::Failed,
            SessionState::Expired => Outlook::Expired,
            SessionState::Pending => Outlook::Pending,
        }
    }
}

impl Service {
    /// Sessions of the caller, the newest first.
    pub async fn sessions(
        &self,
        caller: &Caller,
        seek: &Seek<'_>,
        outlook: Option<OutlookKind>,
        page: Page,
    ) -> Result<Paged<Session>, Error> {
        let parts = self.parts();
        let now = parts.clock.now();
        let scopes = scopes(caller, seek);
        let filter = self.filter(caller, seek, scopes.as_deref());
        let outlook = outlook.map(|outlook| (outlook.word(), now));
        let (total, rows) = parts.store.sessions(&filter, outlook, (page.limit, page.offset)).await?;
        let rows = rows.into_iter().filter_map(|row| self.open_session(row)).map(|found| self.seen(&found)).collect();
        Ok(Paged { total, rows })
    }

    /// The same for the database.
    pub(super) fn filter<'a>(
        &self,
        caller: &Caller,
        seek: &Seek<'a>,
        scopes: Option<&'a [String]>,
    ) -> SessionFilter<'a> {
        SessionFilter {
            dialect: seek.dialect,
            app: caller.app,
            scopes,
            one: None,
            target: seek.recipient.map(|recipient| self.target(recipient)),
            channel: seek.channel,
            from: seek.period.from.map(|at| self.on_earth(at)),
            to: seek.period.to.map(|at| self.on_earth(at)),
        }
    }

    /// A time with both ends.
    pub(super) fn whole(&self, period: Period) -> (Timestamp, Timestamp) {
        let end = period.to.unwrap_or(Timestamp::from_millis(i64::MAX));
        (self.on_earth(period.from.unwrap_or_default()), self.on_earth(end))
    }

    /// There are no ids for the far future, nor for the time before 1970.
    pub(super) fn on_earth(&self, at: Timestamp) -> Timestamp {
        let end = Timestamp::from_millis(self.parts().clock.now().millis() + 1000);
        at.clamp(Timestamp::default(), end)
    }
}

/// The parts of the application that the caller may see; `None` for any.
pub(super) fn scopes(caller: &Caller, seek: &Seek<'_>) -> Option<Vec<String>> {
    match seek.scope {
        Some(scope) => Some(vec![scope.to_owned()]),
        None => caller.scopes().names().map(|names| names.map(str::to_owned).collect()),
    }
}
