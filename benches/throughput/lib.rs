//! Measures verifyd beside its limits in one run of interleaved rounds. It reports ratios and asserts no speed;
//! what it does assert is that every right code is verified exactly once.
//!
//! `make bench` measures; `make bench BENCH=delivery`, `dialects`, `limits`, `growth` and `build` measure something else.
//! `BENCH_POSTGRES_URL` names a `PostgreSQL` to use in place of a private one.
#![expect(clippy::print_stdout, reason = "a benchmark prints its report")]

mod book;
mod clean_build;
mod delivery;
mod dialects;
mod driver;
mod goals;
mod growth;
mod http;
mod limits;
mod phases;
mod postgres;
mod proc;
mod product;
mod recipients;
mod report;
mod run;
mod server;
mod sink;
mod work;

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use clap::{Parser, Subcommand};

use crate::{
    delivery::Sample,
    goals::Singles,
    phases::Running,
    postgres::Postgres,
    run::{Extent, Limits, Products},
};

/// What can go wrong here is told to a person and ends the run.
pub type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Starts of the server that are timed.
const STARTS: usize = 9;

#[derive(Parser)]
#[command(about = "Measures verifyd beside its limits")]
struct Arguments {
    /// Interleaved rounds; figures are their medians.
    #[arg(long, default_value_t = 3, global = true)]
    rounds: usize,
    /// Seconds of each window of load.
    #[arg(long, default_value_t = 1.5, global = true)]
    seconds: f64,
    /// Measure this build of verifyd; without it, the one beside this program.
    #[arg(long, global = true, value_name = "FILE")]
    binary: Option<PathBuf>,
    #[command(subcommand)]
    mode: Option<Mode>,
}

#[derive(Subcommand)]
enum Mode {
    /// Measure what happens after the answer, in full.
    Delivery,
    /// Compare the APIs with each other, and what they do with limits and without.
    Dialects,
    /// Measure the limits alone, without verifyd.
    Limits,
    /// Compare a database of many messages with an empty one.
    Growth {
        /// Messages in the full database.
        #[arg(long, default_value_t = 10_000_000)]
        rows: u32,
    },
    /// Measure a clean release build.
    Build,
    /// Serve an empty handler (used by the benchmark itself).
    #[command(hide = true)]
    ServeHello,
    /// Serve verifyd over a store that keeps nothing (used by the benchmark itself).
    #[command(hide = true)]
    ServeDiscard {
        /// Where its directories and credentials are kept.
        directory: PathBuf,
    },
}

/// Does what the command line says.
pub fn run() -> Fallible<()> {
    let arguments = Arguments::parse();
    let extent = Extent { rounds: arguments.rounds, window: Duration::from_secs_f64(arguments.seconds) };
    match arguments.mode {
        Some(Mode::ServeHello) => limits::hello::serve(),
        Some(Mode::ServeDiscard { directory }) => limits::discard::serve(&directory),
        Some(Mode::Delivery) => delivery::measure(&verifyd(arguments.binary)?, &postgres()?, extent),
        Some(Mode::Dialects) => dialects::measure(&verifyd(arguments.binary)?, &postgres()?, extent),
        Some(Mode::Limits) => measure_limits(extent),
        Some(Mode::Growth { rows }) => growth::measure(&verifyd(arguments.binary)?, &postgres()?, rows, extent),
        Some(Mode::Build) => clean_build::measure(),
        None => measure(&verifyd(arguments.binary)?, extent),
    }
}

fn measure(binary: &Path, extent: Extent) -> Fallible<()> {
    let started = Instant::now();
    recipients::check()?;
    let postgres = postgres()?;
    let mut limits = Limits::prepare(&postgres, &server::fresh_directory("limits")?)?;
    let products = Products::start(binary, &postgres)?;
    let book = run::rounds(&mut limits, Some(&products), extent)?;
    let singles = Singles {
        memory_postgres: Some(proc::peak_resident_mb(products.postgres.server.pid())?),
        memory_sqlite: Some(proc::peak_resident_mb(products.sqlite.server.pid())?),
        starts: starts(products.sqlite)?,
    };
    products.postgres.server.stop()?;
    report::publish(&book, &singles, delivery::speed(binary, &postgres, Sample::SHORT)?)?;
    println!("took {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}

fn measure_limits(extent: Extent) -> Fallible<()> {
    recipients::check()?;
    let postgres = postgres()?;
    let mut limits = Limits::prepare(&postgres, &server::fresh_directory("limits")?)?;
    report::publish(&run::rounds(&mut limits, None, extent)?, &Singles::default(), vec![])
}

/// Milliseconds from the start of the process to its first answer, on the database that the rounds filled.
fn starts(running: Running) -> Fallible<Vec<f64>> {
    running.server.stop()?;
    let mut times = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let (server, took) = running.installation.serve_and_time()?;
        server.stop()?;
        times.push(took.as_secs_f64() * 1000.0);
    }
    Ok(times)
}

fn postgres() -> Fallible<Postgres> {
    let url = env::var_os("BENCH_POSTGRES_URL");
    Postgres::open(url.as_deref().and_then(std::ffi::OsStr::to_str))
}

/// The named build, or the release build that was made together with this program.
fn verifyd(named: Option<PathBuf>) -> Fallible<PathBuf> {
    let binary = match named {
        Some(binary) => binary,
        None => env::current_exe()?.with_file_name("verifyd"),
    };
    fs::canonicalize(&binary).map_err(|error| format!("{}: {error}; run `make bench`", binary.display()).into())
}

/// Cargo's build directory: two above this program.
pub(crate) fn target_directory() -> Fallible<PathBuf> {
    let program = env::current_exe()?;
    Ok(program.ancestors().nth(2).ok_or("this program is in no build directory")?.to_owned())
}
