//! A message centre of another make, as a child process (`tests/peers/smsc.js`), and a provider that is bound to it.

use std::{
    io::Write,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use serde_json::Value;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use verifyd::{
    channel::{
        Provider, Receipt, Sink, Unkept, Uplink,
        smpp::{SmppProvider, SmppSettings},
    },
    core::{
        clock::{FixedClock, Timestamp},
        entropy::OsEntropy,
    },
};

use crate::mail_peer::Lines;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Ended when dropped.
pub(crate) struct Centre {
    child: Child,
    orders: ChildStdin,
    lines: Lines,
    /// Events that nobody has asked for yet.
    events: Vec<Value>,
    pub(crate) port: u16,
}

impl Centre {
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        let child = Command::new(format!("{ROOT}/target/contract/venv/bin/node"))
            .arg(format!("{ROOT}/tests/peers/smsc.js"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.expect("run `make setup` first");
        let mut lines = Lines::of(&mut child);
        let hello: Value = serde_json::from_str(&lines.with("port").await).unwrap();
        let port = u16::try_from(hello["port"].as_u64().unwrap()).unwrap();
        Self { orders: child.stdin.take().unwrap(), child, lines, events: vec![], port }
    }

    /// The next event of a kind.
    pub(crate) async fn saw(&mut self, kind: &str) -> Value {
        loop {
            if let Some(index) = self.events.iter().position(|event| event.get(kind).is_some()) {
                return self.events.remove(index)[kind].take();
            }
            self.events.push(serde_json::from_str(&self.lines.with("{").await).unwrap());
        }
    }

    /// Gives an order, and waits until it is heard.
    pub(crate) async fn obey(&mut self, order: Value) {
        writeln!(self.orders, "{order}").unwrap();
        self.saw("heard").await;
    }
}

impl Drop for Centre {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where news go in these tests.
pub(crate) struct Kept {
    refuses: AtomicBool,
    receipts: UnboundedSender<Receipt>,
    uplinks: UnboundedSender<Uplink>,
}

#[async_trait]
impl Sink for Kept {
    async fn receipts(&self, provider: &str, receipts: Vec<Receipt>) -> Result<(), Unkept> {
        assert_eq!(provider, "centre");
        if self.refuses.load(Ordering::SeqCst) {
            return Err(Unkept);
        }
        for receipt in receipts {
            self.receipts.send(receipt).unwrap();
        }
        Ok(())
    }

    async fn uplink(&self, provider: &str, uplink: Uplink) -> Result<(), Unkept> {
        assert_eq!(provider, "centre");
        if self.refuses.load(Ordering::SeqCst) {
            return Err(Unkept);
        }
        let _ = self.uplinks.send(uplink);
        Ok(())
    }
}

/// A provider that listens until dropped, and what it heard.
pub(crate) struct Listening {
    pub(crate) provider: Arc<SmppProvider>,
    pub(crate) stop: CancellationToken,
    pub(crate) task: JoinSet<()>,
    kept: Arc<Kept>,
    receipts: UnboundedReceiver<Receipt>,
    uplinks: UnboundedReceiver<Uplink>,
}

/// What the tests of this file's centres bind with: in the clear, quick to come back.
pub(crate) fn settings(port: u16) -> SmppSettings {
    SmppSettings {
        port,
        tls: false,
        source: "Shop".to_owned(),
        reconnect_max: Duration::from_millis(50),
        ..SmppSettings::new("localhost", "otp", "secret")
    }
}

impl Listening {
    pub(crate) fn to(settings: SmppSettings) -> Self {
        let clock = Arc::new(FixedClock::at(Timestamp::default()));
        let provider = Arc::new(SmppProvider::new("centre", settings, clock, Arc::new(OsEntropy)).unwrap());
        let ((receipts, heard_receipts), (uplinks, heard_uplinks)) = (unbounded_channel(), unbounded_channel());
        let kept = Arc::new(Kept { refuses: AtomicBool::new(false), receipts, uplinks });
        let stop = CancellationToken::new();
        let listens = (provider.clone(), kept.clone(), stop.clone());
        let mut task = JoinSet::new();
        task.spawn(async move { listens.0.listen(listens.1, listens.2).await });
        Self { provider, stop, task, kept, receipts: heard_receipts, uplinks: heard_uplinks }
    }

    pub(crate) async fn receipt(&mut self) -> Receipt {
        timeout(Duration::from_secs(20), self.receipts.recv()).await.expect("no receipt came").unwrap()
    }

    pub(crate) async fn uplink(&mut self) -> Uplink {
        timeout(Duration::from_secs(20), self.uplinks.recv()).await.expect("no message came").unwrap()
    }

    /// Whether news cannot be kept from now on.
    pub(crate) fn refuse(&self, refuses: bool) {
        self.kept.refuses.store(refuses, Ordering::SeqCst);
    }
}
