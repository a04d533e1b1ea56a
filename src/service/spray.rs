//! Wrong guesses at an application's codes, counted over all recipients. The node that counts the one too many makes no more
//! codes from then on; every other one knows with the next wrong guess that it sees itself.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{Charge, Error, Service, billing::before};
use crate::core::{
    channel::Channel,
    clock::Timestamp,
    recipient::Recipient,
    refusal::{Refusal, Rule},
    spray::Spray,
};

const DAY: Duration = Duration::from_hours(24);

/// Applications whose codes were guessed at more often than an idle one's may be.
#[derive(Default)]
pub struct Sprayed(Mutex<HashMap<i64, Standing>>);

/// How one of them stood when its codes were last counted, which costs a look at all of a day.
#[derive(Clone, Copy)]
struct Standing {
    /// Wrong guesses at which they are counted again, or of which it had too many.
    allowed: u32,
    stopped: bool,
    /// When its window ends.
    until: Timestamp,
}

impl Sprayed {
    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Standing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, app: i64, now: Timestamp) -> Option<Standing> {
        self.lock().get(&app).copied().filter(|standing| now < standing.until)
    }
}

impl Service {
    /// Notes a wrong guess. The guess has been judged: what goes wrong here is not its caller's matter.
    pub(super) async fn note_wrong_guess(&self, app: i64) {
        if self.parts().settings.spray == Spray::default() {
            return;
        }
        if let Err(err) = self.count_wrong_guess(app).await {
            tracing::warn!(%err, app, "a wrong guess was not counted for its application");
        }
    }

    async fn count_wrong_guess(&self, app: i64) -> Result<(), Error> {
        let parts = self.parts();
        let Spray { alarm, stop } = parts.settings.spray;
        // Without a limit nothing is counted ahead: the alarm is for one certain number.
        let charge = Charge { rule: Rule::AppGuesses.as_str(), subject: &[&app.to_be_bytes()], limit: 0, window: DAY };
        for count in self.charge(&[charge]).await? {
            if count.used == alarm {
                parts.metrics.alarm("app_guesses");
                tracing::warn!(app, wrong = count.used, "an application's codes are guessed at unusually often");
            }
            if stop > 0 && count.used >= stop {
                self.judge_spray(app, count.used, count.resets_at).await?;
            }
        }
        Ok(())
    }

    /// Decides whether it were too many. Codes are counted only when the last count allows no more.
    async fn judge_spray(&self, app: i64, wrong: u32, until: Timestamp) -> Result<(), Error> {
        let parts = self.parts();
        let now = parts.clock.now();
        if parts.sprayed.of(app, now).is_some_and(|standing| standing.stopped || wrong < standing.allowed) {
            return Ok(());
        }
        let codes = parts.store.codes_since(before(now, DAY), app).await?;
        let allowed = parts.settings.spray.allowed(codes);
        let stopped = wrong >= allowed;
        parts.sprayed.lock().insert(app, Standing { allowed, stopped, until });
        if stopped {
            parts.metrics.alarm("app_guesses_stop");
            let until = until.rfc3339();
            tracing::error!(app, wrong, allowed, until, "an application's codes are guessed at: no more are made");
        }
        Ok(())
    }

    /// Says no to an application whose codes were guessed at too often.
    pub(super) fn check_spray(&self, app: i64, recipient: Option<&Recipient>, channel: Channel) -> Result<(), Error> {
        let parts = self.parts();
        let standing = parts.sprayed.of(app, parts.clock.now()).filter(|standing| standing.stopped);
        let Some(Standing { allowed, until, .. }) = standing else { return Ok(()) };
        let refusal = Refusal { rule: Rule::AppGuesses, used: allowed, limit: allowed, lifts_at: Some(until) };
        Err(self.over_limit(app, (recipient, channel), &refusal))
    }
}
