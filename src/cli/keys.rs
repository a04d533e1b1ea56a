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
        access::{ApiKey, Permission, Permissions, Pool, Scopes},
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
    /// Which API the key opens: engagelab, mailpass or airtexts
    #[arg(long, default_value = "engagelab", value_parser = pool)]
    dialect: Pool,
    /// What the key may do: send and verify (engagelab), otp (the others); everything of these unless given. Templates may be
    /// managed with any key
    #[arg(long, value_delimiter = ',')]
    permissions: Option<Vec<PermissionWord>>,
    /// Name of an application that the key's user may give (airtexts); "*" is any; may be repeated
    #[arg(long, value_name = "APPID")]
    appid: Vec<String>,
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
    Otp,
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
            show_secret(common, &service.create_key(owner.id, create.try_into()?).await?)
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
    let mut json = json!({ "dev_key": secret.dev_key, "dev_secret": secret.dev_secret.as_str() });
    let mut text = format!("DevKey:    {}\nDevSecret: {}\n", secret.dev_key, secret.dev_secret.as_str());
    let api_key = secret.api_key();
    let theirs = [
        ("api_key", "API key:   ", api_key.as_ref()),
        ("api_secret", "API secret:", secret.api_secret()),
        ("webhook_secret", "Webhooks:  ", secret.webhook_secret.as_ref()),
    ];
    for (name, title, value) in theirs {
        let Some(value) = value else { continue };
        json[name] = json!(value.as_str());
        text.extend([title, " ", value.as_str(), "\n"]);
    }
    say(common.json, &json, &(text + "The secret is not shown again."))
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
    let titles = ["DEV_KEY", "DIALECT", "STATE", "PERMISSIONS", "APPIDS", "EXPIRES", "ALLOWED FROM", "DESCRIPTION"];
    say(common.json, &json!(json), &table(&titles, &rows))
}

/// As scripts know it; a key of EngageLab's API says neither which API it opens nor names of applications.
fn as_json(key: &ApiKey) -> Value {
    let mut json = json!({
        "dev_key": key.dev_key,
        "enabled": key.enabled,
        "permissions": key.permissions.iter().map(Permission::as_str).collect::<Vec<_>>(),
        "expires_at": key.expires_at.map(rfc3339),
        "allowed_ips": key.allowed_ips.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "description": key.description,
        "created_at": rfc3339(key.created_at),
    });
    if key.pool != Pool::Engagelab {
        json["dialect"] = json!(key.pool.as_str());
    }
    if key.pool.has_scopes() {
        json["appids"] = json!(key.scopes.iter().collect::<Vec<_>>());
    }
    json
}

fn as_row(key: &ApiKey) -> Vec<String> {
    let networks: Vec<_> = key.allowed_ips.iter().map(ToString::to_string).collect();
    vec![
        key.dev_key.clone(),
        key.pool.as_str().to_owned(),
        if key.enabled { "enabled" } else { "disabled" }.to_owned(),
        key.permissions.iter().map(Permission::as_str).collect::<Vec<_>>().join(","),
        key.scopes.iter().collect::<Vec<_>>().join(","),
        key.expires_at.map_or_else(|| "never".to_owned(), rfc3339),
        if networks.is_empty() { "anywhere".to_owned() } else { networks.join(",") },
        key.description.clone(),
    ]
}

impl TryFrom<Create> for NewKey {
    type Error = CliError;

    fn try_from(create: Create) -> Result<Self, CliError> {
        let permission = |word: &PermissionWord| match word {
            PermissionWord::Send => Permission::Send,
            PermissionWord::Verify => Permission::Verify,
            PermissionWord::Otp => Permission::Otp,
        };
        let given = create.permissions.map(|words| Permissions::of(words.iter().map(permission)));
        Ok(Self {
            pool: create.dialect,
            scopes: Scopes::parse(create.appid).map_err(|err| CliError::Refused(err.to_string()))?,
            description: create.description,
            permissions: given.unwrap_or_else(|| create.dialect.permissions()),
            allowed_ips: create.allow_ip,
            expires_at: create.expires_at.map(|time| Timestamp::from_millis(time.as_millisecond())),
        })
    }
}

fn pool(word: &str) -> Result<Pool, String> {
    let words = || Pool::ALL.map(Pool::as_str).join(", ");
    Pool::parse(word).ok_or_else(|| format!("give one of: {}", words()))
}

/// A network, or one address.
fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.parse().ok().map(|address: std::net::IpAddr| IpNet::from(address));
    text.parse().ok().or_else(address).ok_or_else(|| "give a network such as 10.0.0.0/8, or an address".to_owned())
}
