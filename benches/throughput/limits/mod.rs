//! What verifyd is measured against, in the same run.

pub(crate) mod discard;
pub(crate) mod disk;
pub(crate) mod hello;
pub(crate) mod pgbench;
pub(crate) mod sqlite;

use std::{env, path::Path, process::Command, sync::Arc, time::Duration};

use crate::{Fallible, book::Shown, driver, http::Request, phases::per_thousand, proc, server::Server, work::Sending};

/// Starts this very program as a server, with the arguments that say of which kind.
fn start_self(arguments: &[&str], log: &Path) -> Fallible<Server> {
    let mut command = Command::new(env::current_exe()?);
    command.args(arguments);
    Server::start(command, log)
}

/// Sends to a server that keeps nothing.
fn send_with(server: &Server, request: Request, connections: usize, time: Duration) -> Fallible<Shown> {
    let work = Arc::new(Sending::new(request));
    let before = proc::cpu_seconds(server.pid())?;
    let load = driver::drive(server.address, connections, time, &work)?;
    let cpu = proc::cpu_seconds(server.pid())? - before;
    Ok(Shown {
        rate: load.rate(),
        p50: Some(load.latency_ms(0.50)),
        p99: Some(load.latency_ms(0.99)),
        cpu: Some(per_thousand(cpu, load.done)),
        ..Shown::default()
    })
}

/// Ends the process when the one that started it is gone: nothing else ends a server of ours after a crash.
pub(crate) fn end_with_parent() {
    std::thread::spawn(|| {
        // Nothing is ever written: the read ends when the other end of the pipe closes.
        _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
}
