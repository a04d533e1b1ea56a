//! What this process makes is for its own user only (security B5).

use rustix::{
    fs::Mode,
    io,
    process::{Resource, Rlimit, setrlimit, umask},
};

/// Files get no rights for others, and no dump of this process is ever written: it would hold codes and keys.
pub(super) fn keep_to_ourselves() -> io::Result<()> {
    umask(Mode::RWXG | Mode::RWXO);
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })
}
