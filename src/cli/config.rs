//! `verifyd config …`.

use clap::Subcommand;
use serde_json::json;

use super::{CliError, Common, output::say};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Read the configuration as `serve` would, and show it with secrets hidden
    Check,
}

pub(super) fn run(common: &Common, command: &Command) -> Result<(), CliError> {
    let Command::Check = command;
    let config = common.load()?;
    say(common.json, &json!({ "valid": true, "effective": config.effective() }), config.effective().trim_end())
}
