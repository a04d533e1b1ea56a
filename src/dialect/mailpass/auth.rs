//! API keys: `Authorization: Bearer <dev_key>.<dev_secret>` (spec 1.0).

use std::{sync::Arc, time::Duration};

use poem::{Request, Result};
use poem_openapi::{SecurityScheme, auth::Bearer};

use super::{DIALECT, Settings, answers::Quota, error::ApiError};
use crate::{
    core::access::Permission,
    http::client_ip::TrustedProxies,
    service::{Caller, Charge, Error, Service},
};

/// Length of the window in which the requests of a key are counted (spec 1.4).
const MINUTE: Duration = Duration::from_mins(1);

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

/// Counts one request of the key, and refuses it where there are too many.
async fn charge(service: &Service, caller: &Caller, limit: u32, quota: &Quota) -> Result<(), ApiError> {
    if limit == 0 {
        return Ok(());
    }
    let key = caller.dev_key().as_bytes();
    let charge = Charge { rule: "mailpass requests", subject: &[key], limit, window: MINUTE };
    for count in service.charge(&[charge]).await? {
        quota.note(count);
        if count.is_over() {
            return Err(Error::OverLimit { retry_after: Some(count.resets_in) }.into());
        }
    }
    Ok(())
}
