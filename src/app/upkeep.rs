//! What a serving node does all the time: keeps its copies fresh, its worker number held, its gauges right.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::{App, alerts, hooks};
use crate::{
    config::{Provider, ProviderKind},
    core::{clock::Timestamp, recipient::load_numbering_plans},
    datadir::DataDir,
    keyfile,
    service::Service,
    store::{LEASE, Lease},
};

/// Revocations reach every node well within five seconds (security F2).
const ROUND: Duration = Duration::from_secs(1);

impl App {
    /// Starts everything that runs beside the requests.
    pub(super) async fn start_upkeep(&self) {
        self.release_claims().await;
        self.tasks.spawn_blocking(load_numbering_plans);
        let hang_up = CancellationToken::new();
        let (worker, stop) = (self.worker.clone(), self.stop.clone());
        let after_work = hang_up.clone().drop_guard();
        self.tasks.spawn(async move {
            worker.run(stop).await;
            drop(after_work);
        });
        self.listen_to_providers(&hang_up);
        self.tasks.spawn(self.callbacks.clone().run(self.stop.clone()));
        let (service, stop) = (self.service.clone(), self.stop.clone());
        self.tasks.spawn(async move { stop.run_until_cancelled(alerts::watch(service)).await });
        if self.config.airtexts.webhooks {
            let (service, stop) = (self.service.clone(), self.stop.clone());
            self.tasks.spawn(async move { stop.run_until_cancelled(hooks::watch(service)).await });
        }
        let upkeep = Upkeep {
            service: self.service.clone(),
            lease: self.lease.clone(),
            alone: self.alone,
            saved: Timestamp::default(),
            keyring: None,
            data_dir: self.config.data_dir.clone(),
        };
        let stop = self.stop.clone();
        self.tasks.spawn(async move { stop.run_until_cancelled(upkeep.run()).await });
        for provider in &self.config.providers {
            let Some(key) = sends_in_the_clear(provider) else { continue };
            let (stop, name) = (self.stop.clone(), provider.name.clone());
            self.tasks.spawn(async move { stop.run_until_cancelled(complain(&name, key)).await });
        }
    }

    /// Keeps up the connections over which providers speak by themselves, for as long as the worker may use them.
    fn listen_to_providers(&self, hang_up: &CancellationToken) {
        for (_, provider) in self.service.parts().registry.all() {
            let (provider, sink, stop) = (provider.clone(), Arc::new(self.service.clone()), hang_up.clone());
            self.tasks.spawn(async move { provider.listen(sink, stop).await });
        }
    }

    /// A node alone on its database finds the deliveries that its last process had in hand. It looks before it claims
    /// any of its own: those it must not give back, or they would be made twice.
    async fn release_claims(&self) {
        let parts = self.service().parts();
        if !self.alone {
            return;
        }
        if let Err(err) = parts.store.release_batches(parts.clock.now()).await {
            tracing::error!(%err, "old callbacks wait until their lease ends");
        }
        match parts.store.release_claims(parts.clock.now()).await {
            Ok(0) => {}
            Ok(deliveries) => tracing::info!(deliveries, "taking up what the last process left"),
            Err(err) => tracing::error!(%err, "old deliveries wait until their lease ends"),
        }
    }
}

/// The key that lets a provider be reached without TLS, where it is set.
fn sends_in_the_clear(provider: &Provider) -> Option<&'static str> {
    match &provider.kind {
        ProviderKind::Http(http) => http.dangerous_plain_http.then_some("dangerous_plain_http"),
        ProviderKind::Smpp(smpp) => smpp.dangerous_plain_smpp.then_some("dangerous_plain_smpp"),
        ProviderKind::Smtp(_) | ProviderKind::Twilio(_) | ProviderKind::Whatsapp(_) | ProviderKind::Inbox(_) => None,
    }
}

/// Nobody is to forget it (security F11).
async fn complain(provider: &str, key: &str) {
    let mut minutes = tokio::time::interval(Duration::from_mins(1));
    loop {
        minutes.tick().await;
        tracing::warn!(provider, "`{key}` is set: codes may travel in the clear");
    }
}

struct Upkeep {
    service: Service,
    lease: Lease,
    alone: bool,
    /// High-water mark that was last written down.
    saved: Timestamp,
    /// When the key file was last changed.
    keyring: Option<std::time::SystemTime>,
    data_dir: std::path::PathBuf,
}

impl Upkeep {
    async fn run(mut self) {
        let mut rounds = tokio::time::interval(ROUND);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            rounds.tick().await;
            self.hold_worker_number().await;
            self.look_at_keys();
            if let Err(err) = self.service.refresh().await {
                tracing::warn!(%err, "keys and templates could not be read; the last copy is used");
            }
            self.service.measure().await;
        }
    }

    async fn hold_worker_number(&mut self) {
        let parts = self.service.parts();
        let high_water = parts.ids.high_water();
        if self.alone && high_water == self.saved {
            return; // nothing to write down, and nobody to compete with
        }
        let begun = Instant::now();
        match parts.store.renew(&self.lease, high_water, parts.clock.now() + LEASE).await {
            Ok(true) => {
                self.saved = high_water;
                parts.ids.renewed((!self.alone).then(|| begun + LEASE));
            }
            Ok(false) => {
                tracing::error!("another node holds this node's worker number; no more ids are given out");
                parts.ids.renewed(Some(begun));
            }
            Err(err) => tracing::warn!(%err, "the worker number could not be renewed; trying again"),
        }
    }

    /// Takes over a key file that `key-ring rotate` has replaced.
    fn look_at_keys(&mut self) {
        let Ok(data) = DataDir::open(&self.data_dir) else { return };
        let Ok(changed) = std::fs::metadata(data.keyring()).and_then(|file| file.modified()) else { return };
        if self.keyring.replace(changed).is_none_or(|before| before == changed) {
            return;
        }
        match keyfile::load(&data.keyring()) {
            Ok(keys) => {
                self.service.parts().keys.store(Arc::new(keys));
                tracing::info!("the key ring was read anew");
            }
            Err(err) => tracing::error!(%err, "the key ring could not be read anew; the old one is used"),
        }
    }
}
