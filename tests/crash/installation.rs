//! A data directory and a configuration, served by one process after another.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{database::Database, process::Process, receiver::STEPS};

/// One installation; its files go with it.
pub(crate) struct Installation {
    directory: TempDir,
    pub(crate) database: Database,
    /// More configuration, such as `http.shutdown_total = "3s"`.
    settings: &'static str,
    /// More about the gateway.
    pub(crate) gateway: &'static str,
    /// `dev_key` and `dev_secret` with a colon between them.
    pub(crate) key: String,
}

impl Installation {
    /// Lets a first process set everything up, kills it, and makes a key.
    pub(crate) fn new(database: Database, settings: &'static str) -> Self {
        let mut made = Self::empty(database, settings);
        made.start("http://127.0.0.1:1/").kill();
        let key = made.command(&["key", "create", "--app", "default", "--permissions", "send,verify"]);
        made.key = format!("{}:{}", key["dev_key"].as_str().unwrap(), key["dev_secret"].as_str().unwrap());
        made
    }

    /// Has every step of a message told to `url`.
    pub(crate) fn tell(&self, url: &str) {
        self.command(&["callback", "create", "--app", "default", url, "--events", &STEPS.join(",")]);
    }

    /// Nothing but a configuration.
    pub(crate) fn empty(database: Database, settings: &'static str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let made = Self { directory, database, settings, gateway: "", key: String::new() };
        made.configure("http://127.0.0.1:1/");
        made
    }

    /// The data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Where a test may put files of its own.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Writes the configuration, with a gateway.
    pub(crate) fn configure(&self, gateway: &str) {
        let (data, url, settings) = (self.data().display().to_string(), self.database.url(), self.settings);
        let text = format!(
            "data_dir = {data:?}\n{settings}\nhttp.listen = \"127.0.0.1:0\"\ndatabase.url = {url:?}\n\n\
             [[provider]]\nname = \"gateway\"\nkind = \"http\"\nchannels = [\"sms\"]\nurl = {gateway:?}\n{}",
            self.gateway
        );
        std::fs::write(self.config(), text).unwrap();
    }

    /// The configuration file.
    pub(crate) fn config(&self) -> PathBuf {
        self.directory.path().join("verifyd.toml")
    }

    /// The words that serve it, for [`Process::start`] or a tracer.
    pub(crate) fn serve(&self) -> [String; 4] {
        let config = self.config().display().to_string();
        [binary(), "serve".to_owned(), "--config".to_owned(), config]
    }

    /// Serves it, handing messages to `gateway`.
    pub(crate) fn start(&self, gateway: &str) -> Process {
        self.configure(gateway);
        let words = self.serve();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        Process::start(command)
    }

    /// Runs a command that ends by itself.
    pub(crate) fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(binary());
        command.args(words).arg("--config").arg(self.config());
        command.output().unwrap()
    }

    fn command(&self, words: &[&str]) -> Value {
        let output = self.run(&[words, &["--json"]].concat());
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// The build under test: the one that Cargo made for us, or that of `CRASH_BINARY`.
fn binary() -> String {
    let named = std::env::var_os("CRASH_BINARY").map(|file| file.into_string().unwrap());
    named.unwrap_or_else(|| env!("CARGO_BIN_EXE_verifyd").to_owned())
}
