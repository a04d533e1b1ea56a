//! A server in a child process, from its start to its end.

use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    Fallible,
    http::{self, Request},
};

const READY_WITHIN: Duration = Duration::from_secs(20);
const STOPPED_WITHIN: Duration = Duration::from_secs(20);
const ANNOUNCEMENT: &str = "listening on http://";

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// From just before the start of the process to its announcement.
    pub(crate) announced_in: Duration,
}

impl Server {
    /// Starts the command with its output going to `log`, and waits for the line that names its address.
    pub(crate) fn start(mut command: Command, log: &Path) -> Fallible<Self> {
        let output = File::create(log)?;
        let started = Instant::now();
        // A child that is ours ends when this pipe closes, even if we are killed.
        command.stdin(Stdio::piped()).stdout(output.try_clone()?).stderr(output);
        let mut child = command.spawn()?;
        match announced(&mut child, log, started) {
            Ok(address) => Ok(Self { child, address, announced_in: started.elapsed() }),
            Err(error) => {
                child.kill()?;
                child.wait()?;
                Err(error)
            }
        }
    }

    /// Starts the command and says how long it took until `/healthz` answered 200.
    pub(crate) fn start_to_first_answer(command: Command, log: &Path) -> Fallible<(Self, Duration)> {
        let server = Self::start(command, log)?;
        let asked = Instant::now();
        let status = http::once(server.address, &Request::get(server.address, "/healthz"))?.0;
        if status != 200 {
            return Err(format!("/healthz answered {status}").into());
        }
        let took = server.announced_in + asked.elapsed();
        Ok((server, took))
    }

    /// The process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks the process to end and waits until it has.
    pub(crate) fn stop(mut self) -> Fallible<()> {
        terminate(&mut self.child, Signal::TERM, STOPPED_WITHIN)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails only when it has ended already.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Sends a signal to a child and waits for its end.
pub(crate) fn terminate(child: &mut Child, signal: Signal, at_most: Duration) -> Fallible<()> {
    // It has not been waited for, so the number is still its own.
    let id = Pid::from_raw(child.id().try_into()?).ok_or("a process without a number")?;
    kill_process(id, signal)?;
    let asked = Instant::now();
    while child.try_wait()?.is_none() {
        if asked.elapsed() > at_most {
            child.kill()?;
            child.wait()?;
            return Err(format!("process {} did not stop within {at_most:?}", child.id()).into());
        }
        sleep(Duration::from_millis(2));
    }
    Ok(())
}

fn announced(child: &mut Child, log: &Path, started: Instant) -> Fallible<SocketAddr> {
    loop {
        let text = fs::read_to_string(log)?;
        if let Some(address) = address_in(&text) {
            return Ok(address);
        }
        if let Some(status) = child.try_wait()? {
            return Err(format!("the server ended with {status}:\n{text}").into());
        }
        if started.elapsed() > READY_WITHIN {
            return Err(format!("the server did not listen within {READY_WITHIN:?}:\n{text}").into());
        }
        sleep(Duration::from_micros(200));
    }
}

/// The address in the announcement, once its end is written too.
fn address_in(log: &str) -> Option<SocketAddr> {
    let (_, rest) = log.split_once(ANNOUNCEMENT)?;
    let end = rest.find(|letter: char| !letter.is_ascii_hexdigit() && !"[].:".contains(letter))?;
    rest[..end].parse().ok()
}

/// A new directory of its own for a run, below the build directory so that it lies on a real disk.
pub(crate) fn fresh_directory(name: &str) -> Fallible<PathBuf> {
    let directory = crate::target_directory()?.join("bench").join(name);
    if directory.exists() {
        fs::remove_dir_all(&directory)?;
    }
    fs::create_dir_all(&directory)?;
    Ok(directory)
}
