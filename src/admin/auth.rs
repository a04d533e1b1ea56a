//! Bearer tokens, from the networks that may use them.

use std::sync::Arc;

use poem::{Request, Result};
use poem_openapi::{SecurityScheme, auth::Bearer};

use super::{Settings, error::ApiError};
use crate::{http::client_ip::TrustedProxies, service::Service};

/// A token made with `verifyd admin-token create`; it begins with `vda_`.
#[derive(SecurityScheme)]
#[oai(rename = "adminToken", ty = "bearer", checker = "check")]
pub(super) struct Admin(());

async fn check(request: &Request, bearer: Bearer) -> Result<()> {
    let service: &Service = request.data().ok_or(poem::error::GetDataError("Service"))?;
    let proxies: &Arc<TrustedProxies> = request.data().ok_or(poem::error::GetDataError("Proxies"))?;
    let settings: &Settings = request.data().ok_or(poem::error::GetDataError("Settings"))?;
    if !proxies.admit(request, |client| settings.allow.iter().any(|network| network.contains(&client))) {
        return Err(ApiError::wrong_place().into());
    }
    let address = proxies.client_ip(request);
    service.admit_admin(&bearer.token, address).await.map_err(|refusal| ApiError::from(refusal).into())
}
