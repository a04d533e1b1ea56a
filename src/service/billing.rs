//! What applications spend, and what their operators are told of it (spec 8.7, 8.10).

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use super::{Error, Service, directory::first_eight};
use crate::{
    core::{
        access::App,
        callback::{Notice, Topic},
        clock::Timestamp,
        money::Usd,
        plan::Hop,
        recipient::Recipient,
        template::MAX_TTL,
    },
    store::{AppUpdate, BalanceRow, RateRow},
};

/// Codes count whose lives ended within that time.
const WINDOW: Duration = Duration::from_hours(1);
/// Fewer codes than this tell nothing.
const CODES: i64 = 20;
/// Milliseconds of a clock hour, in which a low rate is told once.
const HOUR: i64 = 3_600_000;

impl Service {
    /// What handing over this hop costs, where there is a price.
    #[must_use]
    pub fn cost(&self, recipient: &Recipient, hop: &Hop) -> Option<Usd> {
        self.parts().settings.prices.cost(hop.channel, recipient, &hop.content)
    }

    /// Changes what an application is held to. The application, or `None` when there is none of that id.
    pub async fn change_app(&self, id: i64, update: AppUpdate) -> Result<Option<App>, Error> {
        if update.verification_rate_alert.flatten().is_some_and(|percent| !(1..=100).contains(&percent)) {
            return Err(Error::Invalid("verification_rate_alert must be 1 to 100 percent".into()));
        }
        let known = self.parts().store.change_app(id, update).await?;
        self.reload().await?;
        self.look_at_balances().await?; // what this node knows of it must not be older than the answer
        Ok(if known { self.app_by_id(id).await? } else { None })
    }

    /// What has been spent so far, by application.
    pub async fn spent(&self) -> Result<HashMap<i64, Usd>, Error> {
        Ok(self.parts().store.spent().await?)
    }

    /// What one application has spent so far.
    pub async fn spent_by(&self, app: i64) -> Result<Usd, Error> {
        Ok(self.spent().await?.remove(&app).unwrap_or_default())
    }

    /// Learns who has nothing left, and tells of balances that have become low. Asks nobody where there is no limit.
    pub async fn look_at_balances(&self) -> Result<(), Error> {
        let parts = self.parts();
        let limited = parts.directory.load().apps.iter().any(|app| app.spend_limit.is_some());
        let rows = if limited { parts.store.balances().await? } else { vec![] };
        let spent_up: HashSet<_> = rows.iter().filter(|row| row.left() <= Usd::ZERO).map(|row| row.app).collect();
        parts.spent_up.store(Arc::new(spent_up));
        for row in rows.iter().filter(|row| !row.told && row.alert.is_some_and(|alert| row.left() < alert)) {
            self.tell_balance(row).await?;
        }
        Ok(())
    }

    /// Says no to an application that had nothing left when this node last looked.
    pub(super) fn check_balance(&self, app: i64) -> Result<(), Error> {
        if self.parts().spent_up.load().contains(&app) { Err(Error::InsufficientBalance) } else { Ok(()) }
    }

    async fn tell_balance(&self, row: &BalanceRow) -> Result<(), Error> {
        let (remain_balance, balance_threshold) = (row.left(), row.alert.unwrap_or_default());
        let notice = Notice::InsufficientBalance { remain_balance, balance_threshold };
        match self.notice(row.app, &notice)? {
            Some(notice) => Ok(self.parts().store.tell_balance(row, notice).await?),
            None => Ok(()),
        }
    }

    /// Tells of applications whose codes come back too rarely. Asks nobody where nobody wants to hear of it.
    pub async fn look_at_rates(&self) -> Result<(), Error> {
        let parts = self.parts();
        let directory = parts.directory.load_full();
        let alert = |app: &App| {
            let wanted = directory.wants(app.id, Topic::InsufficientVerificationRate);
            app.verification_rate_alert.filter(|_| wanted).map(|percent| (app.id, percent))
        };
        let alerts: Vec<_> = directory.apps.iter().filter_map(alert).collect();
        if alerts.is_empty() {
            return Ok(());
        }
        let now = parts.clock.now();
        let made = before(now, WINDOW + Duration::from_mins(MAX_TTL.into()));
        let ended = parts.store.ended_codes(made, (before(now, WINDOW), now)).await?;
        for row in ended.iter().filter(|row| row.ended >= CODES) {
            let percent = alerts.iter().find(|(app, _)| *app == row.app).map(|(_, percent)| *percent);
            if let Some(threshold) = percent.filter(|percent| row.verified * 100 < row.ended * i64::from(*percent)) {
                self.tell_rate(row, threshold, now).await?;
            }
        }
        Ok(())
    }

    async fn tell_rate(&self, row: &RateRow, threshold: u8, now: Timestamp) -> Result<(), Error> {
        let parts = self.parts();
        let hour = now.millis().div_euclid(HOUR);
        let known_by = [&row.app.to_be_bytes()[..], &hour.to_be_bytes()];
        let once = first_eight(&parts.keys.load().digest("verification-rate", &known_by));
        let rate = row.verified * 10_000 / row.ended.max(1);
        let notice = Notice::InsufficientVerificationRate { rate, threshold };
        Ok(parts.store.add_notice(self.sealed(row.app, &notice, Some(once))?).await?)
    }
}

pub(super) fn before(now: Timestamp, time: Duration) -> Timestamp {
    Timestamp::from_millis(now.millis().saturating_sub(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)))
}
