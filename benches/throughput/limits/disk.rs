//! How fast the disk says that something is safe.

use std::{
    fs::File,
    os::unix::fs::FileExt,
    path::Path,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;

use crate::{
    Fallible,
    book::{Shown, float},
};

const BLOCK: usize = 4096;
const BLOCKS: u64 = 4096;

/// Writes 4 KiB blocks into a preallocated file, each followed by fdatasync.
pub(crate) struct Probe {
    file: File,
}

impl Probe {
    /// Lays the file (16 MiB) into the directory.
    pub(crate) fn prepare(directory: &Path) -> Fallible<Self> {
        let file = File::create(directory.join("disk-probe"))?;
        for nth in 0..BLOCKS {
            file.write_all_at(&[1; BLOCK], nth * 4096)?;
        }
        file.sync_all()?;
        Ok(Self { file })
    }

    /// Syncs for a while.
    pub(crate) fn run(&self, time: Duration) -> Fallible<Shown> {
        let mut latency = Histogram::<u64>::new_with_bounds(1, 60_000_000, 3)?;
        let started = Instant::now();
        while started.elapsed() < time {
            let asked = Instant::now();
            let content = [u8::try_from(latency.len() % 251)?; BLOCK];
            self.file.write_all_at(&content, latency.len() % BLOCKS * 4096)?;
            self.file.sync_data()?;
            latency.saturating_record(u64::try_from(asked.elapsed().as_micros())?);
        }
        let quantile = |at| Some(float(latency.value_at_quantile(at)) / 1000.0);
        Ok(Shown {
            rate: float(latency.len()) / started.elapsed().as_secs_f64(),
            p50: quantile(0.50),
            p99: quantile(0.99),
            ..Shown::default()
        })
    }
}
