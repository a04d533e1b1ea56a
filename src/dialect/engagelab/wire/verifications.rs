//! Judging codes (spec 1.4, 3).

use poem_openapi::{Object, types::Example};

use super::text;
use crate::{
    core::id::MessageId,
    dialect::engagelab::error::ApiError,
    http::{Required, Text},
    service::Error,
};

/// Longest text that is taken for a code; none of ours is longer than 10.
const MAX_CODE: usize = 32;

/// A code that somebody sent back.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct VerifyCode {
    /// The message the code came with.
    message_id: Required<Text>,
    /// The code, exactly as it was sent: ASCII letters and digits.
    verify_code: Required<Text>,
}

/// What became of it.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in super::super) struct Verification {
    /// The message.
    pub(in super::super) message_id: String,
    /// The code that was judged.
    pub(in super::super) verify_code: String,
    /// Whether it is the right one.
    pub(in super::super) verified: bool,
}

impl VerifyCode {
    /// The id as given, the id, and the code. What cannot be a code is refused without being compared (security A11);
    /// what cannot be an id names no message (spec 10, row 4).
    pub(in super::super) fn into_command(self) -> Result<(String, MessageId, String), ApiError> {
        let message_id = text(self.message_id, "message_id")?;
        let code = text(self.verify_code, "verify_code")?;
        if code.len() > MAX_CODE || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(ApiError::invalid("verify_code"));
        }
        let message = MessageId::parse(&message_id).ok_or(Error::NoVerification)?;
        Ok((message_id, message, code))
    }
}

impl Example for VerifyCode {
    fn example() -> Self {
        let given = |example: &str| Required(Some(Text(example.to_owned())));
        Self { message_id: given("1725407449772531712"), verify_code: given("667090") }
    }
}

impl Example for Verification {
    fn example() -> Self {
        let (message_id, verify_code) = ("1725407449772531712".to_owned(), "667090".to_owned());
        Self { message_id, verify_code, verified: true }
    }
}
