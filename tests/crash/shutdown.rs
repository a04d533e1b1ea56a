//! SIGTERM under load (promise "graceful shutdown").

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    audit::Found,
    client::{Client, Lost},
    database::Database,
    installation::Installation,
    load::Load,
    process::Process,
    sink::Sink,
};

const SETTINGS: &str = "http.shutdown_accept = \"500ms\"\nhttp.shutdown_total = \"3s\"";
const ACCEPT: Duration = Duration::from_millis(500);
const TOTAL: Duration = Duration::from_secs(3);
/// What a process may take beside the clocks that it holds itself to.
const SLACK: Duration = Duration::from_millis(1500);
/// Its body never comes.
const HALF: &str = "POST /v1/messages HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_begun_before_sigterm_is_finished_on_sqlite() {
    finishes_what_was_begun(Installation::new(Database::Sqlite, SETTINGS)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_begun_before_sigterm_is_finished_on_postgres() {
    if let Some(database) = Database::postgres().await {
        finishes_what_was_begun(Installation::new(database, SETTINGS)).await;
    }
}

async fn finishes_what_was_begun(installation: Installation) {
    let load = Load::new(Sink::start(true).await, &installation.key);
    let process = installation.start(&load.sink.url(0));
    let mut clients = load.start(process.address, 1);
    load.next_answer().await;
    assert_eq!(readiness(&process).await, 200);
    process.terminate();
    let begun = Instant::now();
    not_ready_soon(&process, begun).await;

    while let Some(ended) = clients.join_next().await {
        // An idle connection may be closed just before a request reaches it; that request is then not begun.
        assert!(matches!(ended.unwrap(), Ok(()) | Err(Lost::Silent)), "half an answer");
    }
    assert!(begun.elapsed() >= ACCEPT, "sent away while others still came: {:?}", begun.elapsed());
    let (status, log) = process.wait();
    assert!(status.success(), "{status}:\n{log}");
    assert!(begun.elapsed() < TOTAL + SLACK, "the end took {:?}", begun.elapsed());

    let found = Found::read(&installation.database.read(&installation.data()).await).await;
    let ledger = load.ledger.lock().unwrap().clone();
    println!(
        "{} sends and {} verifies acknowledged, {} requests not begun",
        ledger.accepted.len(),
        ledger.used.len(),
        ledger.unanswered
    );
    assert_eq!(found.faults(&ledger, &load.sink), Vec::<String>::new());
    assert_eq!(found.messages(), ledger.accepted.len(), "a send was kept that nobody heard of");
    assert_eq!(found.used(), ledger.used.len(), "a code was used up that nobody heard of");
    assert_eq!(ledger.internal, 0);
    installation.database.remove().await;
}

/// New connections are still taken, and are told to go elsewhere.
async fn not_ready_soon(process: &Process, begun: Instant) {
    while readiness(process).await != 503 {
        assert!(begun.elapsed() < ACCEPT, "ready while it stops");
    }
}

async fn readiness(process: &Process) -> u16 {
    Client::connect(process.address, "").await.expect("not accepted").get("/readyz").await.unwrap().status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_can_hold_the_process_after_sigterm() {
    let installation = Installation::new(Database::Sqlite, SETTINGS);
    // A gateway that takes messages and never answers holds the deliveries.
    let load = Load::new(Sink::start(false).await, &installation.key);
    let process = installation.start(&load.sink.url(0));
    let mut client = Client::connect(process.address, &installation.key).await.unwrap();
    assert_eq!(client.send("+33611111111").await.unwrap().status, 200);
    load.sink.until(|arrived| !arrived.is_empty()).await;
    let (silent, half_a_head, half_a_body) =
        (sent(&process, "").await, sent(&process, &HALF[..20]).await, sent(&process, HALF).await);

    process.terminate();
    let begun = Instant::now();
    let (status, log) = process.wait();
    println!("gone after {:.1} s", begun.elapsed().as_secs_f32());
    assert!(status.success(), "{status}:\n{log}");
    assert!(begun.elapsed() >= ACCEPT && begun.elapsed() < TOTAL + SLACK, "the end took {:?}", begun.elapsed());
    for mut stream in [silent, half_a_head, half_a_body] {
        let _ = stream.read_to_end(&mut vec![]).await; // ends, since nobody holds the other side
    }
    next_process_delivers(&installation, &load).await;
}

async fn sent(process: &Process, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(process.address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    stream
}

/// What the stuck gateway did not take is not forgotten.
async fn next_process_delivers(installation: &Installation, load: &Arc<Load>) {
    let working = Sink::start(true).await;
    let process = installation.start(&working.url(1));
    working.until(|arrived| arrived.keys().eq(load.sink.messages().keys())).await;
    process.stop();
}
