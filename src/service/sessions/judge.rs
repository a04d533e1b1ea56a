//! Judging a code that somebody sent back to a session.

use std::sync::Arc;

use super::{Judged, Session, Which, look::Found, recall::Remembered};
use crate::{
    core::{session::SessionState, verification::Guess},
    service::{Caller, Error, Service},
};

/// What is guessed, once it is known at which session; an error where the caller has no business with that one.
pub type CodeFor<'a> = &'a (dyn Fn(&Session) -> Result<String, Error> + Send + Sync);

impl Service {
    /// One guess at the code that counts; accepted once only.
    pub async fn judge(&self, caller: &Caller, which: &Which<'_>, code: CodeFor<'_>) -> Result<Judged, Error> {
        if let Some(remembered) = self.recall(caller.app, which)
            && let Some(judged) = self.judge_remembered(caller, remembered, code).await?
        {
            return Ok(judged);
        }
        // Seldom, and large: every call would be as large.
        Box::pin(self.judge_looked_up(caller, which, code)).await
    }

    async fn judge_looked_up(&self, caller: &Caller, which: &Which<'_>, code: CodeFor<'_>) -> Result<Judged, Error> {
        let found = self.find(caller.app, which).await?;
        let judged = self.judge_found(caller, found, code).await?;
        if judged.guess != Guess::Expired {
            return Ok(judged);
        }
        // It may have been sent again between our look and our guess.
        let newer = self.find(caller.app, which).await?;
        if newer.row.expires_at == judged.session.expires_at {
            Ok(judged)
        } else {
            self.judge_found(caller, newer, code).await
        }
    }

    /// `None` where nothing was compared, because the session is not any more what this node knows of it.
    async fn judge_remembered(
        &self,
        caller: &Caller,
        remembered: Arc<Remembered>,
        code: CodeFor<'_>,
    ) -> Result<Option<Judged>, Error> {
        let code = code(&remembered.session)?;
        let Some(answered) = self.guess(caller.app, remembered.aim(), &code, caller.address()).await? else {
            self.forget(&remembered);
            return Ok(None);
        };
        #[cfg(feature = "controls")]
        if let Some(judged) = self.parts().recall.believed(&remembered, answered) {
            return Ok(Some(judged));
        }
        let attempts = answered.attempts;
        let (state, left) = match answered.guess {
            Guess::Accepted => (SessionState::Verified { at: self.parts().clock.now() }, 0),
            Guess::Wrong { left: 0 } => (SessionState::Exhausted, 0),
            Guess::Wrong { left } => (SessionState::Pending, left),
            Guess::AlreadyVerified | Guess::Exhausted | Guess::Expired => {
                self.forget(&remembered);
                return Ok(None);
            }
        };
        self.parts().metrics.verified(Some(answered.guess));
        if answered.guess == Guess::Accepted {
            self.forget(&remembered); // it is over, and others may take its place
        }
        // The code may have been given fewer guesses than its policy says.
        let session = Arc::try_unwrap(remembered).map_or_else(|shared| Arc::clone(&shared.session), |own| own.session);
        let max_attempts = if state == SessionState::Pending { attempts + left } else { session.max_attempts };
        let session = Session { state, attempts, max_attempts, ..Arc::unwrap_or_clone(session) };
        Ok(Some(Judged { guess: answered.guess, session }))
    }

    async fn judge_found(&self, caller: &Caller, found: Found, code: CodeFor<'_>) -> Result<Judged, Error> {
        let code = code(&self.seen(&found))?;
        self.judge_at(caller, found, &code).await
    }

    pub(super) async fn judge_at(&self, caller: &Caller, mut found: Found, code: &str) -> Result<Judged, Error> {
        let answered = self.guess(caller.app, (found.row.message, found.row.slot != 0), code, caller.address()).await?;
        let guess = answered.map(|answered| answered.guess);
        self.parts().metrics.verified(guess);
        let answered = answered.ok_or(Error::NoVerification)?;
        found.row.attempts = answered.attempts;
        if answered.guess == Guess::Accepted {
            found.row.verified_at = Some(self.parts().clock.now());
        }
        Ok(Judged { guess: answered.guess, session: self.seen(&found) })
    }
}
