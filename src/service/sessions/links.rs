//! Verifying by a link: whoever has its token has the code.

use super::{
    Session,
    begin::link_digest,
    look::{Found, state},
};
use crate::{
    core::{session::SessionState, verification::Guess},
    service::{Caller, Error, Service},
};

impl Service {
    /// The session of a link that can still be followed; nothing changes.
    pub async fn peek_link(&self, dialect: &'static str, token: &str) -> Result<Session, Error> {
        let found = self.linked(dialect, token).await?;
        Ok(self.seen(&found))
    }

    /// Verifies by a link, once.
    pub async fn follow_link(&self, caller: &Caller, dialect: &'static str, token: &str) -> Result<Session, Error> {
        let found = self.linked(dialect, token).await?;
        if found.row.app != caller.app {
            return Err(Error::NoVerification);
        }
        let code = found.details.code.clone().ok_or(Error::NoVerification)?;
        let judged = self.judge_at(caller, found, &code).await?;
        match judged.guess {
            Guess::Accepted => Ok(judged.session),
            Guess::AlreadyVerified => Err(Error::CodeUsed),
            Guess::Expired => Err(Error::CodeExpired),
            Guess::Exhausted | Guess::Wrong { .. } => Err(Error::GuessesUsedUp),
        }
    }

    async fn linked(&self, dialect: &'static str, token: &str) -> Result<Found, Error> {
        let session = self.parts().keys.load().session_ids().session_of_token(token).ok_or(Error::NoVerification)?;
        let row = self.parts().store.session_by_link(dialect, (session, &link_digest(token))).await?;
        let found = row.and_then(|row| self.open_session(row)).ok_or(Error::NoVerification)?;
        match state(&found.row, self.parts().clock.now()) {
            SessionState::Pending => Ok(found),
            SessionState::Verified { .. } => Err(Error::CodeUsed),
            SessionState::Expired => Err(Error::CodeExpired),
            SessionState::Exhausted => Err(Error::GuessesUsedUp),
        }
    }
}
