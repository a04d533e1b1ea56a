//! What `strace -f -y` writes, reduced to the question: was the log flushed between a request and its answer?

use std::path::Path;

/// The system calls that matter.
pub(crate) const CALLS: &str = "trace=read,readv,recvfrom,write,writev,sendto,sendmsg,pwrite64,fsync,fdatasync";

/// One step of a server that is asked by one client, one request after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A request has been read.
    Request,
    /// The write-ahead log is being written to.
    Write,
    /// A flush of the log begins.
    SyncBegins,
    /// A flush of the log has succeeded.
    SyncEnds,
    /// An answer is being written.
    Answer,
}

/// Reads a trace. A call that took its time stands there twice: where it began and, `resumed`, where it ended.
pub(crate) fn read(path: &Path) -> Vec<Event> {
    let text = std::fs::read(path).unwrap();
    String::from_utf8_lossy(&text).lines().flat_map(events).collect()
}

fn events(line: &str) -> Vec<Event> {
    let Some((_, call)) = line.split_once(' ') else { return vec![] };
    let call = call.trim_start();
    let begins_sync = ["fsync(", "fdatasync("].iter().any(|name| call.starts_with(name));
    let ends_sync = ["<... fsync resumed>", "<... fdatasync resumed>"].iter().any(|name| call.starts_with(name));
    let ended = call.ends_with(" = 0");
    match () {
        () if begins_sync && call.contains("-wal>") && ended => vec![Event::SyncBegins, Event::SyncEnds],
        () if begins_sync && call.contains("-wal>") => vec![Event::SyncBegins],
        () if ends_sync && ended => vec![Event::SyncEnds],
        () if call.starts_with("pwrite64(") && call.contains("-wal>") => vec![Event::Write],
        () if call.contains("\"POST /v1/") => vec![Event::Request],
        () if call.contains("\"HTTP/1.1 ") => vec![Event::Answer],
        () => vec![],
    }
}

/// Answers, and those among them that left before the log was written and flushed, in this order, after the request.
pub(crate) fn unflushed(events: &[Event]) -> (usize, usize) {
    let order = [Event::Write, Event::SyncBegins, Event::SyncEnds];
    let (mut answers, mut early, mut step) = (0, 0, 0);
    for event in events {
        match event {
            Event::Request => step = 0,
            Event::Answer => {
                answers += 1;
                early += usize::from(step < order.len());
            }
            event if order.get(step) == Some(event) => step += 1,
            _ => {}
        }
    }
    (answers, early)
}

#[test]
fn only_a_flush_that_ended_before_the_answer_counts() {
    let good = "1 recvfrom(9<socket:[1]>, \"POST /v1/messages\"..., 16384, 0, NULL, NULL) = 300\n\
                2 pwrite64(5</d/verifyd.db-wal>, \"\"..., 24, 0) = 24\n\
                2 fsync(5</d/verifyd.db-wal> <unfinished ...>\n\
                1 write(4<anon_inode:[eventfd]>, \"\", 8) = 8\n\
                2 <... fsync resumed>) = 0\n\
                1 writev(9<socket:[1]>, [{iov_base=\"HTTP/1.1 200 OK\"..., iov_len=15}], 1) = 15\n";
    let verdict = |text: &str| unflushed(&text.lines().flat_map(events).collect::<Vec<_>>());
    assert_eq!(verdict(good), (1, 0));
    assert_eq!(verdict(&good.replace("resumed>) = 0", "resumed>) = -1 EIO")), (1, 1), "failed");
    assert_eq!(verdict(&good.replace("db-wal", "db-shm")), (1, 1), "another file");
    let mut lines: Vec<_> = good.lines().collect();
    lines.swap(4, 5);
    assert_eq!(verdict(&lines.join("\n")), (1, 1), "too late");
    lines.swap(1, 5);
    assert_eq!(verdict(&lines.join("\n")), (1, 1), "flushed before it was written");
}
