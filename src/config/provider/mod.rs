//! `[[provider]]`: who carries messages, one struct per kind.

mod connection;
mod http;
mod smpp;
mod smtp;
mod twilio;
mod webhook;
mod whatsapp;

use serde::Deserialize;
use toml::Table;

use super::{
    error::{ConfigError, require},
    layer::text,
    value::typed,
};
use crate::core::channel::Channel;

pub use http::{Body, Http, Method, Statuses};
pub use smpp::{IdForm, LongMessages, Smpp};
pub use smtp::{Smtp, SmtpTls};
pub use twilio::Twilio;
pub use webhook::Webhook;
pub use whatsapp::Whatsapp;

/// One `[[provider]]`.
#[derive(Clone)]
pub struct Provider {
    /// Unique.
    pub name: String,
    /// What it carries; at least one.
    pub channels: Vec<Channel>,
    /// Its share of a channel, with weighted routing.
    pub weight: u32,
    /// Where it reports to us.
    pub webhook: Webhook,
    /// Which kind, with its settings.
    pub kind: ProviderKind,
}

/// The kinds and their settings.
#[derive(Clone)]
pub enum ProviderKind {
    /// A mail server.
    Smtp(Smtp),
    /// A gateway that takes HTTP requests.
    Http(Http),
    /// A short message centre.
    Smpp(Smpp),
    /// An account at Twilio.
    Twilio(Twilio),
    /// A number at Meta's Cloud API.
    Whatsapp(Whatsapp),
    /// The development inbox in memory.
    Inbox(Inbox),
}

impl ProviderKind {
    /// The word of the configuration.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Smtp(_) => "smtp",
            Self::Http(_) => "http",
            Self::Smpp(_) => "smpp",
            Self::Twilio(_) => "twilio",
            Self::Whatsapp(_) => "whatsapp",
            Self::Inbox(_) => "inbox",
        }
    }
}

/// `kind = "inbox"`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inbox {
    /// Whether it may run beside a listener that other machines can reach.
    pub allow_remote_listener: bool,
}

impl Provider {
    /// From its table, which has every key of its kind.
    pub(super) fn read(mut table: Table) -> Result<Self, ConfigError> {
        let (name, kind) = (text(&table, "name").to_owned(), text(&table, "kind").to_owned());
        let section = format!("provider.{name}");
        let common = ["channels", "weight"].into_iter().filter_map(|key| Some((key.to_owned(), table.remove(key)?)));
        let Common { channels, weight } = typed(common.collect(), &section)?;
        let webhook = Webhook::take(&mut table, &section)?;
        table.remove("name");
        table.remove("kind");
        let kind = match kind.as_str() {
            "smtp" => ProviderKind::Smtp(typed(table, &section)?),
            "http" => ProviderKind::Http(typed(table, &section)?),
            "smpp" => ProviderKind::Smpp(typed(table, &section)?),
            "twilio" => ProviderKind::Twilio(typed(table, &section)?),
            "whatsapp" => ProviderKind::Whatsapp(typed(table, &section)?),
            _ => ProviderKind::Inbox(typed(table, &section)?),
        };
        Ok(Self { name, channels, weight, webhook, kind })
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let section = format!("provider.{}", self.name);
        let some = "is empty: list what it carries, such as [\"sms\"]";
        require(!self.channels.is_empty(), &format!("{section}.channels"), some)?;
        require(self.weight > 0, &format!("{section}.weight"), "must be at least 1")?;
        self.webhook.validate(&section)?;
        match &self.kind {
            ProviderKind::Smtp(smtp) => smtp.validate(&section, &self.channels),
            ProviderKind::Http(http) => http.validate(&section, &self.webhook),
            ProviderKind::Smpp(smpp) => smpp.validate(&section, &self.channels),
            ProviderKind::Twilio(twilio) => twilio.validate(&section, &self.channels, &self.webhook),
            ProviderKind::Whatsapp(whatsapp) => whatsapp.validate(&section, &self.channels, &self.webhook),
            ProviderKind::Inbox(_) => Ok(()),
        }
    }
}

/// What every kind has.
#[derive(Deserialize)]
struct Common {
    channels: Vec<Channel>,
    weight: u32,
}
