//! Who calls: nobody is known by name here, so that the networks are what lets somebody in (spec 3.8).

use std::{net::IpAddr, sync::Arc};

use poem::{FromRequest, Request, RequestBody, Result as Answer};

use super::{error::ApiError, settings::Settings};
use crate::{
    http::{Rejection, client_ip::TrustedProxies},
    service::{Caller, Service},
};

/// A client from a network that may call, and what it is served with.
pub(super) struct Guest {
    pub(super) caller: Caller,
    /// `None` when it did not come over a network.
    pub(super) address: Option<IpAddr>,
    pub(super) service: Service,
    pub(super) settings: Arc<Settings>,
}

impl<'a> FromRequest<'a> for Guest {
    /// Others see a path that is not there.
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> Answer<Self> {
        let service: &Service = request.data().ok_or(poem::error::GetDataError("Service"))?;
        let settings = admitted(request)?.clone();
        let address = proxies(request)?.client_ip(request);
        let caller = service.stand_in(settings.named_app(), address).await.map_err(ApiError::from)?;
        Ok(Self { caller, address, service: service.clone(), settings })
    }
}

impl Guest {
    /// What links begin with; only the configuration says so (security E1).
    pub(super) fn link_base(&self) -> Result<String, ApiError> {
        let base = self.settings.base_url.clone();
        base.ok_or_else(|| {
            tracing::error!("a link was asked for, but `optora.base_url` is not set: nobody knows where it would lead");
            ApiError::fault()
        })
    }
}

/// The settings, for a client from a network that may call.
pub(super) fn admitted(request: &Request) -> Answer<&Arc<Settings>> {
    let settings: &Arc<Settings> = request.data().ok_or(poem::error::GetDataError("Settings"))?;
    let within = |client: IpAddr| settings.allow.iter().any(|network| network.contains(&client));
    if proxies(request)?.admit(request, within) { Ok(settings) } else { Err(Rejection::NoRoute.into()) }
}

fn proxies(request: &Request) -> Answer<&Arc<TrustedProxies>> {
    Ok(request.data().ok_or(poem::error::GetDataError("Proxies"))?)
}
