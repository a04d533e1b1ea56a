//! `verifyd config …`.

use clap::Subcommand;
use serde_json::json;

use super::{CliError, Common, output::say};
use crate::core::ledger::odds;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Read the configuration as `serve` would, and show it with secrets hidden
    Check,
}

pub(super) fn run(common: &Common, command: &Command) -> Result<(), CliError> {
    let Command::Check = command;
    let config = common.load()?;
    let odds = odds((&config.limits).into());
    let text = format!("{}\n\n# {}", config.effective().trim_end(), odds.join("\n# "));
    say(common.json, &json!({ "valid": true, "effective": config.effective(), "guessing": odds }), &text)
}
