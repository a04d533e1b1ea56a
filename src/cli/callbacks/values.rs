//! Values of the command line.

use std::path::Path;

use crate::{
    cli::CliError,
    core::callback::{Topic, Topics},
};

/// An event by its word.
pub(super) fn topic(word: &str) -> Result<Topic, String> {
    let words = || Topic::all().map(Topic::as_str).collect::<Vec<_>>().join(", ");
    Topic::parse(word).ok_or_else(|| format!("there are {}", words()))
}

/// Those given, if any were.
pub(super) fn topics(given: &[Topic]) -> Option<Topics> {
    (!given.is_empty()).then(|| Topics::of(given.iter().copied()))
}

/// The content of a file without the end of its line.
pub(super) fn secret_from(path: Option<&Path>) -> Result<Option<String>, CliError> {
    let read = |path: &Path| {
        let text = std::fs::read_to_string(path).map_err(|err| CliError::Io(path.display().to_string(), err))?;
        Ok(text.trim_end_matches(['\r', '\n']).to_owned())
    };
    path.map(read).transpose()
}
