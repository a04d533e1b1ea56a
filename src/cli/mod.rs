//! The command line. Each command opens the installation that the configuration names, does one thing, and says so.

mod admin_tokens;
mod apps;
mod callbacks;
mod config;
mod inbox;
mod key_ring;
mod keys;
mod messages;
mod openapi;
mod output;
mod privacy;
mod recipients;
mod serve;
mod templates;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Args, Parser, Subcommand};

use crate::{
    app::{App, AppError, Role, World},
    config::Config,
    core::entropy::OsEntropy,
};

pub use output::CliError;

/// One-time passwords, sent and verified: a self-hosted server that speaks `EngageLab`'s OTP API.
#[derive(Parser)]
#[command(name = "verifyd", version, about, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args)]
struct Common {
    /// Configuration file [default: ./verifyd.toml, where there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Answer in JSON, for scripts
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API
    Serve,
    /// Bring the database's tables up to date
    Migrate,
    /// Applications, which own keys, templates and messages
    #[command(subcommand)]
    App(apps::Command),
    /// API keys of an application
    #[command(subcommand)]
    Key(keys::Command),
    /// Message templates of an application
    #[command(subcommand)]
    Template(templates::Command),
    /// Messages, and what became of them
    #[command(subcommand)]
    Message(messages::Command),
    /// Callbacks of an application: who is told what happens
    #[command(subcommand)]
    Callback(callbacks::Command),
    /// Recipients that get nothing
    #[command(subcommand)]
    Recipient(recipients::Command),
    /// Tokens of the management API under /admin/v1
    #[command(subcommand)]
    AdminToken(admin_tokens::Command),
    /// Show the messages of the development inbox of the running server
    Inbox(inbox::Arguments),
    /// Write the API description from the code, or check that it is up to date
    Openapi(openapi::Arguments),
    /// The configuration
    #[command(subcommand)]
    Config(config::Command),
    /// The keys that protect codes and messages
    #[command(subcommand)]
    KeyRing(key_ring::Command),
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Err(err) = privacy::keep_to_ourselves() {
        return output::failed(&CliError::Io("core dumps cannot be switched off".into(), err.into()));
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(err) => return output::failed(&CliError::Io("the runtime".into(), err)),
    };
    let outcome = runtime.block_on(cli.run());
    runtime.shutdown_background(); // a name that the system still looks up would hold the process
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => output::failed(&err),
    }
}

impl Cli {
    async fn run(self) -> Result<(), CliError> {
        let common = self.common;
        match self.command {
            Command::Serve => serve::run(&common).await,
            Command::Migrate => migrate(&common).await,
            Command::App(command) => apps::run(&common, command).await,
            Command::Key(command) => keys::run(&common, command).await,
            Command::Template(command) => templates::run(&common, command).await,
            Command::Message(command) => messages::run(&common, command).await,
            Command::Callback(command) => callbacks::run(&common, command).await,
            Command::Recipient(command) => recipients::run(&common, command).await,
            Command::AdminToken(command) => admin_tokens::run(&common, command).await,
            Command::Inbox(arguments) => inbox::run(&common, &arguments).await,
            Command::Openapi(arguments) => openapi::run(&arguments),
            Command::Config(command) => config::run(&common, &command),
            Command::KeyRing(command) => key_ring::run(&common, &command),
        }
    }
}

impl Common {
    /// The configuration: file, then environment.
    fn load(&self) -> Result<Config, CliError> {
        let environment =
            std::env::vars_os().filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)));
        Ok(Config::load(self.config.as_deref(), environment).map_err(AppError::from)?)
    }

    /// The installation, for one command beside a server that may be running.
    async fn open(&self) -> Result<App, CliError> {
        let config = self.load()?;
        crate::app::start_logging(&crate::config::Log { level: "warn".into(), ..config.log.clone() });
        Ok(App::build(config, world(), Role::Command).await?)
    }
}

/// The machine's randomness, and the clock that suits the database.
fn world() -> World {
    World { clock: None, entropy: Arc::new(OsEntropy), carriers: None }
}

async fn migrate(common: &Common) -> Result<(), CliError> {
    let app = common.open().await?; // opening brings the tables up to date
    app.close().await;
    output::say(common.json, &serde_json::json!({ "migrated": true }), "The tables are up to date.")
}
