//! Judging a code that somebody sent back.

use std::net::IpAddr;

use super::{Caller, Cause, Error, Service};
use crate::{
    core::{access::Permission, id::MessageId, verification::Guess},
    store::batch::{Attempt, GuessOutcome},
};

impl Service {
    /// Whether `code` is the right one for `message`; true once only.
    ///
    /// One conditional statement decides, in the order of spec 3.5; everything after is a matter of words.
    pub async fn verify_code(&self, caller: &Caller, message: MessageId, code: &str) -> Result<bool, Error> {
        caller.need(Permission::Verify)?;
        let guess = self.guess(caller.app, (message, false), code, None).await?.map(|answered| answered.guess);
        self.parts().metrics.verified(guess);
        match guess {
            None => Err(Error::NoVerification),
            Some(Guess::Accepted) => Ok(true),
            Some(Guess::Wrong { .. }) => Ok(false),
            Some(Guess::AlreadyVerified) => Err(Error::CodeUsed),
            Some(Guess::Exhausted) => Err(Error::GuessesUsedUp),
            Some(Guess::Expired) => Err(Error::CodeExpired),
        }
    }

    /// One guess at a message, judged and written; who asked for it counts it. With it goes whether the message's window leads to its
    /// recipient's newest session.
    pub(super) async fn guess(
        &self,
        app: i64,
        (message, leads): (MessageId, bool),
        code: &str,
        address: Option<IpAddr>,
    ) -> Result<GuessOutcome, Error> {
        let parts = self.parts();
        let now = parts.clock.now();
        let tags = parts.keys.load().tags(app, message, code, now);
        let newest = tags.first().copied().ok_or_else(|| Cause::Id("the key ring is empty".into()))?;
        let tags = [newest, tags.get(1).copied().unwrap_or(newest)];
        let attempt = Attempt { id: parts.ids.next(now)?, message, app, leads, tags, address };
        let outcome = parts.store.writer().guess(attempt).await?;
        if outcome.is_some_and(|answered| matches!(answered.guess, Guess::Wrong { .. })) {
            self.note_wrong_guess(app).await;
        }
        Ok(outcome)
    }
}
