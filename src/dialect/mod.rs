//! The OTP APIs that verifyd speaks. Each folder only translates; none knows another.

pub mod airtexts;
pub mod engagelab;
pub mod mailpass;
pub mod optora;

use poem::{Response, endpoint::BoxEndpoint};
use serde_json::Value;

/// One dialect, as data: nothing is generic over it.
pub struct Dialect {
    /// Its name, also that of its document and of the path below which it is served whole.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Under which paths it answers as well.
    pub prefix: &'static str,
    /// Whether the prefix may be written in capitals.
    pub any_case: bool,
    /// Its routes, whose every failure wears its face.
    pub endpoint: fn() -> BoxEndpoint<'static, Response>,
    /// Its published document; needs no server.
    pub document: fn() -> Value,
}

/// Every dialect, in the order of their documents. A path belongs to the longest prefix that it has, whatever the order.
pub const ALL: &[Dialect] = &[engagelab::DIALECT, mailpass::DIALECT, airtexts::DIALECT, optora::DIALECT];
