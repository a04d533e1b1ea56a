//! A mock made from Twilio's own description of its API, which refuses every request that is not as described.
//!
//! The description is not part of this repository (github.com/twilio/twilio-oai has it): `TWILIO_DESCRIPTION` names the
//! file. Without it the tests that need it are skipped, and say so.

use std::{
    env,
    io::{self, Write},
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::mail_peer::Lines;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Where the file is looked for when nobody names it.
const BESIDE: &str = "../shared/peers/twilio_api_v2010.subset.json";

/// Ended when dropped.
pub(crate) struct Prism {
    child: Child,
    /// It ends when nobody reads its log.
    _log: Lines,
    pub(crate) url: String,
}

impl Prism {
    /// `None`, and a word about it, where there is no description.
    pub(crate) async fn start() -> Option<Self> {
        let path = env::var_os("TWILIO_DESCRIPTION").unwrap_or_else(|| format!("{ROOT}/{BESIDE}").into());
        if !Path::new(&path).exists() {
            // Not by `eprintln!`: the test harness keeps that for itself.
            let mut aloud = io::stderr();
            writeln!(aloud, "SKIPPED: no description of Twilio's API; TWILIO_DESCRIPTION may name one").unwrap();
            return None;
        }
        let child = Command::new(node())
            .arg(format!("{ROOT}/tests/contract/node_modules/.bin/prism"))
            .args(["mock", "--host", "127.0.0.1", "--port", "0", "--dynamic", "--seed", "7", "--errors"])
            .arg(&path)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.expect("run tests/setup/tools.sh again");
        let mut log = Lines::of(&mut child);
        let listening = log.with("listening on http").await;
        let url = listening.split_whitespace().last().unwrap().to_owned();
        Some(Self { child, _log: log, url })
    }
}

/// The program itself: the one on the way to it starts a child, which outlives it.
fn node() -> String {
    let asked = Command::new(format!("{ROOT}/target/contract/venv/bin/node")).args(["-p", "process.execPath"]).output();
    String::from_utf8(asked.expect("run tests/setup/tools.sh first").stdout).unwrap().trim().to_owned()
}

impl Drop for Prism {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
