//! The release build: made sure of, or measured.

use std::{fs, path::Path, process::Command, time::Instant};

use crate::{Fallible, proc, report};

/// Brings the release build in the directory up to date.
pub(crate) fn release(target: &Path) -> Fallible<()> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--release", "--locked", "--package", "verifyd", "--bin", "verifyd", "--target-dir"]);
    let status = command.arg(target).current_dir(env!("CARGO_MANIFEST_DIR")).status()?;
    if status.success() { Ok(()) } else { Err("the release build failed".into()) }
}

/// Builds from nothing, and says what it cost.
pub(crate) fn measure() -> Fallible<()> {
    let target = crate::target_directory().join("bench-build");
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    let (started, before) = (Instant::now(), proc::cpu_seconds_of_reaped_children()?);
    release(&target)?;
    let cpu = proc::cpu_seconds_of_reaped_children()? - before;
    let wall = started.elapsed().as_secs_f64();
    let megabytes = crate::book::float(fs::metadata(target.join("release/verifyd"))?.len()) / 1e6;
    fs::remove_dir_all(&target)?;
    let met = if cpu <= 600.0 { "yes" } else { "no" };
    let row = [
        format!("{cpu:.0} s"),
        "<= 600 s".to_owned(),
        met.to_owned(),
        format!("{wall:.0} s"),
        format!("{megabytes:.1} MB"),
    ];
    report::keep("build.md", &report::table(&["clean release build, CPU", "goal", "met", "wall", "binary"], &[row]))
}
