//! `verifyd app …`.

use clap::Subcommand;
use serde_json::json;

use super::{
    CliError, Common,
    output::{no_such, say, table},
};
use crate::{app::App, core};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Add an application
    Create {
        /// Its name, unique
        name: String,
    },
    /// Show all applications
    List,
}

pub(super) async fn run(common: &Common, command: Command) -> Result<(), CliError> {
    let app = common.open().await?;
    let said = match command {
        Command::Create { name } => create(common, &app, &name).await,
        Command::List => list(common, &app).await,
    };
    app.close().await;
    said
}

async fn create(common: &Common, app: &App, name: &str) -> Result<(), CliError> {
    let Some(made) = app.service().create_app(name).await? else {
        return Err(CliError::Refused(format!("there is an application `{name}` already")));
    };
    let text = format!("Made application `{name}`. Next: verifyd key create --app {name} --permissions send,verify");
    say(common.json, &json!({ "app": made.name, "id": made.id.to_string() }), &text)
}

async fn list(common: &Common, app: &App) -> Result<(), CliError> {
    let apps = app.service().apps().await?;
    let json: Vec<_> = apps
        .iter()
        .map(|app| json!({ "app": app.name, "id": app.id.to_string(), "created_at": rfc3339(app.created_at) }))
        .collect();
    let rows = apps.iter().map(|app| vec![app.name.clone(), app.id.to_string(), rfc3339(app.created_at)]);
    say(common.json, &json!(json), &table(&["NAME", "ID", "CREATED"], &rows.collect::<Vec<_>>()))
}

/// The application of that name, or a sentence that there is none.
pub(super) async fn find(app: &App, name: &str) -> Result<core::access::App, CliError> {
    app.service().app(name).await?.ok_or_else(|| no_such("application", name))
}

/// A time as scripts and people write it.
pub(super) fn rfc3339(time: core::clock::Timestamp) -> String {
    time.rfc3339()
}
