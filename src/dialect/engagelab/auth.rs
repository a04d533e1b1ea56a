//! Basic credentials: `dev_key:dev_secret` (spec 1.1).

use std::sync::Arc;

use poem::{Request, Result};
use poem_openapi::{SecurityScheme, auth::Basic};

use super::{DIALECT, Settings, error::ApiError};
use crate::{
    http::client_ip::TrustedProxies,
    service::{Caller, Count, Service},
};

/// The proxies that are believed about the client's address; handed to requests as data.
pub type Proxies = Arc<TrustedProxies>;

/// `DevKey` and `DevSecret` of an API key, as user name and password.
#[derive(SecurityScheme)]
#[oai(rename = "basicAuth", ty = "basic", checker = "check")]
pub(super) struct DevKey(pub(super) Caller);

async fn check(request: &Request, basic: Basic) -> Result<Caller> {
    let service: &Service = request.data().ok_or(poem::error::GetDataError("Service"))?;
    let proxies: &Proxies = request.data().ok_or(poem::error::GetDataError("Proxies"))?;
    let settings: &Settings = request.data().ok_or(poem::error::GetDataError("Settings"))?;
    let address = proxies.client_ip(request);
    let caller = service.authenticate(DIALECT.name, &basic.username, &basic.password, address).await;
    let caller = caller.map_err(ApiError::from)?;
    let (method, path) = (request.method().as_str(), request.original_uri().path());
    service.note_call(&caller, method, path).await.map_err(ApiError::from)?;
    charge(service, &caller, settings.rate_per_minute).await?;
    Ok(caller)
}

/// Counts one request of the key, and refuses it where there are too many (spec 10, row 25).
async fn charge(service: &Service, caller: &Caller, limit: u32) -> Result<(), ApiError> {
    let count = service.charge_request(caller, "engagelab requests", limit).await?;
    match count.filter(Count::is_over) {
        Some(over) => Err(ApiError::too_many(over.resets_in)),
        None => Ok(()),
    }
}
