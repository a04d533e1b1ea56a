//! `verifyd app …`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    CliError, Common,
    output::{no_such, say, table},
};
use crate::{
    app::App,
    core::{self, money::Usd},
    service::AppUpdate,
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Add an application
    Create {
        /// Its name, unique
        name: String,
    },
    /// Show all applications
    List,
    /// Change what an application may spend, and what its callbacks are told of
    Set(Set),
    /// Show what an application has spent
    Spend {
        /// The application
        name: String,
    },
}

#[derive(Args)]
pub(super) struct Set {
    /// The application
    name: String,
    /// What it may spend in all, in US dollars, or `none`; what has been spent counts
    #[arg(long, value_name = "USD|none", value_parser = or_none(Usd::parse))]
    spend_limit: Option<OrNone<Usd>>,
    /// Tell its callbacks when less than this is left of the limit
    #[arg(long, value_name = "USD|none", value_parser = or_none(Usd::parse))]
    balance_alert: Option<OrNone<Usd>>,
    /// Tell its callbacks when fewer codes than this, in percent, come back
    #[arg(long, value_name = "PERCENT|none", value_parser = or_none(percent))]
    verification_rate_alert: Option<OrNone<u8>>,
}

/// A value, or the word `none`; under a name of its own, because clap takes an option of an option for something else.
type OrNone<T> = Option<T>;

/// Reads such a value.
fn or_none<T>(read: fn(&str) -> Option<T>) -> impl Fn(&str) -> Result<OrNone<T>, String> + Clone {
    move |text| match text {
        "none" => Ok(None),
        text => read(text).map(Some).ok_or_else(|| "a number, or `none`".to_owned()),
    }
}

fn percent(text: &str) -> Option<u8> {
    text.parse().ok().filter(|percent| (1..=100).contains(percent))
}

pub(super) async fn run(common: &Common, command: Command) -> Result<(), CliError> {
    let app = common.open().await?;
    let said = match command {
        Command::Create { name } => create(common, &app, &name).await,
        Command::List => list(common, &app).await,
        Command::Set(set) => change(common, &app, set).await,
        Command::Spend { name } => spend(common, &app, &name).await,
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
    let json: Vec<_> = apps.iter().map(as_json).collect();
    say(common.json, &json!(json), &as_text(&apps))
}

async fn change(common: &Common, app: &App, set: Set) -> Result<(), CliError> {
    let Set { name, spend_limit, balance_alert, verification_rate_alert } = set;
    let owner = find(app, &name).await?;
    let update = AppUpdate { spend_limit, balance_alert, verification_rate_alert };
    let changed = app.service().change_app(owner.id, update).await?.ok_or_else(|| no_such("application", &name))?;
    say(common.json, &as_json(&changed), &as_text(&[changed]))
}

async fn spend(common: &Common, app: &App, name: &str) -> Result<(), CliError> {
    let owner = find(app, name).await?;
    let spent = app.service().spent_by(owner.id).await?;
    let balance = owner.spend_limit.map(|limit| limit - spent);
    let json = json!({
        "app": owner.name,
        "spent": spent.to_string(),
        "spend_limit": amount(owner.spend_limit),
        "balance": amount(balance),
    });
    let text = match (owner.spend_limit, balance) {
        (Some(limit), Some(left)) => format!("`{name}` has spent {spent} USD of {limit} USD; {left} USD are left."),
        _ => format!("`{name}` has spent {spent} USD, and has no limit."),
    };
    say(common.json, &json, &text)
}

fn as_json(app: &core::access::App) -> Value {
    json!({
        "app": app.name,
        "id": app.id.to_string(),
        "created_at": rfc3339(app.created_at),
        "spend_limit": amount(app.spend_limit),
        "balance_alert": amount(app.balance_alert),
        "verification_rate_alert": app.verification_rate_alert,
    })
}

fn as_text(apps: &[core::access::App]) -> String {
    let rows = apps.iter().map(|app| {
        vec![
            app.name.clone(),
            app.id.to_string(),
            rfc3339(app.created_at),
            amount(app.spend_limit).unwrap_or_default(),
            amount(app.balance_alert).unwrap_or_default(),
            app.verification_rate_alert.map(|percent| format!("{percent}%")).unwrap_or_default(),
        ]
    });
    let titles = ["NAME", "ID", "CREATED", "SPEND LIMIT", "BALANCE ALERT", "RATE ALERT"];
    table(&titles, &rows.collect::<Vec<_>>())
}

fn amount(amount: Option<Usd>) -> Option<String> {
    amount.map(|amount| amount.to_string())
}

/// The application of that name, or a sentence that there is none.
pub(super) async fn find(app: &App, name: &str) -> Result<core::access::App, CliError> {
    app.service().app(name).await?.ok_or_else(|| no_such("application", name))
}

/// A time as scripts and people write it.
pub(super) fn rfc3339(time: core::clock::Timestamp) -> String {
    time.rfc3339()
}
