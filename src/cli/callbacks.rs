//! `verifyd callback …`.

mod show;
mod values;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use self::{
    show::{as_json, as_row, in_full, secrets},
    values::{secret_from, topics},
};
use super::{CliError, Common, apps::find, output::say, output::table};
use crate::{
    app::App,
    core::{callback::Topic, clock::Timestamp},
    service::{CallbackChange, NewCallback},
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Add an address that is told what happens; it has to answer a signed probe, and its secrets are shown once
    Create(Create),
    /// Show an application's callbacks and how they are doing
    List {
        /// The application
        #[arg(long)]
        app: String,
    },
    /// Show one callback
    Show(Id),
    /// Change a callback; it has to answer a probe again
    Update(Update),
    /// Switch a callback on; what waited for it is told
    Enable(Id),
    /// Switch a callback off
    Disable(Id),
    /// Remove a callback and what waits for it
    Delete(Id),
    /// Probe a callback again
    Refresh(Id),
    /// Tell a callback once more what happened in a time
    Replay {
        #[command(flatten)]
        id: Id,
        /// From then on, such as 2027-01-31T00:00:00Z
        #[arg(long, value_name = "RFC3339")]
        from: jiff::Timestamp,
        /// Until then
        #[arg(long, value_name = "RFC3339")]
        to: jiff::Timestamp,
    },
    /// Give a callback new secrets, shown once; the old ones sign as well for another day
    RotateSecret(Id),
}

#[derive(Args)]
pub(super) struct Id {
    /// The callback, as `list` shows it
    id: i64,
}

#[derive(Args)]
pub(super) struct Create {
    /// The application
    #[arg(long)]
    app: String,
    /// Where requests go: a public https address
    url: String,
    /// Free text
    #[arg(long, default_value = "")]
    description: String,
    /// Name in X-CALLBACK-ID; without one that header is not sent
    #[arg(long, default_value = "")]
    username: String,
    #[command(flatten)]
    files: Files,
    /// What it is told; everything but `api_call` and `account_login` unless given
    #[arg(long, value_delimiter = ',', value_name = "EVENT,…", value_parser = values::topic)]
    events: Vec<Topic>,
}

/// Secrets come from files: a command line is seen by every process of the machine.
#[derive(Args)]
struct Files {
    /// File with the secret that signs X-CALLBACK-ID; one is made unless given
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// File with the value of the Authorization header; an empty file is none
    #[arg(long, value_name = "FILE")]
    authorization_file: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct Update {
    #[command(flatten)]
    id: Id,
    /// Where requests go
    #[arg(long)]
    url: Option<String>,
    /// Free text
    #[arg(long)]
    description: Option<String>,
    /// Name in X-CALLBACK-ID; "" for none
    #[arg(long)]
    username: Option<String>,
    #[command(flatten)]
    files: Files,
    /// What it is told
    #[arg(long, value_delimiter = ',', value_name = "EVENT,…", value_parser = values::topic)]
    events: Vec<Topic>,
}

pub(super) async fn run(common: &Common, command: Command) -> Result<(), CliError> {
    let app = common.open().await?;
    let said = act(common, &app, command).await;
    app.close().await;
    said
}

async fn act(common: &Common, app: &App, command: Command) -> Result<(), CliError> {
    let service = app.service();
    match command {
        Command::Create(create) => {
            let owner = find(app, &create.app).await?;
            secrets(common, &service.create_callback(owner.id, create.read()?).await?)
        }
        Command::List { app: name } => list(common, app, &name).await,
        Command::Show(Id { id }) => in_full(common, &service.callback(id).await?),
        Command::Update(update) => {
            let id = update.id.id;
            service.change_callback(id, update.read()?).await?;
            in_full(common, &service.callback(id).await?)
        }
        Command::Enable(Id { id }) => changed(common, id, "enabled", service.enable_callback(id, true).await?),
        Command::Disable(Id { id }) => changed(common, id, "disabled", service.enable_callback(id, false).await?),
        Command::Delete(Id { id }) => changed(common, id, "deleted", service.delete_callback(id).await?),
        Command::Refresh(Id { id }) => {
            let ending = service.refresh_callback(id).await?;
            let said = if ending.is_success() { "answers well" } else { "does not answer well" };
            say(
                common.json,
                &json!({ "id": id.to_string(), "healthy": ending.is_success(), "status": ending.status }),
                &format!("Callback {id} {said}."),
            )
        }
        Command::Replay { id: Id { id }, from, to } => {
            let time = |time: jiff::Timestamp| Timestamp::from_millis(time.as_millisecond());
            let rows = service.replay(id, time(from), time(to)).await?;
            let text = format!("{rows} rows wait for callback {id}; a running server tells them now.");
            say(common.json, &json!({ "id": id.to_string(), "rows": rows }), &text)
        }
        Command::RotateSecret(Id { id }) => secrets(common, &service.rotate_callback(id).await?),
    }
}

fn changed(common: &Common, id: i64, what: &str, (): ()) -> Result<(), CliError> {
    let text = format!("Callback {id} is {what}; every node knows within five seconds.");
    say(common.json, &json!({ "id": id.to_string(), "state": what }), &text)
}

async fn list(common: &Common, app: &App, name: &str) -> Result<(), CliError> {
    let owner = find(app, name).await?;
    let callbacks = app.service().callbacks(owner.id).await?;
    let json: Vec<_> = callbacks.iter().map(as_json).collect();
    let rows: Vec<_> = callbacks.iter().map(as_row).collect();
    let titles = ["ID", "STATE", "HEALTH", "TAKEN", "FAILED", "URL", "DESCRIPTION"];
    say(common.json, &json!(json), &table(&titles, &rows))
}

impl Create {
    fn read(self) -> Result<NewCallback, CliError> {
        Ok(NewCallback {
            description: self.description,
            url: self.url,
            username: self.username,
            secret: secret_from(self.files.secret_file.as_deref())?,
            authorization: secret_from(self.files.authorization_file.as_deref())?.filter(|value| !value.is_empty()),
            topics: topics(&self.events).unwrap_or_else(crate::core::callback::Topics::usual),
        })
    }
}

impl Update {
    fn read(self) -> Result<CallbackChange, CliError> {
        Ok(CallbackChange {
            description: self.description,
            url: self.url,
            username: self.username,
            secret: secret_from(self.files.secret_file.as_deref())?,
            authorization: secret_from(self.files.authorization_file.as_deref())?,
            topics: topics(&self.events),
            enabled: None,
        })
    }
}
