//! The configuration for showing. What is masked too much does no harm; what is masked too little does.

use toml::{Table, Value};

use super::{layer::Layers, secret};

const MASK: &str = "***";

/// As TOML, secrets masked.
pub(super) fn show(layers: Layers) -> String {
    let Layers { mut sections, mut providers, .. } = layers;
    providers.iter_mut().for_each(mask_provider);
    if let Some(url) = sections.get_mut("database").and_then(|database| database.get_mut("url")) {
        change(url, database_url);
    }
    sections.get_mut("airtexts").and_then(Value::as_table_mut).into_iter().for_each(mask_airtexts);
    if let Some(secret) = sections.get_mut("optora").and_then(|optora| optora.get_mut("webhook_secret")) {
        change(secret, |_| MASK.to_owned());
    }
    sections.insert("provider".to_owned(), Value::Array(providers.into_iter().map(Value::Table).collect()));
    sections.to_string()
}

fn mask_airtexts(section: &mut Table) {
    section.get_mut("jwt_secret").into_iter().for_each(|secret| change(secret, |_| MASK.to_owned()));
    let users = section.get_mut("users").and_then(Value::as_table_mut).into_iter().flatten();
    for (_, user) in users {
        match user.as_table_mut().and_then(|user| user.get_mut("password")) {
            Some(password) => change(password, |_| MASK.to_owned()),
            None => *user = Value::String(MASK.to_owned()),
        }
    }
}

fn mask_provider(provider: &mut Table) {
    for key in secret::WITH_FILES.into_iter().filter(|key| *key != "url") {
        provider.get_mut(key).into_iter().for_each(|value| change(value, |_| MASK.to_owned()));
    }
    for key in ["url", "base_url"] {
        provider.get_mut(key).into_iter().for_each(|value| change(value, origin));
    }
    let literal = |text: &str| if text.contains("{{") { text.to_owned() } else { MASK.to_owned() };
    for inner in ["headers", "template"] {
        let entries = provider.get_mut(inner).and_then(Value::as_table_mut).into_iter().flatten();
        entries.for_each(|(_, value)| change(value, literal));
    }
}

/// Replaces a text that is not empty; what is no text is masked.
fn change(value: &mut Value, show: impl Fn(&str) -> String) {
    *value = Value::String(match value.as_str() {
        Some("") => String::new(),
        Some(text) => show(text),
        None => MASK.to_owned(),
    });
}

/// Without what stands before the last `@` (a password may itself hold one) and after `?`.
fn database_url(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    if scheme.is_empty() || scheme == "sqlite" {
        return url.to_owned();
    }
    let (user, place) = rest.rsplit_once('@').map_or(("", rest), |(_, place)| ("***@", place));
    let (place, query) = place.split_once('?').map_or((place, ""), |(place, _)| (place, "?***"));
    format!("{scheme}://{user}{place}{query}")
}

/// Scheme and host of a web address: gateways put tokens into the path, too.
fn origin(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let rest = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    format!("{scheme}://{host}/{MASK}")
}
