//! `VERIFYD__SECTION__KEY` laid over the file.

use std::collections::HashMap;

use toml::{Table, Value};

use super::{
    error::ConfigError,
    layer::{Layers, join, replace, slot, text},
};

const PREFIX: &str = "VERIFYD__";

impl Layers {
    /// Entries that do not begin with `VERIFYD__` and are not published by a dialect are ignored. `VERIFYD__PROVIDER__NAME__KEY` goes to the provider of
    /// that name. Where the key holds a text the value is taken as it is, else it is read as TOML.
    pub(super) fn add_environment(&mut self, env: impl Iterator<Item = (String, String)>) -> Result<(), ConfigError> {
        let env: HashMap<String, String> = env.collect();
        self.add_published(&env)?;
        let mut ours: Vec<_> = env
            .into_iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?.to_lowercase(), value)))
            .collect();
        ours.sort_unstable(); // the first error must not depend on the order of the environment
        for (name, value) in ours {
            let parts: Vec<&str> = name.split("__").collect();
            match *parts {
                ["provider", provider, ref key @ ..] if !key.is_empty() => {
                    set(self.provider(provider)?, key, &value, &format!("provider.{provider}"))?;
                }
                ref key => set(&mut self.sections, key, &value, "")?,
            }
        }
        Ok(())
    }

    fn provider(&mut self, name: &str) -> Result<&mut Table, ConfigError> {
        let found = self.providers.iter_mut().find(|provider| text(provider, "name") == name);
        let problem = "is set in the environment, but the file has no `[[provider]]` of that name";
        found.ok_or_else(|| ConfigError::invalid(format!("provider.{name}"), problem))
    }
}

fn set(table: &mut Table, parts: &[&str], raw: &str, section: &str) -> Result<(), ConfigError> {
    let Some((key, rest)) = parts.split_first() else { return Ok(()) };
    let path = join(section, key);
    match (slot(table, section, key)?, rest) {
        (Value::Table(inner), [_, ..]) => set(inner, rest, raw, &path),
        (_, [below, ..]) => Err(ConfigError::UnknownKey { key: join(&path, below), known: Some(path) }),
        (place @ Value::String(_), []) => replace(place, Value::String(raw.to_owned()), &path),
        (place, []) => replace(place, read(raw), &path),
    }
}

/// A TOML value, or the text itself where it is none.
fn read(raw: &str) -> Value {
    let value = format!("value = {raw}").parse::<Table>().ok().and_then(|mut table| table.remove("value"));
    value.unwrap_or_else(|| Value::String(raw.to_owned()))
}
