//! `[admin]`: the management API.

use ipnet::IpNet;
use serde::Deserialize;

use super::value::networks;

/// `[admin]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Admin {
    /// Whether `/admin/v1` is served.
    pub enabled: bool,
    /// Who may use it, with a token.
    #[serde(deserialize_with = "networks")]
    pub allow: Vec<IpNet>,
}
