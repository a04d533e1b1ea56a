//! How single values are written.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use ipnet::IpNet;
use jiff::SignedDuration;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error},
};
use toml::{Table, Value};

use super::{error::ConfigError, layer::join};

/// Reads a table into its struct; the error names the full key.
pub(super) fn typed<T: DeserializeOwned>(table: Table, section: &str) -> Result<T, ConfigError> {
    serde_path_to_error::deserialize(Value::Table(table)).map_err(|error| {
        let key = join(section, &error.path().to_string());
        let problem = error.into_inner().message().to_owned();
        ConfigError::Invalid { key, problem }
    })
}

/// "250ms", "10s", "5m", "1h 30m"; not negative.
pub(super) fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parsed = text.parse::<SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
    let wrong =
        || D::Error::custom(format!("is \"{text}\", but must be a duration such as \"250ms\", \"10s\" or \"5m\""));
    parsed.ok_or_else(wrong)
}

/// An IP address with a port.
pub(super) fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    let wrong = |_| {
        D::Error::custom(format!(
            "is \"{text}\", but must be an IP address and a port such as \"127.0.0.1:8080\" or \"[::1]:0\""
        ))
    };
    text.parse().map_err(wrong)
}

/// Networks such as "10.0.0.0/8"; an address alone is a network of one.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let network = |text: String| {
        let alone = || text.parse::<IpAddr>().map(IpNet::from);
        let wrong = |_| D::Error::custom(format!("has \"{text}\", but may only have networks such as \"10.0.0.0/8\""));
        text.parse().or_else(|_| alone()).map_err(wrong)
    };
    Vec::<String>::deserialize(deserializer)?.into_iter().map(network).collect()
}

/// "" is none.
pub(super) fn optional_path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    Ok(optional(deserializer)?.map(PathBuf::from))
}

/// "" is none.
pub(super) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}
