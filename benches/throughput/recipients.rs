//! Recipients that are valid and never repeat.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::Fallible;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A German mobile number (0151 and eight digits) that was not given out before in this process.
pub(crate) fn next() -> String {
    number(next_index())
}

/// Names a recipient that was not given out before in this process.
pub(crate) fn next_index() -> u32 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The mail address of that name.
pub(crate) fn address(nth: u32) -> String {
    format!("user{nth}@example.com")
}

/// The mobile number of that name.
pub(crate) fn number(nth: u32) -> String {
    format!("+49151{:08}", nth % 100_000_000)
}

/// Fails unless the library that judges recipients finds a sample of the numbers valid.
pub(crate) fn check() -> Fallible<()> {
    for nth in (0..100_000_000).step_by(999_983) {
        let number = number(nth);
        if !phonenumber::parse(None, &number)?.is_valid() {
            return Err(format!("{number} is not a valid number").into());
        }
    }
    Ok(())
}
