//! A `PostgreSQL` for the run: the one that was named, or a private cluster.

use std::{
    env,
    fs::{self, File},
    io::Write,
    net::TcpListener,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::process::Signal;

use crate::{Fallible, server::terminate};

const READY_WITHIN: Duration = Duration::from_secs(20);
const STOPPED_WITHIN: Duration = Duration::from_secs(30);
/// Durable as it comes; only the size of the log is raised, so that no forced checkpoint falls into a window.
const SETTINGS: &str = "\nunix_socket_directories = ''\nmax_wal_size = '4GB'\nmax_connections = 200\n";

/// A database server; a private one is stopped when dropped.
pub(crate) struct Postgres {
    /// URL without the name of a database, ending in `/`.
    base: String,
    /// What stood behind the name of the database in the URL.
    options: String,
    private: Option<Child>,
}

impl Postgres {
    /// Uses the server of the URL, whose user may create databases; without one, starts a private cluster.
    pub(crate) fn open(url: Option<&str>) -> Fallible<Self> {
        let Some(url) = url else { return Self::private(&crate::target_directory()?.join("bench-pg")) };
        let (address, options) =
            url.split_once('?').map_or((url, String::new()), |(url, rest)| (url, format!("?{rest}")));
        let (scheme, rest) = address.split_once("://").ok_or("BENCH_POSTGRES_URL is no URL")?;
        let host = rest.split('/').next().unwrap_or_default();
        Ok(Self { base: format!("{scheme}://{host}/"), options, private: None })
    }

    /// The head of the server's processes, if it is ours.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.private.as_ref().map(Child::id)
    }

    /// Makes an empty database and gives its URL.
    pub(crate) fn fresh_database(&self, name: &str) -> Fallible<String> {
        let postgres = self.url("postgres");
        psql(&postgres, &format!("DROP DATABASE IF EXISTS {name};"))?;
        psql(&postgres, &format!("CREATE DATABASE {name};"))?;
        Ok(self.url(name))
    }

    fn url(&self, database: &str) -> String {
        format!("{}{database}{}", self.base, self.options)
    }

    fn private(directory: &Path) -> Fallible<Self> {
        if directory.exists() {
            fs::remove_dir_all(directory)?;
        }
        fs::create_dir_all(directory)?;
        let user = unprivileged(directory)?;
        let data = directory.join("data");
        let made = as_user(user.as_deref(), "initdb").args(["-A", "trust", "-U", "bench", "-D"]).arg(&data).output()?;
        if !made.status.success() {
            return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)).into());
        }
        File::options().append(true).open(data.join("postgresql.conf"))?.write_all(SETTINGS.as_bytes())?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = File::create(directory.join("log"))?;
        let mut command = as_user(user.as_deref(), "postgres");
        command.arg("-D").arg(&data).args(["-h", "127.0.0.1", "-p", &port.to_string()]);
        let child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
        let cluster =
            Self { base: format!("postgres://bench@127.0.0.1:{port}/"), options: String::new(), private: Some(child) };
        cluster.wait()?;
        Ok(cluster)
    }

    fn wait(&self) -> Fallible<()> {
        let started = Instant::now();
        while let Err(error) = psql(&self.url("postgres"), "SELECT 1;") {
            if started.elapsed() > READY_WITHIN {
                return Err(error);
            }
            sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(child) = &mut self.private
            && let Err(error) = terminate(child, Signal::INT, STOPPED_WITHIN)
        {
            println!("PostgreSQL: {error}");
        }
    }
}

/// Runs SQL and gives what it prints, fields parted by `|`.
pub(crate) fn psql(url: &str, sql: &str) -> Fallible<String> {
    let mut command = Command::new(program("psql")?);
    command.args([url, "-X", "-qAt", "-v", "ON_ERROR_STOP=1", "-f", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    child.stdin.take().ok_or("psql takes no input")?.write_all(sql.as_bytes())?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("psql: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// The path of one of `PostgreSQL`'s programs: from `PATH`, or where Debian keeps them.
pub(crate) fn program(name: &str) -> Fallible<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
    if let Ok(versions) = fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.filter_map(Result::ok).map(|version| version.path().join("bin")));
    }
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|file| file.is_file());
    found.ok_or_else(|| format!("{name} is missing; install PostgreSQL's server and client programs").into())
}

/// `PostgreSQL` refuses to run as root: then the directory is given to the user `postgres`, who is named.
fn unprivileged(directory: &Path) -> Fallible<Option<String>> {
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let given = Command::new("chown").arg("postgres:postgres").arg(directory).status()?;
    if !given.success() {
        return Err("there is no user `postgres` to run PostgreSQL as; set BENCH_POSTGRES_URL".into());
    }
    Ok(Some("postgres".to_owned()))
}

/// A command that replaces itself by the program, run as the user.
fn as_user(user: Option<&str>, name: &str) -> Command {
    // A missing program is reported by the start of the command.
    let program = program(name).unwrap_or_else(|_| name.into());
    let Some(user) = user else { return Command::new(program) };
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", user, "--clear-groups", "--"]).arg(program).current_dir("/");
    command
}
