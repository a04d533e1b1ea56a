//! The key ring's file: made once, readable by its owner only, replaced as a whole (security I1).

use std::{
    fs::{DirBuilder, File},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use zeroize::Zeroizing;

use crate::core::{
    clock::Timestamp,
    entropy::{self, Entropy, NoEntropy},
    keyring::{KeyRing, KeySecret},
};

mod format;

use format::Keys;

/// How long a generation is kept after its successor came into use: longer than anything lives that it sealed: recipients,
/// 72 hours (`store/retention.rs`).
pub const KEPT_AFTER_END: Duration = Duration::from_hours(73);

/// Why there is no key ring. Nothing of the file's content is ever said.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The system said no.
    #[error("key ring {path}: {source}")]
    Io {
        /// Which file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// Others may read it.
    #[error(
        "key ring {path} can be read by others (mode {mode:o}): run `chmod 600 {path}`, and rotate the keys if it was"
    )]
    Exposed {
        /// Which file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// Not what this program writes.
    #[error("key ring {path} is damaged: restore it from a backup (a new one cannot read what the old one sealed)")]
    Damaged {
        /// Which file.
        path: String,
    },
    /// All 65,535 numbers of generations are used up.
    #[error("key ring {path} has no number left for a new generation")]
    Full {
        /// Which file.
        path: String,
    },
    /// No keys without randomness.
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
}

/// The key ring of `path`, made if there is none. Of several processes that make it at once, all get the same one.
pub fn load_or_create(path: &Path, now: Timestamp, entropy: &dyn Entropy) -> Result<KeyRing, KeyFileError> {
    match load(path) {
        Err(KeyFileError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
        result => return result,
    }
    let first = KeySecret { id: 1, since: now, secret: entropy::bytes(entropy)? };
    let keys = Keys { index: entropy::bytes(entropy)?, generations: vec![first] };
    DirBuilder::new().recursive(true).mode(0o700).create(directory(path)).map_err(at(path))?;
    let written = write_beside(path, &keys, entropy)?;
    // unlike a rename, a link never replaces the file of a process that was faster
    let linked = std::fs::hard_link(&written, path);
    std::fs::remove_file(&written).map_err(at(&written))?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(at(path)(error)),
        _ => sync_directory(path)?,
    }
    load(path)
}

/// The key ring of `path`, which must be there.
pub fn load(path: &Path) -> Result<KeyRing, KeyFileError> {
    let keys = read(path)?;
    KeyRing::new(&keys.index, keys.generations.clone()).ok_or_else(|| damaged(path))
}

/// Appends a generation that comes into use at `activate_at` (leave other nodes time to get the file) and drops those
/// whose successor has been in use for [`KEPT_AFTER_END`]. Gives the new generation's number.
pub fn rotate(path: &Path, now: Timestamp, activate_at: Timestamp, entropy: &dyn Entropy) -> Result<u16, KeyFileError> {
    let directory = File::open(directory(path)).map_err(at(path))?;
    directory.lock().map_err(at(path))?; // two rotations at once would lose one
    let mut keys = read(path)?;
    let newest = keys.generations.last().ok_or_else(|| damaged(path))?;
    let highest = keys.generations.iter().map(|key| key.id).max().unwrap_or_default();
    let id = highest.checked_add(1).ok_or_else(|| KeyFileError::Full { path: path.display().to_string() })?;
    let since = activate_at.max(newest.since);
    keys.generations.push(KeySecret { id, since, secret: entropy::bytes(entropy)? });
    keys.drop_ended(now);
    let written = write_beside(path, &keys, entropy)?;
    std::fs::rename(&written, path).map_err(at(path))?;
    sync_directory(path)?;
    Ok(id)
}

fn read(path: &Path) -> Result<Keys, KeyFileError> {
    let mut file = File::open(path).map_err(at(path))?;
    let mode = file.metadata().map_err(at(path))?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyFileError::Exposed { path: path.display().to_string(), mode });
    }
    // one allocation large enough, so that growing leaves no copy behind
    let mut content = Zeroizing::new(Vec::with_capacity(64 * 1024));
    file.read_to_end(&mut content).map_err(at(path))?;
    Keys::parse(&content).ok_or_else(|| damaged(path))
}

/// Writes a new file next to `path` and waits for the disk.
fn write_beside(path: &Path, keys: &Keys, entropy: &dyn Entropy) -> Result<PathBuf, KeyFileError> {
    let unique = u64::from_ne_bytes(entropy::bytes(entropy)?);
    let beside = path.with_extension(format!("{unique:016x}.new"));
    let write = || {
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(&beside)?;
        file.write_all(&keys.to_json()?)?;
        file.sync_all()
    };
    write().map_err(at(&beside))?;
    Ok(beside)
}

fn sync_directory(path: &Path) -> Result<(), KeyFileError> {
    File::open(directory(path)).and_then(|directory| directory.sync_all()).map_err(at(path))
}

/// Where `path` lies; a bare name lies in the current directory.
fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn at(path: &Path) -> impl Fn(io::Error) -> KeyFileError {
    move |source| KeyFileError::Io { path: path.display().to_string(), source }
}

fn damaged(path: &Path) -> KeyFileError {
    KeyFileError::Damaged { path: path.display().to_string() }
}

#[cfg(test)]
mod tests;
