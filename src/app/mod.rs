//! The composition root: the only place where parts are put together, used by `main` and by the tests.

mod alerts;
mod dialects;
mod error;
mod first_start;
mod hooks;
mod logging;
mod providers;
mod routes;
mod trace;
mod upkeep;
mod webhooks;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    channel::{
        Registry,
        inbox::Inbox,
        web::{Web, WebSettings},
    },
    config::{Config, Provider, database::Kind},
    core::{
        clock::Clock,
        entropy::{Entropy, bytes},
    },
    datadir::{DataDir, DataLock},
    dialect::{airtexts, engagelab},
    keyfile,
    metrics::Metrics,
    server::{Listener, shutdown},
    service::{
        Directory, FailedTries, FirstOutcomes, Handoff, Ids, Parts, ProviderSummary, Recall, ReceiptQueue, SecondLooks,
        Service, Settings, Sprayed, ToldLogins,
    },
    store::{Connection, LEASE, Lease, Store, Target, batch::BatchSettings},
    worker::{CallbackSettings, CallbackWorker, Worker, WorkerSettings},
};

pub use error::AppError;
pub use first_start::Welcome;
pub use logging::{start_logging, start_tracing};
pub use routes::Document;
pub use trace::Spans;

/// What of the time for stopping stays for the background work when clients would take all of it.
const BACKGROUND: Duration = Duration::from_secs(5);

/// What a process is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It serves: alone on its SQLite file, or as one node of many.
    Serve,
    /// It does one thing on the command line, perhaps beside a server.
    Command,
    /// It serves over a store that keeps nothing of messages, to measure what surrounds the store.
    #[cfg(feature = "discard")]
    Discard,
}

/// Where time and randomness come from.
#[derive(Clone)]
pub struct World {
    /// `None` takes the database's on PostgreSQL and the machine's on SQLite.
    pub clock: Option<Arc<dyn Clock>>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Who carries messages, in place of the providers of the configuration.
    pub carriers: Option<Registry>,
}

/// One running installation.
pub struct App {
    config: Config,
    service: Service,
    worker: Arc<Worker>,
    callbacks: Arc<CallbackWorker>,
    inbox: Option<Arc<Inbox>>,
    connection: Connection,
    lease: Lease,
    alone: bool,
    stop: CancellationToken,
    tasks: TaskTracker,
    _lock: Option<DataLock>,
}

impl App {
    /// Opens everything: data directory, keys, database (brought up to date), worker number, directory, providers.
    pub async fn build(config: Config, world: World, role: Role) -> Result<Self, AppError> {
        let data = DataDir::open(&config.data_dir)?;
        let (target, on_sqlite) = target(&config)?;
        let alone = on_sqlite && role != Role::Command;
        let lock = if alone { Some(data.lock()?) } else { None };
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let connection = Connection::open(&target).await?;
        connection.migrate().await?;
        let clock = match world.clock {
            Some(clock) => clock,
            None => connection.clock(&tasks, stop.clone()).await?,
        };
        let keys = keyfile::load_or_create(&data.keyring(), clock.now(), &*world.entropy)?;
        let metrics = Arc::new(Metrics::default());
        let counted = metrics.clone();
        let on_flush: crate::store::batch::OnFlush = Arc::new(move |jobs| counted.flushed(jobs));
        let start = match role {
            Role::Serve | Role::Command => Store::start,
            #[cfg(feature = "discard")]
            Role::Discard => Store::discard,
        };
        let store = start(&connection, batches(&config), &clock, &on_flush, &tasks);
        let holder = i64::from_be_bytes(bytes(&*world.entropy)?) | 1;
        let asked = Instant::now(); // the lease counts from here, however long the database takes
        let lease = store.lease(holder, alone, clock.now()).await?;
        let held = (!alone).then(|| LEASE.saturating_sub(asked.elapsed()));
        let (registry, inbox) = match world.carriers {
            Some(registry) => (registry, None),
            None => providers::registry(&config, &clock, &world.entropy)?,
        };
        let (handoff, orders) = Handoff::new(config.delivery.concurrency * 16);
        let service = Service::new(Parts {
            ids: Arc::new(Ids::new(lease.worker, lease.high_water, held)),
            clock,
            entropy: world.entropy,
            keys: ArcSwap::from_pointee(keys),
            store,
            directory: ArcSwap::from_pointee(Directory::default()),
            spent_up: ArcSwap::default(),
            sprayed: Sprayed::default(),
            left_alone: ArcSwap::default(),
            second_looks: SecondLooks::default(),
            failed_tries: FailedTries::default(),
            told_logins: ToldLogins::default(),
            registry: Arc::new(registry),
            web: Arc::new(Web::new(web_settings(&config))),
            hooks: dialects::hooks(&config.optora, tasks.clone()),
            callback_format: &engagelab::Callbacks,
            hook_format: &airtexts::Hooks,
            handoff,
            first_outcomes: FirstOutcomes::default(),
            recall: Recall::default(),
            receipts: ReceiptQueue::default(),
            metrics,
            settings: settings(&config),
        });
        service.refresh().await?;
        service.look_at_balances().await?;
        let worker = Arc::new(Worker::new(service.clone(), orders, worker_settings(&config)));
        let callbacks = Arc::new(CallbackWorker::new(service.clone(), callback_settings(&config)));
        Ok(Self { config, service, worker, callbacks, inbox, connection, lease, alone, stop, tasks, _lock: lock })
    }

    /// The use cases.
    #[must_use]
    pub const fn service(&self) -> &Service {
        &self.service
    }

    /// The deliveries.
    #[must_use]
    pub const fn worker(&self) -> &Arc<Worker> {
        &self.worker
    }

    /// The callbacks.
    #[must_use]
    pub const fn callbacks(&self) -> &Arc<CallbackWorker> {
        &self.callbacks
    }

    /// The development inbox, where one is configured.
    #[must_use]
    pub fn inbox(&self) -> Option<&Arc<Inbox>> {
        self.inbox.as_ref()
    }

    /// Serves until told to stop by a signal. `listening` hears the bound address, port and all.
    pub async fn serve(self, listening: impl FnOnce(&str)) -> Result<(), AppError> {
        let listener = Listener::bind(providers::listener(&self.config)?).await.map_err(AppError::Listen)?;
        let scheme = if self.config.http.tls.files().is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr());
        let (trigger, serving) = shutdown::channel();
        let routes = self.routes(serving.clone());
        self.start_upkeep().await;
        let signalled = shutdown::signalled().map_err(AppError::Signals)?; // before anybody learns that we run
        self.config.notes.iter().for_each(|note| tracing::info!("{note}"));
        tracing::info!("listening on {url}");
        listening(&url);
        let (linger, end) = (self.config.http.shutdown_accept, self.config.http.shutdown_total);
        let told = async move {
            signalled.await;
            tracing::info!("stopping: finishing what has begun");
            let ends = tokio::time::Instant::now() + end;
            trigger.stop(linger, end.saturating_sub(BACKGROUND.min(end / 5))).await;
            ends
        };
        let ((), ends) = tokio::join!(listener.serve(routes, serving), told);
        self.close_by(ends).await;
        Ok(())
    }

    /// Ends the background work, finishing what is in hand, and gives the worker number back.
    pub async fn close(self) {
        self.close_by(tokio::time::Instant::now() + BACKGROUND * 2).await;
    }

    async fn close_by(self, ends: tokio::time::Instant) {
        if tokio::time::timeout_at(ends, self.end()).await.is_err() {
            tracing::warn!("background work did not end in time; deliveries are claimed again later");
        }
    }

    async fn end(self) {
        self.stop.cancel();
        self.tasks.close();
        let (ids, clock) = (self.service.parts().ids.clone(), self.service.parts().clock.clone());
        drop((self.service, self.worker, self.callbacks));
        self.tasks.wait().await;
        // Last of all: what was in hand until now drew its ids under this number.
        if let Err(err) = self.connection.give_back(&self.lease, ids.high_water(), clock.now()).await {
            tracing::warn!(%err, "the worker number was not given back; its lease ends by itself");
        }
        self.connection.close().await;
    }
}

fn target(config: &Config) -> Result<(Target, bool), AppError> {
    let kind = config.database_kind()?;
    let connections = config.database.max_connections(&kind);
    Ok(match kind {
        Kind::Sqlite(path) => (Target::Sqlite(path), true),
        Kind::Postgres(url) => (Target::Postgres { url: url.expose().to_owned(), connections }, false),
    })
}

const fn batches(config: &Config) -> BatchSettings {
    let database = &config.database;
    BatchSettings { max: database.group_max, queue: database.queue, lanes: database.lanes() }
}

fn settings(config: &Config) -> Settings {
    Settings {
        auto_approve: config.templates.auto_approve,
        sender_ids: config.delivery.sender_ids.clone(),
        pwa_base: config.delivery.pwa_base_url.clone(),
        intermediate_failures: config.callbacks.intermediate_failures,
        lease: config.delivery.lease,
        providers: config.providers.iter().map(summary).collect(),
        prices: config.billing.prices(),
        limits: (&config.limits).into(),
        caps: (&config.limits).into(),
        spray: (&config.limits).into(),
        conversion: (&config.limits).into(),
        first_delivery: config.delivery.first_delivery,
        outbox_limit: 100_000,
    }
}

fn summary(provider: &Provider) -> ProviderSummary {
    let (name, channels) = (provider.name.clone(), provider.channels.clone());
    ProviderSummary { name, kind: provider.kind.as_str(), channels }
}

fn worker_settings(config: &Config) -> WorkerSettings {
    WorkerSettings {
        concurrency: config.delivery.concurrency,
        lease: config.delivery.lease,
        min_life_left: config.delivery.min_life_left,
        first_retry: config.delivery.retry_first,
        max_tries: config.delivery.max_tries.into(),
        routing: config.delivery.routing(),
        late: config.delivery.late.into(),
    }
}

fn web_settings(config: &Config) -> WebSettings {
    WebSettings {
        dangerous_plain_http: config.callbacks.dangerous_plain_http,
        dangerous_allow_networks: config.callbacks.dangerous_allow_networks.clone(),
    }
}

const fn callback_settings(config: &Config) -> CallbackSettings {
    CallbackSettings { concurrency: config.callbacks.concurrency, per_receiver: config.callbacks.per_receiver }
}
