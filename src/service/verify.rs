//! Judging a code that somebody sent back.

use super::{Caller, Cause, Error, Service};
use crate::{
    core::{access::Permission, id::MessageId, verification::Guess},
    store::batch::Attempt,
};

impl Service {
    /// Whether `code` is the right one for `message`; true once only.
    ///
    /// One conditional statement decides, in the order of spec 3.5; everything after is a matter of words.
    pub async fn verify_code(&self, caller: &Caller, message: MessageId, code: &str) -> Result<bool, Error> {
        caller.need(Permission::Verify)?;
        let parts = self.parts();
        let now = parts.clock.now();
        let tags = parts.keys.load().tags(caller.app, message, code, now);
        let newest = tags.first().copied().ok_or_else(|| Cause::Id("the key ring is empty".into()))?;
        let tags = [newest, tags.get(1).copied().unwrap_or(newest)];
        let attempt = Attempt { id: parts.ids.next(now)?, message, app: caller.app, tags };
        let outcome = parts.store.writer().guess(attempt).await?;
        parts.metrics.verified(outcome);
        match outcome {
            None => Err(Error::NoVerification),
            Some(Guess::Accepted) => Ok(true),
            Some(Guess::Wrong { .. }) => Ok(false),
            Some(Guess::AlreadyVerified) => Err(Error::CodeUsed),
            Some(Guess::Exhausted) => Err(Error::GuessesUsedUp),
            Some(Guess::Expired) => Err(Error::CodeExpired),
        }
    }
}
