//! No answer leaves before its flush: shown by the system calls of the running server (security, U9).

use std::process::Command;

use crate::{
    client::Client,
    database::Database,
    installation::Installation,
    process::Process,
    sink::Sink,
    trace::{CALLS, Event, read, unflushed},
};

const REQUESTS: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_the_log_is_flushed_before_every_answer_to_a_send() {
    let installation = Installation::new(Database::Sqlite, "");
    let sends = traced(&installation, "sends", true).await;
    let (answers, early) = unflushed(&sends);
    println!("sends: {answers} answers, {early} before their flush");
    assert_eq!((answers, early), (REQUESTS, 0));

    // Controls: the same trace without its flushes, and requests that have nothing to write.
    let without: Vec<_> = sends.into_iter().filter(|event| *event != Event::SyncEnds).collect();
    assert_eq!(unflushed(&without), (REQUESTS, REQUESTS));
    let (answers, early) = unflushed(&traced(&installation, "guesses", false).await);
    println!("guesses at unknown messages: {answers} answers, {early} without a flush");
    assert_eq!(answers, REQUESTS);
    // Once a second the server writes down how far its ids have come, and that flush may fall between the two.
    assert!(early > REQUESTS * 9 / 10, "only {early}: the check takes other flushes for its own");
}

/// The events of [`REQUESTS`] requests, one after another: sends, or guesses that meet no message.
async fn traced(installation: &Installation, name: &str, sends: bool) -> Vec<Event> {
    // A gateway that never answers: no delivery is settled, so no flush but those of the requests is due.
    let sink = Sink::start(false).await;
    installation.configure(&sink.url(0));
    let file = installation.path().join(name);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-y", "-s", "24", "-e", CALLS, "-o"]).arg(&file).args(installation.serve());
    let process = Process::start_traced(strace);
    let mut client = Client::connect(process.address, &installation.key).await.unwrap();
    for number in 0..REQUESTS {
        let asked =
            if sends { client.send(&format!("+3361{number:07}")).await } else { client.verify(1, "123456").await };
        let answer = asked.unwrap();
        assert_eq!(answer.status, if sends { 200 } else { 400 }, "{}", answer.body);
    }
    process.kill();
    read(&file)
}
