//! The configured providers, by channel.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Provider;
use crate::core::{breaker::Breaker, channel::Channel, clock::Timestamp};

/// A provider with its place in the configuration.
pub struct Carrier {
    name: String,
    channels: Vec<Channel>,
    weight: u32,
    provider: Arc<dyn Provider>,
    breaker: Mutex<Breaker>,
}

impl Carrier {
    /// Its name in the configuration.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its share of a channel.
    #[must_use]
    pub const fn weight(&self) -> u32 {
        self.weight
    }

    /// The provider.
    #[must_use]
    pub fn provider(&self) -> &dyn Provider {
        &*self.provider
    }

    /// Whether it may be asked now; if not, when.
    pub fn admit(&self, now: Timestamp) -> Result<(), Timestamp> {
        self.breaker().admit(now)
    }

    /// Notes whether it answered. Whether it is left alone from now on.
    pub fn note(&self, answered: bool, now: Timestamp) -> bool {
        let mut breaker = self.breaker();
        if answered {
            breaker.answered();
        } else {
            breaker.failed(now);
        }
        breaker.is_open()
    }

    /// No code runs under the lock that could leave it half changed.
    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The configured providers. Clones share what is known of their health.
#[derive(Clone, Default)]
pub struct Registry {
    carriers: Vec<Arc<Carrier>>,
}

impl Registry {
    /// Adds a provider for some channels.
    pub fn add(&mut self, name: &str, channels: &[Channel], provider: Arc<dyn Provider>) {
        let (name, channels) = (name.to_owned(), channels.to_vec());
        self.carriers.push(Arc::new(Carrier { name, channels, weight: 1, provider, breaker: Mutex::default() }));
    }

    /// Gives the provider of that name its share; 1 unless told otherwise.
    pub fn weigh(&mut self, name: &str, weight: u32) {
        let carriers = self.carriers.iter_mut().filter_map(Arc::get_mut);
        carriers.filter(|carrier| carrier.name == name).for_each(|carrier| carrier.weight = weight);
    }

    /// Whether anything carries `channel`.
    #[must_use]
    pub fn carries(&self, channel: Channel) -> bool {
        self.of(channel).next().is_some()
    }

    /// The providers of `channel`, in the order of the configuration.
    pub fn of(&self, channel: Channel) -> impl Iterator<Item = &Carrier> {
        self.carriers.iter().map(|carrier| &**carrier).filter(move |carrier| carrier.channels.contains(&channel))
    }

    /// Every provider with its name, in the order of the configuration.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Arc<dyn Provider>)> {
        self.carriers.iter().map(|carrier| (carrier.name.as_str(), &carrier.provider))
    }
}
