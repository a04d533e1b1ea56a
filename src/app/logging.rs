//! Where the log goes: standard error, so that standard output belongs to what was asked for. Spans go to a collector.

use std::io::stderr;

use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use super::{AppError, Spans};
use crate::config::{Log, LogFormat, Trace};

/// Starts the log of this process. A level that cannot be read falls back to `info`.
pub fn start_logging(log: &Log) {
    let builder = fmt().with_env_filter(filter(log)).with_writer(stderr).with_target(true);
    // A second call in one process (tests) changes nothing.
    let _ = match log.format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Pretty => builder.with_ansi(false).try_init(),
    };
}

/// Starts the log and, where a collector is named, the export of spans. Inside the runtime.
pub fn start_tracing(log: &Log, trace: &Trace) -> Result<Option<Spans>, AppError> {
    let Some(spans) = Spans::exporter(trace)? else {
        start_logging(log);
        return Ok(None);
    };
    let lines = fmt::layer::<Registry>().with_writer(stderr).with_target(true);
    let lines = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).with_filter(filter(log)).boxed(),
        LogFormat::Pretty => lines.with_ansi(false).with_filter(filter(log)).boxed(),
    };
    let _ = tracing_subscriber::registry().with(lines).with(spans.layer()).try_init();
    Ok(Some(spans))
}

fn filter(log: &Log) -> EnvFilter {
    EnvFilter::try_new(&log.level).unwrap_or_else(|_| EnvFilter::new("info"))
}
