//! Software of other makers as a child process (`tests/peers/judge.py`): Twilio's own library signs, a JSON Schema
//! validator judges.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Mutex,
};

use serde_json::{Value, json};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Ended when dropped.
pub(crate) struct Judge {
    child: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Judge {
    pub(crate) fn start() -> Self {
        let child = Command::new(format!("{ROOT}/target/peers-venv/bin/python"))
            .arg(format!("{ROOT}/tests/peers/judge.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.expect("run tests/peers/setup.sh first");
        let pipes = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, pipes: Mutex::new(pipes) }
    }

    fn ask(&self, task: &Value) -> Value {
        let mut pipes = self.pipes.lock().unwrap();
        writeln!(pipes.0, "{task}").unwrap();
        let mut answer = String::new();
        pipes.1.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).expect("run tests/peers/setup.sh again")
    }

    /// What Twilio writes into `X-Twilio-Signature`.
    pub(crate) fn twilio_signature(&self, token: &str, url: &str, fields: &[(&str, &str)]) -> String {
        let fields: Value = fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        self.ask(&json!({"token": token, "url": url, "fields": fields})).as_str().unwrap().to_owned()
    }

    /// The first thing in `document` that `schema` does not allow.
    pub(crate) fn fault(&self, schema: &Value, document: &Value) -> Option<String> {
        self.ask(&json!({"schema": schema, "document": document})).as_str().map(str::to_owned)
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
