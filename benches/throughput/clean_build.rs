//! The release build, measured.

use std::{fs, path::Path, process::Command, time::Instant};

use crate::{Fallible, proc, report};

/// Builds from nothing, and says what it cost.
pub(crate) fn measure() -> Fallible<()> {
    let target = crate::target_directory()?.join("bench-build");
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

/// The release build as users get it: by itself, so without what only the benchmark asks of the crates.
fn release(target: &Path) -> Fallible<()> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let arguments = ["build", "--release", "--locked", "--package", "verifyd", "--target-dir"];
    let status = Command::new(env!("CARGO")).args(arguments).arg(target).current_dir(workspace).status()?;
    if status.success() { Ok(()) } else { Err("the release build failed".into()) }
}
