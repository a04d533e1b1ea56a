//! What an operator looks at: applications, keys, blocked recipients, providers, and how the node is.

use std::time::{Duration, Instant};

use super::{Error, Service};
use crate::{
    core::{
        access::{ApiKey, App},
        channel::Channel,
        recipient::Recipient,
    },
    store::BlockedRow,
};

/// A configured provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderSummary {
    /// Its name in the configuration.
    pub name: String,
    /// The word of its kind there.
    pub kind: &'static str,
    /// What it carries.
    pub channels: Vec<Channel>,
}

/// How a node is, and how much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Whether the database answers and takes messages.
    pub ready: bool,
    /// Deliveries that wait.
    pub waiting: u64,
    /// How long the oldest of them is overdue.
    pub overdue: Duration,
    /// Applications.
    pub apps: usize,
    /// Blocked recipients.
    pub blocked: usize,
}

impl Service {
    /// All applications, the oldest first.
    pub async fn apps(&self) -> Result<Vec<App>, Error> {
        self.refresh().await?;
        Ok(self.parts().directory.load().apps.clone())
    }

    /// The application of that id.
    pub async fn app_by_id(&self, id: i64) -> Result<Option<App>, Error> {
        Ok(self.apps().await?.into_iter().find(|app| app.id == id))
    }

    /// All keys of an application, the oldest first.
    pub async fn keys(&self, app: i64) -> Result<Vec<ApiKey>, Error> {
        self.refresh().await?;
        Ok(self.parts().directory.load().keys_of(app).into_iter().cloned().collect())
    }

    /// One key of an application.
    pub async fn key(&self, app: i64, dev_key: &str) -> Result<Option<ApiKey>, Error> {
        self.refresh().await?;
        Ok(self.parts().directory.load().key(dev_key).filter(|key| key.app == app).cloned())
    }

    /// Up to `limit` blocked recipients with digests above `after`, in the order of their digests.
    pub async fn blocked_after(&self, after: Option<i64>, limit: usize) -> Result<Vec<BlockedRow>, Error> {
        Ok(self.parts().store.blocked_after(after, limit.try_into().unwrap_or(u64::MAX)).await?)
    }

    /// The block of a recipient.
    pub async fn blocked(&self, recipient: &Recipient) -> Result<Option<BlockedRow>, Error> {
        Ok(self.parts().store.blocked(self.target(recipient)).await?)
    }

    /// Lifts the block with this digest; false when there was none.
    pub async fn unblock_target(&self, target: i64) -> Result<bool, Error> {
        let known = self.parts().store.unblock(target).await?;
        self.reload().await?;
        Ok(known)
    }

    /// The configured providers, in the order of the configuration.
    #[must_use]
    pub fn providers(&self) -> &[ProviderSummary] {
        &self.parts().settings.providers
    }

    /// Sets the gauges to what they are now; one that cannot be read stays.
    pub async fn measure(&self) {
        let parts = self.parts();
        let begun = Instant::now();
        if parts.store.ping().await.is_ok() {
            parts.metrics.pool_waited(begun.elapsed());
        }
        let now = parts.clock.now();
        if let Ok(load) = parts.store.outbox_load().await {
            parts.metrics.outbox(load.depth, load.overdue(now));
        }
        if let Ok(load) = parts.store.callback_load().await {
            parts.metrics.callbacks_waiting(load.depth, load.overdue(now));
        }
    }

    /// How this node is.
    pub async fn status(&self) -> Result<Status, Error> {
        self.refresh().await?;
        let parts = self.parts();
        let load = parts.store.outbox_load().await?;
        let directory = parts.directory.load();
        Ok(Status {
            ready: parts.store.writer().try_out().await.is_ok(),
            waiting: load.depth,
            overdue: load.overdue(parts.clock.now()),
            apps: directory.apps.len(),
            blocked: directory.blocked_count(),
        })
    }
}
