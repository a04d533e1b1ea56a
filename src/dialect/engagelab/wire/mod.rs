//! The shapes of spec 1 and 4, and their translation. No rule lives here.

pub(super) mod custom_args;
pub(super) mod messages;
pub(super) mod targets;
pub(super) mod template_in;
pub(super) mod template_out;
pub(super) mod verifications;

use poem_openapi::{Object, types::Example};

use super::error::ApiError;
use crate::http::{Required, Text};

/// The answer to a change of templates.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(super) struct Done {
    /// Always 0.
    code: i32,
    /// Always `success`.
    message: String,
}

impl Done {
    pub(super) fn success() -> Self {
        Self { code: 0, message: "success".to_owned() }
    }
}

impl Example for Done {
    fn example() -> Self {
        Self::success()
    }
}

/// The text of a field that must be there and must not be empty.
fn text(field: Required<Text>, name: &str) -> Result<String, ApiError> {
    match field.0 {
        Some(Text(text)) if !text.is_empty() => Ok(text),
        _ => Err(ApiError::missing(name)),
    }
}
