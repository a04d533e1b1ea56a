//! The ungrouped limit on `PostgreSQL`: pgbench with the statements of a send or a verify, one commit per operation.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    Fallible,
    book::Shown,
    phases::per_thousand,
    postgres::{Postgres, program, psql},
    proc,
};

/// The clients of the per-request limit; each has a connection of its own.
pub(crate) const CLIENTS: u32 = 16;

const SCHEMA: &str = include_str!("../sql/postgres_schema.sql");
const SEND: &str = include_str!("../sql/postgres_send.sql");
const VERIFY: &str = include_str!("../sql/postgres_verify.sql");
/// Makes messages from 1 on, more than can be verified in a window.
const FILL: &str = include_str!("../sql/postgres_fill.sql");
/// No id is used twice: every client counts for itself, and a round begins where the one before ended.
const NEXT_ID: &str = "\\set n :n + 1\n\\set id :base + :n * 16 + :client_id\n";

/// A database of its own, with tables of the shape of verifyd's.
pub(crate) struct Pgbench {
    url: String,
    send: PathBuf,
    verify: PathBuf,
    server: Option<u32>,
}

impl Pgbench {
    /// Makes the database, and the scripts in the directory.
    pub(crate) fn prepare(postgres: &Postgres, directory: &Path) -> Fallible<Self> {
        let url = postgres.fresh_database("verifyd_bench_limit")?;
        psql(&url, SCHEMA)?;
        let (send, verify) = (directory.join("send.pgbench"), directory.join("verify.pgbench"));
        fs::write(&send, format!("{NEXT_ID}{SEND}"))?;
        fs::write(&verify, format!("{NEXT_ID}{VERIFY}"))?;
        Ok(Self { url, send, verify, server: postgres.pid() })
    }

    /// Writes sends for a while.
    pub(crate) fn send(&self, time: Duration) -> Fallible<Shown> {
        let last: i64 = psql(&self.url, "SELECT coalesce(max(id), 0) FROM message;")?.parse()?;
        Ok(self.run(&self.send, last, time)?.0)
    }

    /// Verifies for a while rows that were sent in the round before, in their order.
    pub(crate) fn verify(&self, time: Duration) -> Fallible<Shown> {
        // Rows of their own, without gaps: the clients of the send do not run in step.
        psql(&self.url, &format!("TRUNCATE message, outbox, event, send_window, ledger; {FILL}"))?;
        psql(&self.url, "VACUUM ANALYZE; CHECKPOINT;")?;
        let (shown, done) = self.run(&self.verify, -i64::from(CLIENTS) + 1, time)?;
        let verified: u64 = psql(&self.url, "SELECT count(*) FROM message WHERE verified_at IS NOT NULL;")?.parse()?;
        if verified == done {
            Ok(shown)
        } else {
            Err(format!("pgbench verified {verified} rows in {done} runs").into())
        }
    }

    fn run(&self, script: &Path, base: i64, time: Duration) -> Fallible<(Shown, u64)> {
        let mut command = Command::new(program("pgbench")?);
        // pgbench counts in whole seconds.
        let seconds = time.as_secs_f64().ceil().to_string();
        command.args(["-n", "-M", "prepared", "-j", "2", "-c", &CLIENTS.to_string(), "-T", &seconds, "-D", "n=0"]);
        command.args(["-D", &format!("base={base}"), "-f"]).arg(script).arg(&self.url);
        let before = self.cpu()?;
        let output = command.output()?;
        let after = self.cpu()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(format!("pgbench: {errors}").into());
        }
        let done = number_after(&text, "number of transactions actually processed: ")?;
        let rate = number_after(&text, "tps = ")?;
        let done_count: u64 = format!("{done:.0}").parse()?;
        let database_cpu = after.zip(before).map(|(after, before)| per_thousand(after - before, done_count));
        Ok((Shown { rate, database_cpu, ..Shown::default() }, done_count))
    }

    fn cpu(&self) -> Fallible<Option<f64>> {
        self.server.map(proc::cpu_seconds_of_family).transpose()
    }
}

fn number_after(text: &str, label: &str) -> Fallible<f64> {
    let (_, rest) = text.split_once(label).ok_or_else(|| format!("pgbench said nothing of `{label}`: {text}"))?;
    let digits = rest.split(|letter: char| !letter.is_ascii_digit() && letter != '.').next().unwrap_or_default();
    Ok(digits.parse()?)
}
