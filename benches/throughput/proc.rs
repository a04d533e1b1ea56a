//! What the kernel says about a process. Linux only, like the whole benchmark.

use std::{fs, time::Duration};

use nix::{time::ClockId, unistd::Pid};

use crate::Fallible;

/// Clock ticks per second in `/proc`; 100 on every Linux that Rust runs on.
const TICKS: f64 = 100.0;

/// The fields of `/proc/PID/stat` that are of use here.
struct Stat {
    parent: u32,
    own: f64,
    reaped_children: f64,
}

/// CPU seconds (user and system) used so far by the process, all its threads together. By its own clock: the ticks of `/proc`
/// are too coarse for a short window.
pub(crate) fn cpu_seconds(pid: u32) -> Fallible<f64> {
    let clock = ClockId::pid_cpu_clock_id(Pid::from_raw(pid.try_into()?))?;
    Ok(Duration::from(clock.now()?).as_secs_f64())
}

/// CPU seconds used so far by the children this process has waited for.
pub(crate) fn cpu_seconds_of_reaped_children() -> Fallible<f64> {
    Ok(stat("self")?.reaped_children)
}

/// CPU seconds used so far by the calling thread.
pub(crate) fn cpu_seconds_of_this_thread() -> Fallible<f64> {
    Ok(stat("thread-self")?.own)
}

/// CPU seconds used so far by a process, its living children, and those it has waited for.
pub(crate) fn cpu_seconds_of_family(pid: u32) -> Fallible<f64> {
    let head = stat(&pid.to_string())?;
    let entries = fs::read_dir("/proc")?.filter_map(Result::ok);
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let living = names.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    // A process may end while the list is walked: it is then among the reaped.
    let children = living.filter_map(|name| stat(&name).ok()).filter(|child| child.parent == pid);
    Ok(head.own + head.reaped_children + children.map(|child| child.own).sum::<f64>())
}

/// The most memory the process ever had resident, in MB (2^20 bytes).
pub(crate) fn peak_resident_mb(pid: u32) -> Fallible<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM in /proc")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1024.0)
}

fn stat(process: &str) -> Fallible<Stat> {
    let line = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The second field is a file name in brackets and may hold blanks.
    let (_, rest) = line.rsplit_once(") ").ok_or("unreadable /proc stat")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let ticks = |field: usize| -> Fallible<f64> { Ok(fields.get(field).ok_or("short /proc stat")?.parse::<f64>()?) };
    Ok(Stat {
        parent: fields.get(1).ok_or("short /proc stat")?.parse()?,
        own: (ticks(11)? + ticks(12)?) / TICKS,
        reaped_children: (ticks(13)? + ticks(14)?) / TICKS,
    })
}
