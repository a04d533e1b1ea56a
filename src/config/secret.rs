//! Values that must not be shown.

use serde::{Deserialize, Deserializer, de::Error};
use toml::{Table, Value};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{
    error::{ConfigError, require},
    layer::{join, text},
};

/// A password, a token, or an address that may hold one. No `Debug`, `Display` or `Serialize`; erased when dropped.
#[derive(Clone, Default, Zeroize, ZeroizeOnDrop)]
pub struct Secret(String);

impl Secret {
    /// Takes the text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is not set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // serde's own words would repeat the value
        String::deserialize(deserializer).map(Self).map_err(|_| D::Error::custom("must be a string"))
    }
}

/// Secrets that may be given as the path of a file.
pub(super) const WITH_FILES: [&str; 10] = [
    "access_token",
    "api_key_secret",
    "app_secret",
    "auth_token",
    "authorization",
    "jwt_secret",
    "password",
    "url",
    "verify_token",
    "webhook_secret",
];

/// Resolves every `x_file` that stands beside a secret `x` in `table`, and removes the key.
pub(super) fn read_files(table: &mut Table, section: &str) -> Result<(), ConfigError> {
    for key in WITH_FILES {
        let file_key = format!("{key}_file");
        let path = text(table, &file_key).to_owned();
        table.remove(&file_key);
        if !path.is_empty() {
            let full = join(section, &file_key);
            require(text(table, key).is_empty(), &full, &format!("and `{key}` are both set: remove one"))?;
            table.insert(key.to_owned(), Value::String(content(&full, &path)?));
        }
    }
    Ok(())
}

fn content(key: &str, path: &str) -> Result<String, ConfigError> {
    let what = || format!("`{key}` ({path})");
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { what: what(), source })?;
    let secret = text.trim_end_matches(['\r', '\n']);
    require(!secret.is_empty(), key, "names an empty file: write the secret into it")?;
    Ok(secret.to_owned())
}
