//! What must hold between sections.

use std::ops::Not;

use super::{Config, ConfigError, Provider, ProviderKind, error::require};
use crate::core::{caps::Caps, channel::Channel};

impl Config {
    /// Every section by itself, then together. `providers_given` is false where one inbox stands in for none.
    pub(super) fn validate(&self, providers_given: bool) -> Result<(), ConfigError> {
        require(!self.data_dir.as_os_str().is_empty(), "data_dir", "is empty: name a directory such as \"./data\"")?;
        self.log.validate()?;
        self.http.validate()?;
        self.database.validate(&self.data_dir)?;
        self.engagelab.validate()?;
        self.limits.validate()?;
        self.mailpass.validate()?;
        self.airtexts.validate()?;
        self.optora.validate()?;
        self.check_hosts()?;
        self.delivery.validate()?;
        self.billing.validate()?;
        self.trace.validate()?;
        self.callbacks.validate()?;
        self.providers.iter().try_for_each(Provider::validate)?;
        self.check_signed_addresses()?;
        self.check_inbox(providers_given)
    }

    /// What an operator should know whose messages to phones cost money and are held back by nothing.
    pub(super) fn uncapped(&self) -> Option<&'static str> {
        let dear = |provider: &Provider| {
            !matches!(provider.kind, ProviderKind::Inbox(_)) && provider.channels.iter().any(|to| *to != Channel::Email)
        };
        let open = Caps::from(&self.limits).allow_all() && self.providers.iter().any(dear);
        open.then_some("no cap holds back what is sent to phones: docs/limits.md names numbers to begin with")
    }

    /// Twilio is told where to report, and signs that address.
    fn check_signed_addresses(&self) -> Result<(), ConfigError> {
        let told =
            |provider: &&Provider| matches!(provider.kind, ProviderKind::Twilio(_)) && provider.webhook.is_open();
        let Some(provider) = self.providers.iter().find(told).filter(|_| self.http.public_url.is_none()) else {
            return Ok(());
        };
        let problem = "is set, but `http.public_url` is not: Twilio must be told where to report";
        Err(ConfigError::invalid(format!("provider.{}.webhook_secret", provider.name), problem))
    }

    /// The inbox shows codes to whoever can reach it, so other machines must not.
    fn check_inbox(&self, providers_given: bool) -> Result<(), ConfigError> {
        let closed = |provider: &&Provider| matches!(&provider.kind, ProviderKind::Inbox(inbox) if inbox.allow_remote_listener.not());
        let Some(inbox) = self.providers.iter().find(closed).filter(|_| !self.http.is_local()) else { return Ok(()) };
        let listen = self.http.listen;
        if !providers_given {
            let problem = format!(
                "is {listen}, which other machines can reach, but no `[[provider]]` is configured and the development \
                 inbox shows codes: configure a provider, or listen on 127.0.0.1"
            );
            return Err(ConfigError::invalid("http.listen", problem));
        }
        let problem = format!(
            "is an inbox, which shows codes, but other machines can reach {listen}: remove it, listen on 127.0.0.1, \
             or set its `allow_remote_listener = true`"
        );
        Err(ConfigError::invalid(format!("provider.{}", inbox.name), problem))
    }
}
