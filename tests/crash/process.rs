//! One process of the server under test.

use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// Long enough that nothing honest ever waits for it.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A server that listens; killed when dropped.
pub(crate) struct Process {
    child: Child,
    /// The process that listens: the child, or the child's child.
    id: u32,
    pub(crate) address: SocketAddr,
    log: Option<JoinHandle<String>>,
}

impl Process {
    /// Starts `command` and waits for the line that names its address.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        let (found, address) = mpsc::channel();
        let log = std::thread::spawn(move || read_log(stderr, &found));
        let Ok(address) = address.recv_timeout(PATIENCE) else {
            let _ = child.kill();
            let _ = child.wait();
            panic!("the server did not start:\n{}", log.join().unwrap());
        };
        Self { id: child.id(), child, address, log: Some(log) }
    }

    /// The same for a `command` that traces the server, and ends when the server does.
    pub(crate) fn start_traced(command: Command) -> Self {
        let mut process = Self::start(command);
        let children = format!("/proc/{0}/task/{0}/children", process.id);
        process.id = std::fs::read_to_string(children).unwrap().trim().parse().unwrap();
        process
    }

    /// `kill -9`, at once. What it complained about until then.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.end();
        let log = self.log.take().unwrap().join().unwrap();
        log.lines().filter(|line| line.contains(" WARN ") || line.contains(" ERROR ")).map(str::to_owned).collect()
    }

    fn end(&mut self) {
        if self.id == self.child.id() {
            let _ = self.child.kill();
        } else {
            signal(self.id, Signal::KILL);
        }
        let _ = self.child.wait();
    }

    /// SIGTERM to the process that listens.
    pub(crate) fn terminate(&self) {
        signal(self.id, Signal::TERM);
    }

    /// Lets it stand still.
    pub(crate) fn pause(&self) {
        signal(self.id, Signal::STOP);
    }

    /// Lets it go on.
    pub(crate) fn resume(&self) {
        signal(self.id, Signal::CONT);
    }

    /// Waits for the end; the status and the log.
    pub(crate) fn wait(mut self) -> (ExitStatus, String) {
        let status = wait(&mut self.child);
        (status, self.log.take().unwrap().join().unwrap())
    }

    /// Stops in good order.
    pub(crate) fn stop(self) {
        self.terminate();
        let (status, log) = self.wait();
        assert!(status.success(), "{status}:\n{log}");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.end();
        }
    }
}

/// The child has not been waited for, so the number is still its own.
fn signal(id: u32, signal: Signal) {
    let id = Pid::from_raw(id.try_into().unwrap()).unwrap();
    let _ = kill_process(id, signal);
}

/// Waits for a process to end, and ends the test if it does not.
pub(crate) fn wait(child: &mut Child) -> ExitStatus {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if begun.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("the process does not end");
        }
        std::thread::park_timeout(Duration::from_millis(2)); // nothing in `std` waits for a process with a limit
    }
}

fn read_log(stderr: impl Read, found: &mpsc::Sender<SocketAddr>) -> String {
    let mut log = String::new();
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        if let Some((_, address)) = line.split_once("listening on http://") {
            let _ = found.send(address.trim().parse().unwrap());
        }
        log.push_str(&line);
        log.push('\n');
    }
    log
}
