//! `verifyd admin-token …`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    CliError, Common,
    output::{no_such, say, table},
};
use crate::{
    app::App,
    core::{admin_token::AdminToken, clock::Timestamp},
    service::NewAdminToken,
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make a token; it is shown once
    Create(Create),
    /// Show the tokens' names
    List,
    /// Remove a token
    Delete {
        /// Its name
        name: String,
    },
}

#[derive(Args)]
pub(super) struct Create {
    /// What it is for; unique
    #[arg(long)]
    name: String,
    /// Refuse the token from then on, such as 2027-01-31T00:00:00Z
    #[arg(long, value_name = "RFC3339", value_parser = time)]
    expires_at: Option<Timestamp>,
}

pub(super) async fn run(common: &Common, command: Command) -> Result<(), CliError> {
    let app = common.open().await?;
    let said = match command {
        Command::Create(Create { name, expires_at }) => create(common, &app, name, expires_at).await,
        Command::List => list(common, &app).await,
        Command::Delete { name } => delete(common, &app, &name).await,
    };
    app.close().await;
    said
}

async fn create(common: &Common, app: &App, name: String, expires_at: Option<Timestamp>) -> Result<(), CliError> {
    let new = NewAdminToken { name: name.clone(), expires_at };
    let Some(token) = app.service().create_admin_token(new).await? else {
        return Err(CliError::Refused(format!("there is a token `{name}` already")));
    };
    let token = token.as_str();
    let text =
        format!("Token: {token}\nIt is not shown again. Try: curl -H 'Authorization: Bearer …' …/admin/v1/status");
    say(common.json, &json!({ "name": name, "token": token }), &text)
}

async fn list(common: &Common, app: &App) -> Result<(), CliError> {
    let tokens = app.service().admin_tokens().await?;
    let end = |token: &AdminToken| token.expires_at.map(Timestamp::rfc3339);
    let json = tokens
        .iter()
        .map(|token| json!({ "name": token.name, "expires_at": end(token), "created_at": token.created_at.rfc3339() }));
    let row = |token: &AdminToken| {
        vec![token.name.clone(), end(token).unwrap_or_else(|| "never".to_owned()), token.created_at.rfc3339()]
    };
    let rows: Vec<_> = tokens.iter().map(row).collect();
    say(common.json, &json!(json.collect::<Vec<_>>()), &table(&["NAME", "EXPIRES", "CREATED"], &rows))
}

async fn delete(common: &Common, app: &App, name: &str) -> Result<(), CliError> {
    if !app.service().delete_admin_token(name).await? {
        return Err(no_such("token", name));
    }
    let text = format!("Token `{name}` is deleted; every node knows within five seconds.");
    say(common.json, &json!({ "name": name, "state": "deleted" }), &text)
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_rfc3339(text).ok_or_else(|| "give a time such as 2027-01-31T00:00:00Z".to_owned())
}
