//! `verifyd key-ring …`.

use std::time::Duration;

use clap::Subcommand;
use serde_json::json;

use super::{CliError, Common, apps::rfc3339, output::say, world};
use crate::{
    app::AppError,
    core::clock::{Clock, SystemClock},
    datadir::DataDir,
    keyfile,
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Add new keys that come into use in a minute; running servers take them over by themselves
    Rotate,
}

/// Time for every node to see the new file before anything is sealed with it.
const NOTICE: Duration = Duration::from_mins(1);

pub(super) fn run(common: &Common, command: &Command) -> Result<(), CliError> {
    let Command::Rotate = command;
    let config = common.load()?;
    let data = DataDir::open(&config.data_dir).map_err(AppError::from)?;
    let (now, entropy) = (SystemClock::default().now(), world().entropy);
    keyfile::load_or_create(&data.keyring(), now, &*entropy).map_err(AppError::from)?;
    let id = keyfile::rotate(&data.keyring(), now, now + NOTICE, &*entropy).map_err(AppError::from)?;
    let at = rfc3339(now + NOTICE);
    let text = format!(
        "Generation {id} comes into use at {at}. Where several nodes run, give each of them the file {} before then.",
        data.keyring().display()
    );
    say(common.json, &json!({ "generation": id, "in_use_at": at }), &text)
}
