//! Who carries messages.

#![expect(clippy::unused_async, reason = "every handler is async")]

use poem::web::Data;
use poem_openapi::{Object, OpenApi, payload::Json};

use super::{Tag, auth::Admin, error::ApiError, words::Channel};
use crate::service::{ProviderSummary, Service};

/// A configured provider.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Provider")]
struct Provider {
    /// Its name in the configuration.
    name: String,
    /// Its kind there: `smtp`, `http`, `smpp`, `twilio`, `whatsapp` or `inbox`.
    kind: String,
    /// What it carries.
    channels: Vec<Channel>,
}

#[derive(Debug, Clone, Object)]
#[oai(rename = "ProviderList")]
struct ProviderList {
    /// In the order of the configuration.
    items: Vec<Provider>,
}

impl From<&ProviderSummary> for Provider {
    fn from(provider: &ProviderSummary) -> Self {
        let channels = provider.channels.iter().copied().map(Channel::from).collect();
        Self { name: provider.name.clone(), kind: provider.kind.to_owned(), channels }
    }
}

pub(super) struct Api;

#[OpenApi(prefix_path = "/admin/v1", tag = "Tag::Server")]
impl Api {
    /// List providers.
    #[oai(path = "/providers", method = "get", operation_id = "listProviders")]
    async fn list(&self, _admin: Admin, service: Data<&Service>) -> Result<Json<ProviderList>, ApiError> {
        Ok(Json(ProviderList { items: service.providers().iter().map(Provider::from).collect() }))
    }
}
