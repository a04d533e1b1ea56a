//! `verifyd openapi`: the committed API descriptions are what the code says.

use std::{fs, path::PathBuf};

use clap::Args;

use super::{CliError, output::say};
use crate::app::Document;

#[derive(Args)]
pub(super) struct Arguments {
    /// Change nothing; fail when a file is not up to date
    #[arg(long)]
    check: bool,
    /// Where the files are
    #[arg(long, default_value = "openapi", value_name = "DIRECTORY")]
    dir: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), CliError> {
    Document::all().try_for_each(|document| one(arguments, document))
}

fn one(arguments: &Arguments, document: Document) -> Result<(), CliError> {
    let path = arguments.dir.join(format!("{}.json", document.name));
    let named = |err| CliError::Io(path.display().to_string(), err);
    let text = format!("{:#}\n", (document.make)());
    if !arguments.check {
        fs::create_dir_all(&arguments.dir).and_then(|()| fs::write(&path, text)).map_err(named)?;
        return say(false, &serde_json::Value::Null, &format!("Wrote {}.", path.display()));
    }
    if fs::read_to_string(&path).map_err(named)? == text {
        return say(false, &serde_json::Value::Null, &format!("{} is up to date.", path.display()));
    }
    Err(CliError::Refused(format!("{} is not what the code says: run `make openapi`", path.display())))
}
