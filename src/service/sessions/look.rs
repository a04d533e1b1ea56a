//! Finding a session, and seeing how it stands.

use std::time::Duration;

use super::{Session, Which, details::Details};
use crate::{
    core::{
        clock::Timestamp,
        recipient::Recipient,
        session::SessionState,
        verification::{Guess, State, Verification},
    },
    service::{Caller, Error, Service, directory::first_eight},
    store::SessionRow,
};

/// How long a session can be asked about after its end (the specifications' `keep_after_end`).
const KEPT: Duration = Duration::from_hours(24);

/// A session as it was read.
pub(super) struct Found {
    pub(super) row: SessionRow,
    pub(super) recipient: Recipient,
    pub(super) details: Details,
}

impl Service {
    /// A session of the caller's application.
    pub async fn session(&self, caller: &Caller, which: &Which<'_>) -> Result<Session, Error> {
        let found = self.find(caller.app, which).await?;
        Ok(self.seen(&found))
    }

    /// What a dialect is to forget, or never knew, is not there.
    pub(super) async fn find(&self, app: i64, which: &Which<'_>) -> Result<Found, Error> {
        self.found(app, which).await?.ok_or(Error::NoVerification)
    }

    pub(super) async fn found(&self, app: i64, which: &Which<'_>) -> Result<Option<Found>, Error> {
        let store = &self.parts().store;
        let row = match which {
            Which::Id { dialect, public_id } => match self.session_of(public_id) {
                Some(id) => store.session(app, dialect, (id, public_id)).await?,
                None => None,
            },
            Which::Newest { dialect, scope, recipient } => {
                store.newest_session(app, self.session_slot(app, dialect, scope, recipient)).await?
            }
        };
        let known = row.filter(|row| row.verified_at.unwrap_or(row.expires_at) + KEPT > self.parts().clock.now());
        Ok(known.and_then(|row| self.open_session(row)))
    }

    /// Where the session of that id is, if there is one.
    pub(super) fn session_of(&self, public_id: &str) -> Option<i64> {
        self.parts().keys.load().session_ids().session_of(public_id)
    }

    pub(super) fn open_session(&self, row: SessionRow) -> Option<Found> {
        let (recipient, details) = self.open_details(row.message, &row.recipient)?;
        Some(Found { row, recipient, details })
    }

    /// The digest of whom a session is for: its sends take turns there. Of the address as it is spelt: two of them may be two
    /// people's, and what one was sent must not verify the other.
    pub(super) fn session_slot(&self, app: i64, dialect: &str, scope: &str, recipient: &Recipient) -> i64 {
        let of = [&app.to_be_bytes()[..], dialect.as_bytes(), scope.as_bytes(), recipient.as_str().as_bytes()];
        match first_eight(&self.parts().keys.load().digest("session", &of)) {
            0 => 1, // 0 stands for none
            slot => slot,
        }
    }

    /// The session as its owner may see it.
    pub(super) fn seen(&self, found: &Found) -> Session {
        let (row, details) = (&found.row, &found.details);
        Session {
            id: row.id,
            public_id: row.public_id.clone(),
            scope: row.scope.clone(),
            recipient: Some(found.recipient.clone()),
            channel: row.channel,
            state: state(row, self.parts().clock.now()),
            delivery: row.delivery,
            created_at: row.created_at,
            sent_at: row.sent_at,
            expires_at: row.expires_at,
            attempts: row.attempts,
            max_attempts: row.max_attempts,
            resends: row.resends,
            code_length: details.spec.length,
            sender: details.sender.clone(),
            language: details.language.clone(),
            extra: details.extra.clone(),
        }
    }
}

/// How the code of the last message stands.
pub(super) fn state(row: &SessionRow, now: Timestamp) -> SessionState {
    let state = row.verified_at.map_or(State::Pending { wrong_guesses: row.attempts }, |at| State::Verified { at });
    let code = Verification { expires_at: row.expires_at, max_guesses: row.max_attempts, state };
    match (state, code.refusal(now)) {
        (State::Verified { at }, _) => SessionState::Verified { at },
        (State::Pending { .. }, Some(Guess::Exhausted)) => SessionState::Exhausted,
        (State::Pending { .. }, Some(_)) => SessionState::Expired,
        (State::Pending { .. }, None) => SessionState::Pending,
    }
}
