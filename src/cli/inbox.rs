//! `verifyd inbox`: what the development inbox of the running server holds.

use clap::Args;
use serde_json::{Value, json};

use super::{
    CliError, Common,
    apps::rfc3339,
    output::{say, table},
};
use crate::{channel::inbox_reader, core::clock::Timestamp};

#[derive(Args)]
pub(super) struct Arguments {
    /// Address of the server [default: the listen address of the configuration]
    #[arg(long)]
    url: Option<String>,
}

pub(super) async fn run(common: &Common, arguments: &Arguments) -> Result<(), CliError> {
    let config = common.load()?;
    let scheme = if config.http.tls.files().is_some() { "https" } else { "http" };
    let url = arguments.url.clone().unwrap_or_else(|| format!("{scheme}://{}", config.http.listen));
    let messages =
        inbox_reader::read(&url).await.map_err(|reason| CliError::Refused(format!("no inbox at {url}: {reason}")))?;
    let rows: Vec<_> = messages.iter().map(row).collect();
    say(common.json, &json!(messages), &table(&["TIME", "CHANNEL", "TO", "MESSAGE ID", "TEXT"], &rows))
}

fn row(message: &Value) -> Vec<String> {
    let text = |key: &str| message[key].as_str().unwrap_or_default().to_owned();
    let time = rfc3339(Timestamp::from_millis(message["at"].as_i64().unwrap_or_default()));
    let words = if message["text"].is_null() { text("subject") } else { text("text") };
    vec![time, text("channel"), text("to"), text("message_id"), words]
}
