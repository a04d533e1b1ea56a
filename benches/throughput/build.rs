//! The release build: made sure of, or measured.

use std::{env, ffi::OsStr, fs, path::Path, process::Command, time::Instant};

use crate::{Fallible, proc, report};

/// Brings the release build in the directory up to date.
pub(crate) fn release(target: &Path) -> Fallible<()> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--release", "--locked", "--package", "verifyd", "--bin", "verifyd", "--target-dir"]);
    // Cargo describes the benchmark's own package to us. Build scripts look at such variables: with ours they would run
    // again, and most crates with them, after every build by hand.
    for (name, _) in env::vars_os().filter(|(name, _)| describes_a_package(name)) {
        command.env_remove(name);
    }
    let status = command.arg(target).current_dir(env!("CARGO_MANIFEST_DIR")).status()?;
    if status.success() { Ok(()) } else { Err("the release build failed".into()) }
}

fn describes_a_package(variable: &OsStr) -> bool {
    variable.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
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
