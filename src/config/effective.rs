//! The configuration for showing. What is masked too much does no harm; what is masked too little does.

use toml::{Table, Value};

const MASK: &str = "***";

/// As TOML, secrets masked.
pub(super) fn show(mut table: Table) -> String {
    if let Some(Value::Array(providers)) = table.get_mut("provider") {
        for provider in providers.iter_mut().filter_map(Value::as_table_mut) {
            mask_provider(provider);
        }
    }
    if let Some(url) = table.get_mut("database").and_then(|database| database.get_mut("url")) {
        change(url, database_url);
    }
    table.to_string()
}

fn mask_provider(provider: &mut Table) {
    for key in ["password", "authorization"] {
        provider.get_mut(key).into_iter().for_each(|value| change(value, |_| MASK.to_owned()));
    }
    provider.get_mut("url").into_iter().for_each(|value| change(value, origin));
    let entries = |table: &mut Table, key| table.remove(key).and_then(|value| value.try_into::<Table>().ok());
    for key in ["headers", "template"] {
        let Some(mut inner) = entries(provider, key) else { continue };
        for (_, value) in &mut inner {
            change(value, |text| if text.contains("{{") { text.to_owned() } else { MASK.to_owned() });
        }
        provider.insert(key.to_owned(), Value::Table(inner));
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
