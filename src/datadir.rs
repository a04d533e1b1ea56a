//! The data directory, and the promise that one server uses it.

use std::{
    fs::{DirBuilder, File, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// The directory that holds the key ring and the `SQLite` database.
#[derive(Clone, Debug)]
pub struct DataDir(PathBuf);

/// Held by the one server of a `SQLite` installation; the lock ends when this is dropped or the process ends.
#[derive(Debug)]
pub struct DataLock(#[expect(dead_code, reason = "the lock is the open file")] File);

/// Why the directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// The system said no.
    #[error("`data_dir` {path}: {source}; name a directory this user may write to")]
    Io {
        /// What was to be made or opened.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// Another server runs here.
    #[error(
        "`data_dir` {0} is in use by another verifyd: SQLite serves one process; stop the other one, give this one its \
         own `data_dir`, or use PostgreSQL"
    )]
    InUse(String),
}

impl DataDir {
    /// Makes the directory with mode 0700 where it is missing; one that is there keeps its mode.
    pub fn open(path: &Path) -> Result<Self, DataDirError> {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|source| io_error(path, source))?;
        Ok(Self(path.to_owned()))
    }

    /// The directory itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where the key ring is kept.
    #[must_use]
    pub fn keyring(&self) -> PathBuf {
        self.0.join("keyring.json")
    }

    /// Takes the directory for this process. Only `serve` on `SQLite` does, so that other commands work beside it.
    pub fn lock(&self) -> Result<DataLock, DataDirError> {
        let path = self.0.join("verifyd.lock");
        let file = File::options().create(true).append(true).mode(0o600).open(&path);
        let file = file.map_err(|source| io_error(&path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(DataLock(file)),
            Err(TryLockError::WouldBlock) => Err(DataDirError::InUse(self.0.display().to_string())),
            Err(TryLockError::Error(source)) => Err(io_error(&path, source)),
        }
    }
}

fn io_error(path: &Path, source: io::Error) -> DataDirError {
    DataDirError::Io { path: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_new_directory_is_for_its_owner_only() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("deep/data");
        let data = DataDir::open(&path).unwrap();
        assert_eq!(std::fs::metadata(data.path()).unwrap().permissions().mode() & 0o777, 0o700);
        assert!(DataDir::open(&path).is_ok(), "again");
    }

    #[test]
    fn the_directory_is_taken_once_until_it_is_given_back() {
        let parent = tempfile::tempdir().unwrap();
        let data = DataDir::open(parent.path()).unwrap();
        let lock = data.lock().unwrap();
        assert!(matches!(data.lock(), Err(DataDirError::InUse(_))));
        drop(lock);
        assert!(data.lock().is_ok());
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = DataDir::open(file.path()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("`data_dir` {}: ", file.path().display())), "{error}");
    }
}
