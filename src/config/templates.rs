//! `[templates]`.

use serde::Deserialize;

/// `[templates]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Templates {
    /// Whether new templates can be used at once.
    pub auto_approve: bool,
}
