//! A mail server of another make, as a child process (`tests/peers/smtp_peer.py`).

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Lines a child writes to its standard output, as they come.
pub(crate) struct Lines(UnboundedReceiver<String>);

impl Lines {
    pub(crate) fn of(child: &mut Child) -> Self {
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, receiver) = unbounded_channel();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self(receiver)
    }

    /// The next line that holds `part`, within 20 s.
    pub(crate) async fn with(&mut self, part: &str) -> String {
        self.within(Duration::from_secs(20), part).await
    }

    /// The next line that holds `part`, of a peer that takes its time.
    pub(crate) async fn within(&mut self, limit: Duration, part: &str) -> String {
        let found = async {
            loop {
                let line = self.0.recv().await.expect("the peer went away");
                if line.contains(part) {
                    return line;
                }
            }
        };
        timeout(limit, found).await.expect("the peer says nothing")
    }
}

/// Ended when dropped.
pub(crate) struct MailPeer {
    child: Child,
    lines: Lines,
    pub(crate) port: u16,
}

/// One mail as the peer saw it.
pub(crate) struct Seen(Value);

impl MailPeer {
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        let child = Command::new(format!("{ROOT}/target/peers-venv/bin/python"))
            .arg(format!("{ROOT}/tests/peers/smtp_peer.py"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.expect("run tests/peers/setup.sh first");
        let mut lines = Lines::of(&mut child);
        let hello: Value = serde_json::from_str(&lines.with("port").await).unwrap();
        let port = u16::try_from(hello["port"].as_u64().unwrap()).unwrap();
        Self { child, lines, port }
    }

    pub(crate) async fn mail(&mut self) -> Seen {
        Seen(serde_json::from_str(&self.lines.with("recipients").await).unwrap())
    }
}

impl Drop for MailPeer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Seen {
    pub(crate) fn field(&self, name: &str) -> &Value {
        &self.0[name]
    }

    pub(crate) fn text(&self) -> &str {
        self.0["text"].as_str().unwrap()
    }

    /// The command lines since the mail before. After `DATA` there is one final dot, at the very end.
    pub(crate) fn commands(&self) -> Vec<&str> {
        let raw = self.0["raw"].as_str().unwrap();
        let (commands, text) = raw.split_once("DATA\r\n").unwrap();
        assert_eq!(text.find("\r\n.\r\n"), Some(text.len() - 5), "{raw}");
        commands.split_terminator("\r\n").chain(["DATA"]).collect()
    }

    /// Name and value of every header, continuation lines joined.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let (head, _) = self.text().split_once("\r\n\r\n").unwrap();
        let head = head.replace("\r\n ", " ");
        let parts = head.split("\r\n").map(|line| line.split_once(": ").unwrap());
        parts.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}
