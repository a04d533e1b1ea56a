//! verifyd as its users meet it: the release binary, its configuration file, its commands and its API.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::{Value, json};

use crate::{
    Fallible,
    http::{self, Request},
    postgres::Postgres,
    server::{Server, fresh_directory},
    sink::{CODE_LENGTH, Sink},
};

const APP: &str = "bench";

/// An installation: a data directory with configuration, one application and one key.
pub(crate) struct Installation {
    binary: PathBuf,
    directory: PathBuf,
    /// Where it delivers to.
    pub(crate) sink: Sink,
    key: (String, String),
    /// Where its database is.
    pub(crate) database_url: String,
}

impl Installation {
    /// Installs into a new directory, on a `SQLite` file in it.
    pub(crate) fn on_sqlite(binary: &Path, name: &str) -> Fallible<Self> {
        Self::on_sqlite_with(binary, name, "")
    }

    /// The same with more at the end of its configuration.
    pub(crate) fn on_sqlite_with(binary: &Path, name: &str, more: &str) -> Fallible<Self> {
        let directory = fresh_directory(name)?;
        let url = format!("sqlite://{}", directory.join("verifyd.db").display());
        Self::create(binary, &directory, url, more)
    }

    /// Installs into a new directory, on a new `PostgreSQL` database.
    pub(crate) fn on_postgres(binary: &Path, name: &str, postgres: &Postgres) -> Fallible<Self> {
        Self::on_postgres_with(binary, name, postgres, "")
    }

    /// The same with more at the end of its configuration.
    pub(crate) fn on_postgres_with(binary: &Path, name: &str, postgres: &Postgres, more: &str) -> Fallible<Self> {
        let url = postgres.fresh_database(&format!("verifyd_bench_{name}"))?;
        Self::create(binary, &fresh_directory(name)?, url, more)
    }

    fn create(binary: &Path, directory: &Path, database_url: String, more: &str) -> Fallible<Self> {
        let sink = Sink::start()?;
        fs::write(directory.join("verifyd.toml"), configuration(directory, &database_url, &sink) + more)?;
        let no_key = (String::new(), String::new());
        let mut installation =
            Self { binary: binary.to_owned(), directory: directory.to_owned(), sink, key: no_key, database_url };
        installation.run(&["migrate"])?;
        installation.run(&["app", "create", APP, "--json"])?;
        let key = installation.create_key(&["--permissions", "send,verify"])?;
        let part = |name: &str| key[name].as_str().map(str::to_owned).ok_or(format!("no {name} in {key}"));
        installation.key = (part("dev_key")?, part("dev_secret")?);
        Ok(installation)
    }

    /// Starts the server.
    pub(crate) fn serve(&self) -> Fallible<Server> {
        Server::start(self.command(&["serve"]), &self.log())
    }

    /// Starts the server; also says how long the first answer took.
    pub(crate) fn serve_and_time(&self) -> Fallible<(Server, std::time::Duration)> {
        Server::start_to_first_answer(self.command(&["serve"]), &self.log())
    }

    /// A request of this installation's key.
    pub(crate) fn request(&self, server: &Server, path: &str) -> Request {
        Request::post(server.address, path, &self.key.0, &self.key.1)
    }

    /// What its key's requests carry.
    pub(crate) fn authorization(&self) -> String {
        http::basic(&self.key.0, &self.key.1)
    }

    /// Another key: what `key create` printed. A server that runs takes a while to know it.
    pub(crate) fn create_key(&self, options: &[&str]) -> Fallible<Value> {
        let key = self.run(&[&["key", "create", "--app", APP, "--json"], options].concat())?;
        Ok(serde_json::from_slice(&key.stdout)?)
    }

    /// Has a receiver told of one kind of event; it answers a probe before this returns.
    pub(crate) fn create_callback(&self, url: &str, event: &str) -> Fallible<()> {
        self.run(&["callback", "create", "--app", APP, url, "--events", event]).map(drop)
    }

    fn log(&self) -> PathBuf {
        self.directory.join("verifyd.log")
    }

    fn run(&self, arguments: &[&str]) -> Fallible<Output> {
        let output = self.command(arguments).output()?;
        if !output.status.success() {
            let why = String::from_utf8_lossy(&output.stderr);
            return Err(format!("verifyd {} ended with {}: {why}", arguments.join(" "), output.status).into());
        }
        Ok(output)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(arguments).arg("--config").arg(self.directory.join("verifyd.toml")).current_dir(&self.directory);
        command
    }
}

/// Creates a template of one channel: six digits, ten minutes.
pub(crate) fn create_template(server: &Server, request: &Request, id: &str, channel: &str) -> Fallible<()> {
    let config =
        json!({"template_type": 1, "template_default_config": {"contain_security": true, "contain_expire": true}});
    create(server, request, (id, channel), &config)
}

/// Creates a template of mails.
pub(crate) fn create_mail(server: &Server, request: &Request, id: &str, html: &str) -> Fallible<()> {
    let config = json!({"template_name": "Bench", "template_custom_configs": [{"language": "default",
        "pre_from_name": "Bench", "pre_from_mail": "bench@example.com", "pre_subject": "Your code",
        "template_content": html}]});
    create(server, request, (id, "email"), &config)
}

fn create(server: &Server, request: &Request, (id, channel): (&str, &str), config: &Value) -> Fallible<()> {
    let template = json!({
        "template_id": id, "send_channel_strategy": channel, "brand_name": "Bench",
        "verify_code_config": {"verify_code_type": 1, "verify_code_len": CODE_LENGTH, "verify_code_ttl": 10},
        (format!("{channel}_config")): config,
    });
    let (status, body) = http::once_with(server.address, request, &template.to_string())?;
    if status != 200 {
        return Err(format!("template creation answered {status} {}", String::from_utf8_lossy(&body)).into());
    }
    Ok(())
}

fn configuration(directory: &Path, database_url: &str, sink: &Sink) -> String {
    let (data, sink) = (directory.display(), sink.address);
    format!(
        r#"data_dir = "{data}"

[http]
listen = "127.0.0.1:0"
shutdown_accept = "0s"

[database]
url = "{database_url}"

[[provider]]
name = "sink"
kind = "http"
channels = ["sms", "email"]
url = "http://{sink}/"
"#
    )
}
