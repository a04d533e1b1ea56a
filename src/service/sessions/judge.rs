//! Judging a code that somebody sent back to a session.

use super::{Judged, Which, look::Found};
use crate::{
    core::verification::Guess,
    service::{Caller, Error, Service},
};

impl Service {
    /// One guess at the code that counts; accepted once only.
    pub async fn judge(&self, caller: &Caller, which: &Which<'_>, code: &str) -> Result<Judged, Error> {
        let found = self.find(caller.app, which).await?;
        let judged = self.judge_at(caller, found, code).await?;
        if judged.guess != Guess::Expired {
            return Ok(judged);
        }
        // It may have been sent again between our look and our guess.
        let newer = self.find(caller.app, which).await?;
        if newer.row.expires_at == judged.session.expires_at {
            Ok(judged)
        } else {
            self.judge_at(caller, newer, code).await
        }
    }

    pub(super) async fn judge_at(&self, caller: &Caller, mut found: Found, code: &str) -> Result<Judged, Error> {
        let outcome = self.guess(caller.app, found.row.message, code, caller.address()).await?;
        let guess = outcome.ok_or(Error::NoVerification)?;
        let row = &mut found.row;
        match guess {
            Guess::Accepted => {
                row.verified_at = Some(self.parts().clock.now());
                row.attempts = row.attempts.saturating_add(1);
            }
            Guess::Wrong { left } => row.attempts = row.max_attempts.saturating_sub(left),
            Guess::Exhausted => row.attempts = row.max_attempts,
            Guess::AlreadyVerified | Guess::Expired => {}
        }
        Ok(Judged { guess, session: self.seen(&found) })
    }
}
