//! What the gateway reports of the messages that it took: that they arrived, until a server has heard it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use serde_json::json;
use tokio::{
    sync::{mpsc::UnboundedReceiver, watch},
    task::JoinSet,
    time::timeout,
};

use crate::{client::Client, process::PATIENCE, sink::Sink};

/// What makes the gateway of the configuration one that reports.
pub(crate) const REPORTS: &str = "
message_id_path = \"/id\"
receipt_id_path = \"/id\"
receipt_status_path = \"/status\"
receipt_delivered = [\"arrived\"]
webhook_secret = \"the-secret-way-of-the-gateway\"
";
const PATH: &str = "/providers/gateway/the-secret-way-of-the-gateway";
/// Reports in one request.
const TOGETHER: usize = 50;
/// Before a server that did not take something is asked again.
const PAUSE: Duration = Duration::from_millis(50);

/// Reports on everything that a gateway took.
pub(crate) struct Receipts {
    server: watch::Sender<Option<SocketAddr>>,
    /// Reports that were heard.
    heard: Arc<watch::Sender<usize>>,
    _tasks: JoinSet<()>,
}

impl Receipts {
    pub(crate) fn of(sink: &Sink) -> Self {
        let (server, known) = watch::channel(None);
        let heard = Arc::new(watch::Sender::new(0));
        let mut tasks = JoinSet::new();
        tasks.spawn(report(sink.references(), known, heard.clone()));
        Self { server, heard, _tasks: tasks }
    }

    /// Who is to hear them from now on.
    pub(crate) fn go_to(&self, server: SocketAddr) {
        self.server.send_replace(Some(server));
    }

    /// Waits until so many were heard.
    pub(crate) async fn heard(&self, count: usize) {
        let mut heard = self.heard.subscribe();
        let wait = heard.wait_for(|heard| *heard >= count);
        timeout(PATIENCE, wait).await.expect("nobody hears the receipts").unwrap();
    }
}

async fn report(
    mut references: UnboundedReceiver<String>,
    mut server: watch::Receiver<Option<SocketAddr>>,
    heard: Arc<watch::Sender<usize>>,
) {
    let mut batch = vec![];
    while references.recv_many(&mut batch, TOGETHER).await > 0 {
        let reports: Vec<_> = batch.iter().map(|id| json!({ "id": id, "status": "arrived" })).collect();
        loop {
            let address = *server.borrow_and_update();
            if let Some(address) = address
                && let Some(mut client) = Client::connect(address, "").await
                && client.post(PATH, &json!(reports)).await.is_ok_and(|answer| answer.status < 300)
            {
                break;
            }
            let _ = timeout(PAUSE, server.changed()).await;
        }
        heard.send_modify(|heard| *heard += batch.len());
        batch.clear();
    }
}
