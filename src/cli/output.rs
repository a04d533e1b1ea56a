//! What commands say: a sentence or table for people, JSON for scripts; errors on standard error.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use serde_json::Value;

use crate::{app::AppError, service};

/// Why a command did not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The installation could not be opened or used.
    #[error(transparent)]
    App(#[from] AppError),
    /// A file or stream.
    #[error("{0}: {1}")]
    Io(String, #[source] io::Error),
    /// What was asked for does not exist, or the arguments do not fit; the text says so.
    #[error("{0}")]
    Refused(String),
}

impl From<service::Error> for CliError {
    fn from(err: service::Error) -> Self {
        Self::App(err.into())
    }
}

impl From<service::CallbackError> for CliError {
    fn from(err: service::CallbackError) -> Self {
        match err {
            service::CallbackError::Service(err) => err.into(),
            refused => Self::Refused(refused.to_string()),
        }
    }
}

/// Says that there is no such thing.
pub(super) fn no_such(what: &str, name: &str) -> CliError {
    CliError::Refused(format!("there is no {what} `{name}`"))
}

/// Prints the JSON or the text.
pub(super) fn say(as_json: bool, json: &Value, text: &str) -> Result<(), CliError> {
    let text = if as_json { json.to_string() } else { text.to_owned() };
    writeln!(io::stdout(), "{text}").map_err(|err| CliError::Io("standard output".into(), err))
}

/// Columns of the same width under their titles.
pub(super) fn table(titles: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([titles[column].len()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..titles.len()).map(width).collect();
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let titles: Vec<String> = titles.iter().map(ToString::to_string).collect();
    std::iter::once(line(&titles)).chain(rows.iter().map(|row| line(row))).collect::<Vec<_>>().join("\n")
}

/// Says why, and gives the exit code.
pub(super) fn failed(err: &CliError) -> ExitCode {
    let _ = writeln!(io::stderr(), "verifyd: {err}");
    ExitCode::FAILURE
}
