//! The OTP APIs that verifyd speaks. Each folder only translates; none knows another.

pub mod engagelab;

use poem::{Response, endpoint::BoxEndpoint};
use serde_json::Value;

/// One dialect, as data: nothing is generic over it.
pub struct Dialect {
    /// Its name, also that of its document.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Under which paths it answers.
    pub prefix: &'static str,
    /// Its routes, whose every failure wears its face.
    pub endpoint: fn() -> BoxEndpoint<'static, Response>,
    /// Its published document; needs no server.
    pub document: fn() -> Value,
}

/// Every dialect, the longest prefix first.
pub const ALL: &[Dialect] = &[engagelab::DIALECT];
