//! `[trace]`.

use serde::Deserialize;

use super::{
    error::{ConfigError, require},
    value::optional,
};

/// `[trace]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trace {
    /// Base address of an OpenTelemetry collector; no spans are sent without it.
    #[serde(deserialize_with = "optional")]
    pub otlp_endpoint: Option<String>,
}

impl Trace {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        let good = self.otlp_endpoint.as_ref().is_none_or(web);
        require(good, "trace.otlp_endpoint", "must begin with \"http://\" or \"https://\", or be \"\"")
    }
}
