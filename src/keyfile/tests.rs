use std::{sync::Barrier, thread};

use tempfile::{TempDir, tempdir};

use super::*;
use crate::core::entropy::OsEntropy;

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const MINUTE: Duration = Duration::from_mins(1);

fn place() -> (TempDir, PathBuf) {
    let directory = tempdir().unwrap();
    let path = directory.path().join("keyring.json");
    (directory, path)
}

fn fingerprint(ring: &KeyRing) -> [u8; 32] {
    ring.digest("test", &[b"x"])
}

fn problem<T>(result: Result<T, KeyFileError>) -> KeyFileError {
    result.err().unwrap()
}

fn ids(path: &Path) -> Vec<u16> {
    read(path).unwrap().generations.iter().map(|key| key.id).collect()
}

#[test]
fn the_first_start_makes_a_private_file_and_the_next_one_reads_it() {
    let (directory, path) = place();
    let made = load_or_create(&path, START, &OsEntropy).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let read = load_or_create(&path, START + MINUTE, &OsEntropy).unwrap();
    assert_eq!(fingerprint(&made), fingerprint(&read));
    let sealed = made.seal(b"here", b"body", START, &OsEntropy).unwrap();
    assert_eq!(&**read.open(b"here", &sealed).unwrap(), b"body");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn processes_that_make_it_at_once_end_with_the_same_keys() {
    for _ in 0..20 {
        let (directory, path) = place();
        let together = Barrier::new(8);
        let create = || {
            together.wait();
            fingerprint(&load_or_create(&path, START, &OsEntropy).unwrap())
        };
        let made: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(create)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(made.iter().all(|ring| *ring == made[0]));
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}

#[test]
fn a_file_that_others_can_read_is_refused_with_the_remedy() {
    let (_directory, path) = place();
    load_or_create(&path, START, &OsEntropy).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    let text = problem(load_or_create(&path, START, &OsEntropy)).to_string().replace(path.to_str().unwrap(), "PATH");
    insta::assert_snapshot!(text, @"key ring PATH can be read by others (mode 640): run `chmod 600 PATH`, and rotate the keys if it was");
}

#[test]
fn a_damaged_file_is_refused_kept_and_not_shown() {
    let (_directory, path) = place();
    load_or_create(&path, START, &OsEntropy).unwrap();
    let whole = std::fs::read_to_string(&path).unwrap();
    let half = &whole[..whole.len() / 2];
    for content in [half, "", "{}", &whole.replace("\"version\": 1", "\"version\": 2"), &whole.replace('=', "")] {
        std::fs::write(&path, content).unwrap();
        let error = problem(load_or_create(&path, START, &OsEntropy));
        assert!(matches!(error, KeyFileError::Damaged { .. }), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
    }
}

#[test]
fn a_missing_file_is_not_made_by_load_or_rotate() {
    let (_directory, path) = place();
    assert!(matches!(problem(load(&path)), KeyFileError::Io { .. }));
    assert!(matches!(problem(rotate(&path, START, START + MINUTE, &OsEntropy)), KeyFileError::Io { .. }));
    assert!(!path.exists());
}

#[test]
fn rotation_starts_later_and_keeps_what_was_sealed_readable() {
    let (_directory, path) = place();
    let old = load_or_create(&path, START, &OsEntropy).unwrap();
    let sealed = old.seal(b"here", b"body", START, &OsEntropy).unwrap();
    assert_eq!(rotate(&path, START, START + MINUTE, &OsEntropy).unwrap(), 2);
    let ring = load(&path).unwrap();
    assert_eq!(fingerprint(&ring), fingerprint(&old), "look-up digests do not change");
    assert_eq!(ring.seal(b"here", b"body", START, &OsEntropy).unwrap()[..2], [0, 1]);
    assert_eq!(ring.seal(b"here", b"body", START + MINUTE, &OsEntropy).unwrap()[..2], [0, 2]);
    assert!(ring.open(b"here", &sealed).is_ok());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_generation_goes_three_days_after_its_successor_came_into_use() {
    let (_directory, path) = place();
    load_or_create(&path, START, &OsEntropy).unwrap();
    let second = START + MINUTE;
    rotate(&path, START, second, &OsEntropy).unwrap();
    let then = second + KEPT_AFTER_END;
    let almost = Timestamp::from_millis(then.millis() - 1);
    rotate(&path, almost, almost, &OsEntropy).unwrap();
    assert_eq!(ids(&path), [1, 2, 3]);
    rotate(&path, then, then, &OsEntropy).unwrap();
    assert_eq!(ids(&path), [2, 3, 4]);
}

#[test]
fn rotations_at_once_lose_none() {
    let (_directory, path) = place();
    load_or_create(&path, START, &OsEntropy).unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| rotate(&path, START, START + MINUTE, &OsEntropy).unwrap());
        }
    });
    assert_eq!(ids(&path), (1..=9).collect::<Vec<_>>());
}

#[test]
fn the_last_number_is_not_wrapped() {
    let (_directory, path) = place();
    load_or_create(&path, START, &OsEntropy).unwrap();
    let last = std::fs::read_to_string(&path).unwrap().replace("\"id\": 1", "\"id\": 65535");
    std::fs::write(&path, last).unwrap();
    assert!(matches!(problem(rotate(&path, START, START, &OsEntropy)), KeyFileError::Full { .. }));
    assert_eq!(ids(&path), [65535]);
}
