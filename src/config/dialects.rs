//! Which dialects are served, and where.

use super::{Config, ConfigError, error::require};

/// Whether and where a dialect is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placing<'a> {
    /// Its name.
    pub name: &'static str,
    /// Whether at all.
    pub enabled: bool,
    /// The host name whose paths are all its own.
    pub host: Option<&'a str>,
}

impl Config {
    /// One for each dialect that has a section.
    pub fn dialects(&self) -> impl Iterator<Item = Placing<'_>> {
        let (engagelab, mailpass) = (&self.engagelab, &self.mailpass);
        let (airtexts, optora) = (&self.airtexts, &self.optora);
        [
            Placing { name: "engagelab", enabled: engagelab.enabled, host: engagelab.host.as_deref() },
            Placing { name: "mailpass", enabled: mailpass.enabled, host: mailpass.host.as_deref() },
            Placing { name: "airtexts", enabled: airtexts.enabled, host: airtexts.host.as_deref() },
            Placing { name: "optora", enabled: optora.enabled, host: optora.host.as_deref() },
        ]
        .into_iter()
    }

    /// A host belongs to one dialect, and is written as clients write it.
    pub(super) fn check_hosts(&self) -> Result<(), ConfigError> {
        for (index, Placing { name, host, .. }) in self.dialects().enumerate() {
            let (Some(host), key) = (host, format!("{name}.host")) else { continue };
            let shape = "must be a host name such as \"otp.example.com\", in lower case and without a port";
            require(is_host(host), &key, shape)?;
            let taken = self.dialects().take(index).any(|other| other.host == Some(host));
            require(!taken, &key, "is the host of another dialect: each needs its own")?;
        }
        Ok(())
    }
}

fn is_host(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.len() <= 253 && name.split('.').all(|label| !label.is_empty() && label.bytes().all(known))
}
