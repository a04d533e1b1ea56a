//! The defaults, and what is laid over them. Keys and types are held against the defaults, so that no error has to show
//! a value.

use std::collections::HashSet;

use toml::{Table, Value};

use super::{
    EXAMPLE,
    error::{ConfigError, require},
    secret,
};

/// Tables whose keys are the operator's own: they are replaced as a whole. So are those of [`PRICES`].
const FREE: [&str; 7] = ["countries", "headers", "languages", "template", "templates", "users", "voices"];
/// The section whose tables have countries for keys.
const PRICES: &str = "billing";
/// Keys of a provider whose example value is no default.
const NO_DEFAULT: [&str; 11] = [
    "access_token",
    "account_sid",
    "auth_token",
    "channels",
    "from",
    "host",
    "name",
    "phone_number_id",
    "system_id",
    "url",
    "whatsapp_from",
];
/// How many slips of the pen still make a suggestion.
const NEAR: usize = 2;

/// The configuration as tables: the sections, and the providers in their order.
pub(super) struct Layers {
    pub(super) sections: Table,
    pub(super) providers: Vec<Table>,
    /// Whether the only provider is the one that stands in for none.
    pub(super) implicit_inbox: bool,
    /// What is to be said at start.
    pub(super) notes: Vec<&'static str>,
    provider_defaults: Vec<Table>,
}

impl Layers {
    /// Of `config.example.toml`. Its providers, which are comments, give the defaults of each kind.
    pub(super) fn defaults() -> Result<Self, ConfigError> {
        let mut sections = parse("config.example.toml", &EXAMPLE.replace("\n#:", "\n"))?;
        let mut provider_defaults = take_providers(&mut sections)?;
        let inbox = provider_defaults.iter().filter(|table| text(table, "kind") == "inbox").cloned().collect();
        for (key, value) in provider_defaults.iter_mut().flatten() {
            if NO_DEFAULT.contains(&key.as_str()) {
                *value = if value.is_array() { Value::Array(vec![]) } else { Value::String(String::new()) };
            }
        }
        Ok(Self { sections, providers: inbox, implicit_inbox: true, notes: vec![], provider_defaults })
    }

    /// Lays a file over what is there; its providers replace the implicit one.
    pub(super) fn add_file(&mut self, name: &str, content: &str) -> Result<(), ConfigError> {
        let mut file = parse(name, content)?;
        let providers = take_providers(&mut file)?;
        merge(&mut self.sections, file, "")?;
        if !providers.is_empty() {
            self.implicit_inbox = false;
            self.providers = providers.into_iter().map(|table| self.complete(table)).collect::<Result<_, _>>()?;
        }
        let mut names = HashSet::new();
        self.providers.iter().try_for_each(|provider| {
            let name = text(provider, "name");
            require(
                names.insert(name),
                &format!("provider.{name}"),
                "is there twice: give each provider its own `name`",
            )
        })
    }

    /// A provider with the defaults of its kind.
    pub(super) fn complete(&self, table: Table) -> Result<Table, ConfigError> {
        let name = match text(&table, "name") {
            "" => return Err(ConfigError::invalid("provider.name", "is missing: every `[[provider]]` needs a name")),
            name => format!("provider.{name}"),
        };
        let good = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
        require(text(&table, "name").bytes().all(good), &name, "may only have a-z, 0-9, \"_\" and \"-\" in its name")?;
        let kind = text(&table, "kind");
        let defaults = self.provider_defaults.iter().find(|defaults| text(defaults, "kind") == kind);
        let mut provider = defaults.cloned().ok_or_else(|| {
            ConfigError::invalid(
                format!("{name}.kind"),
                "must be \"smtp\", \"http\", \"smpp\", \"twilio\", \"whatsapp\" or \"inbox\"",
            )
        })?;
        merge(&mut provider, table, &name)?;
        Ok(provider)
    }

    /// Puts the content of every file named by `x_file` in the place of the secret `x`.
    pub(super) fn read_secret_files(&mut self) -> Result<(), ConfigError> {
        for (section, value) in &mut self.sections {
            if let Value::Table(table) = value {
                secret::read_files(table, section)?;
            }
        }
        self.providers.iter_mut().try_for_each(|provider| {
            let path = format!("provider.{}", text(provider, "name"));
            secret::read_files(provider, &path)
        })
    }
}

/// Parses TOML; the error shows no line of the file.
fn parse(file: &str, content: &str) -> Result<Table, ConfigError> {
    content.parse::<Table>().map_err(|error| {
        let before = error.span().and_then(|span| content.get(..span.start)).unwrap_or_default();
        let problem = error.message().lines().next().unwrap_or_default().to_owned();
        ConfigError::Syntax { file: file.to_owned(), line: before.matches('\n').count() + 1, problem }
    })
}

fn take_providers(table: &mut Table) -> Result<Vec<Table>, ConfigError> {
    let wrong = || ConfigError::invalid("provider", "must be written as `[[provider]]`");
    let Some(value) = table.remove("provider") else { return Ok(vec![]) };
    let Value::Array(providers) = value else { return Err(wrong()) };
    let tables =
        providers.into_iter().map(|value| if let Value::Table(table) = value { Ok(table) } else { Err(wrong()) });
    tables.collect()
}

/// Lays `over` over `base`, which has every known key.
fn merge(base: &mut Table, over: Table, section: &str) -> Result<(), ConfigError> {
    for (key, value) in over {
        match (slot(base, section, &key)?, value) {
            (Value::Table(base), Value::Table(over)) if !FREE.contains(&key.as_str()) && section != PRICES => {
                merge(base, over, &join(section, &key))?;
            }
            (slot, value) => replace(slot, value, &join(section, &key))?,
        }
    }
    Ok(())
}

/// Puts in a value of the same type.
pub(super) fn replace(slot: &mut Value, value: Value, key: &str) -> Result<(), ConfigError> {
    if !slot.same_type(&value) {
        return Err(ConfigError::WrongType { key: key.to_owned(), found: article(&value), expected: article(slot) });
    }
    *slot = value;
    Ok(())
}

/// The place of a known key.
pub(super) fn slot<'a>(table: &'a mut Table, section: &str, key: &str) -> Result<&'a mut Value, ConfigError> {
    if !table.contains_key(key) {
        let near = |known: &&String| strsim::damerau_levenshtein(known, key) <= NEAR;
        let known = table.keys().filter(near).min_by_key(|known| strsim::damerau_levenshtein(known, key));
        let known = known.map(|known| join(section, known));
        return Err(ConfigError::UnknownKey { key: join(section, key), known });
    }
    Ok(&mut table[key])
}

/// The full name of a key.
pub(super) fn join(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") }
}

/// A text of a table; "" where there is none.
pub(super) fn text<'a>(table: &'a Table, key: &str) -> &'a str {
    table.get(key).and_then(Value::as_str).unwrap_or_default()
}

const fn article(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a string",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number with a fraction",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}
