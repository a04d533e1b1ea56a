//! Checks that every provider over HTTP shares.

use std::time::Duration;

use crate::config::error::{ConfigError, require};

/// A web address where there must be one; both limits longer than nothing.
pub(super) fn validate(
    section: &str,
    (name, url): (&str, &str),
    connect_timeout: Duration,
    timeout: Duration,
) -> Result<(), ConfigError> {
    let web = url.starts_with("https://") || url.starts_with("http://");
    let shape = "is missing or no web address: it begins with \"https://\" (or \"http://\")";
    require(web, &format!("{section}.{name}"), shape)?;
    for (name, time) in [("connect_timeout", connect_timeout), ("timeout", timeout)] {
        require(!time.is_zero(), &format!("{section}.{name}"), "must be longer than 0s")?;
    }
    Ok(())
}
