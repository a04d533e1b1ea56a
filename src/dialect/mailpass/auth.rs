//! API keys: `Authorization: Bearer <dev_key>.<dev_secret>` (spec 1.0).

use std::sync::Arc;

use poem::{Request, Result};
use poem_openapi::{SecurityScheme, auth::Bearer};

use super::{DIALECT, Settings, answers::Quota, error::ApiError};
use crate::{
    core::access::Permission,
    http::client_ip::TrustedProxies,
    service::{Caller, Error, Service},
};

/// A key made with `verifyd key create --dialect mailpass`, which needs the permission `otp`.
#[derive(SecurityScheme)]
#[oai(rename = "bearerAuth", ty = "bearer", checker = "check")]
pub(super) struct ApiKey(pub(super) Caller);

async fn check(request: &Request, bearer: Bearer) -> Result<Caller> {
    let service: &Service = request.data().ok_or(poem::error::GetDataError("Service"))?;
    let proxies: &Arc<TrustedProxies> = request.data().ok_or(poem::error::GetDataError("Proxies"))?;
    let settings: &Settings = request.data().ok_or(poem::error::GetDataError("Settings"))?;
    let quota: &Quota = request.data().ok_or(poem::error::GetDataError("Quota"))?;
    let (dev_key, secret) = bearer.token.split_once('.').unwrap_or((&bearer.token, ""));
    let address = proxies.client_ip(request);
    let caller = service.authenticate(DIALECT.name, dev_key, secret, address).await.map_err(ApiError::from)?;
    charge(service, &caller, settings.rate_per_minute, quota).await?;
    caller.need(Permission::Otp).map_err(ApiError::from)?;
    Ok(caller)
}

/// Counts one request of the key, and refuses it where there are too many (spec 1.4).
async fn charge(service: &Service, caller: &Caller, limit: u32, quota: &Quota) -> Result<(), ApiError> {
    let Some(count) = service.charge_request(caller, "mailpass requests", limit).await? else { return Ok(()) };
    quota.note(count);
    if count.is_over() { Err(Error::OverLimit { retry_after: Some(count.resets_in) }.into()) } else { Ok(()) }
}
