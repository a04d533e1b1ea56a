//! What is said and answered, as JSON (spec 1.1).

mod answers;
mod requests;

pub(super) use answers::{ResentAnswer, SentAnswer, StatusAnswer, VerifiedAnswer};
pub(super) use requests::{LENGTHS, LIVES, ResendOtp, SendOtp, VerifyOtp};

use super::DIALECT;
use crate::service::{Error, Which};

/// The session of that id. What cannot be an id of ours is unknown, and nobody is asked.
pub(super) fn which(session_id: &str) -> Result<Which<'_>, Error> {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if session_id.len() == 32 && session_id.bytes().all(digit) {
        Ok(Which::Id { dialect: DIALECT.name, public_id: session_id })
    } else {
        Err(Error::NoVerification)
    }
}
