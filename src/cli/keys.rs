//! `verifyd key …`.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use ipnet::IpNet;
use serde_json::{Value, json};

use super::{
    CliError, Common,
    apps::{find, rfc3339},
    output::{no_such, say, table},
};
use crate::{
    app::App,
    core::{
        access::{ApiKey, Permission, Permissions},
        clock::Timestamp,
    },
    service::{NewKey, NewSecret},
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Make a key; its secret is shown once
    Create(Create),
    /// Show an application's keys, without secrets
    List {
        /// The application
        #[arg(long)]
        app: String,
    },
    /// Switch a key off
    Disable(Name),
    /// Switch a key on
    Enable(Name),
    /// Give a key a new secret; the old one works a little longer
    Rotate {
        #[command(flatten)]
        name: Name,
        /// How long the old secret still works, in hours
        #[arg(long, default_value_t = 24)]
        overlap_hours: u32,
    },
    /// Remove a key for ever
    Delete(Name),
}

#[derive(Args)]
pub(super) struct Name {
    /// The key (`dev_key`)
    dev_key: String,
}

#[derive(Args)]
pub(super) struct Create {
    /// The application
    #[arg(long)]
    app: String,
    /// What the key may do; templates may be managed with any key
    #[arg(long, value_delimiter = ',', default_value = "send,verify")]
    permissions: Vec<PermissionWord>,
    /// Refuse the key from then on, such as 2027-01-31T00:00:00Z
    #[arg(long, value_name = "RFC3339")]
    expires_at: Option<jiff::Timestamp>,
    /// Accept the key only from this network; may be repeated
    #[arg(long, value_name = "CIDR", value_parser = network)]
    allow_ip: Vec<IpNet>,
    /// Free text
    #[arg(long, default_value = "")]
    description: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum PermissionWord {
    Send,
    Verify,
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
            show_secret(common, &service.create_key(owner.id, create.into()).await?)
        }
        Command::List { app: name } => list(common, app, &name).await,
        Command::Disable(name) => changed(common, &name, "disabled", service.enable_key(&name.dev_key, false).await?),
        Command::Enable(name) => changed(common, &name, "enabled", service.enable_key(&name.dev_key, true).await?),
        Command::Delete(name) => changed(common, &name, "deleted", service.delete_key(&name.dev_key).await?),
        Command::Rotate { name, overlap_hours } => {
            let overlap = Duration::from_hours(overlap_hours.into());
            let secret = service.rotate_key(&name.dev_key, overlap).await?;
            show_secret(common, &secret.ok_or_else(|| no_such("key", &name.dev_key))?)
        }
    }
}

fn show_secret(common: &Common, secret: &NewSecret) -> Result<(), CliError> {
    let (key, secret) = (&secret.dev_key, secret.dev_secret.as_str());
    let text = format!("DevKey:    {key}\nDevSecret: {secret}\nThe secret is not shown again.");
    say(common.json, &json!({ "dev_key": key, "dev_secret": secret }), &text)
}

fn changed(common: &Common, name: &Name, what: &str, known: bool) -> Result<(), CliError> {
    if !known {
        return Err(no_such("key", &name.dev_key));
    }
    let text = format!("Key `{}` is {what}; every node knows within five seconds.", name.dev_key);
    say(common.json, &json!({ "dev_key": name.dev_key, "state": what }), &text)
}

async fn list(common: &Common, app: &App, name: &str) -> Result<(), CliError> {
    let owner = find(app, name).await?;
    let keys = app.service().keys(owner.id).await?;
    let json: Vec<Value> = keys.iter().map(as_json).collect();
    let rows: Vec<_> = keys.iter().map(as_row).collect();
    let titles = ["DEV_KEY", "STATE", "PERMISSIONS", "EXPIRES", "ALLOWED FROM", "DESCRIPTION"];
    say(common.json, &json!(json), &table(&titles, &rows))
}

fn as_json(key: &ApiKey) -> Value {
    json!({
        "dev_key": key.dev_key,
        "enabled": key.enabled,
        "permissions": key.permissions.iter().map(Permission::as_str).collect::<Vec<_>>(),
        "expires_at": key.expires_at.map(rfc3339),
        "allowed_ips": key.allowed_ips.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "description": key.description,
        "created_at": rfc3339(key.created_at),
    })
}

fn as_row(key: &ApiKey) -> Vec<String> {
    let networks: Vec<_> = key.allowed_ips.iter().map(ToString::to_string).collect();
    vec![
        key.dev_key.clone(),
        if key.enabled { "enabled" } else { "disabled" }.to_owned(),
        key.permissions.iter().map(Permission::as_str).collect::<Vec<_>>().join(","),
        key.expires_at.map_or_else(|| "never".to_owned(), rfc3339),
        if networks.is_empty() { "anywhere".to_owned() } else { networks.join(",") },
        key.description.clone(),
    ]
}

impl From<Create> for NewKey {
    fn from(create: Create) -> Self {
        let permission = |word: &PermissionWord| match word {
            PermissionWord::Send => Permission::Send,
            PermissionWord::Verify => Permission::Verify,
        };
        Self {
            description: create.description,
            permissions: Permissions::of(create.permissions.iter().map(permission)),
            allowed_ips: create.allow_ip,
            expires_at: create.expires_at.map(|time| Timestamp::from_millis(time.as_millisecond())),
        }
    }
}

/// A network, or one address.
fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.parse().ok().map(|address: std::net::IpAddr| IpNet::from(address));
    text.parse().ok().or_else(address).ok_or_else(|| "give a network such as 10.0.0.0/8, or an address".to_owned())
}
