//! Which addresses may be asked. What is looked at is what is connected to: the resolver of the connection itself
//! filters, so that a name cannot mean one machine when it is checked and another when it is used.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

use super::{WebSettings, addresses::is_public};

/// Why an address may not be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forbidden {
    /// Not a URL with a host.
    #[error("it is no URL; give https://host/path")]
    Malformed,
    /// Not `https`.
    #[error("it must begin with https://")]
    Scheme,
    /// It holds a user name or password.
    #[error("it holds a user name or password; give the Authorization value apart")]
    UserInfo,
    /// A port below 1024 that is not the scheme's own.
    #[error("its port must be the usual one, or 1024 and above")]
    Port,
    /// A machine that is not on the public network.
    #[error("it leads to a machine that is not on the public network")]
    Address,
}

/// The URL, if it may be asked. A host that is an address is judged here, in whatever way it is spelt.
pub(super) fn check(url: &str, settings: &WebSettings) -> Result<Url, Forbidden> {
    let url = Url::parse(url).map_err(|_| Forbidden::Malformed)?;
    match url.scheme() {
        "https" => {}
        "http" if settings.dangerous_plain_http => {}
        _ => return Err(Forbidden::Scheme),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Forbidden::UserInfo);
    }
    if url.port().is_some_and(|port| port < 1024) {
        return Err(Forbidden::Port);
    }
    let host = url.host_str().ok_or(Forbidden::Malformed)?;
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) if !may_connect(address, settings) => Err(Forbidden::Address),
        Err(_) if is_local_name(host) && !may_connect(IpAddr::from([127, 0, 0, 1]), settings) => {
            Err(Forbidden::Address)
        }
        _ => Ok(url),
    }
}

/// Whether both lead to the same scheme, host and port: what is sent to one may be sent to the other (security D3).
#[must_use]
pub fn same_origin(one: &str, other: &str) -> bool {
    matches!((Url::parse(one), Url::parse(other)), (Ok(one), Ok(other)) if one.origin() == other.origin())
}

/// Names that always mean this machine.
fn is_local_name(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    host == "localhost" || host.ends_with(".localhost")
}

fn may_connect(address: IpAddr, settings: &WebSettings) -> bool {
    let address = address.to_canonical();
    is_public(address) || settings.dangerous_allow_networks.iter().any(|network| network.contains(&address))
}

/// Turns names into addresses.
#[async_trait]
pub(super) trait Names: Send + Sync {
    /// All of them; none when the name is not known.
    async fn addresses(&self, name: &str) -> Vec<IpAddr>;
}

/// The system's names.
pub(super) struct SystemNames;

#[async_trait]
impl Names for SystemNames {
    async fn addresses(&self, name: &str) -> Vec<IpAddr> {
        let found = tokio::net::lookup_host((name, 0)).await;
        found.map_or_else(|_| vec![], |found| found.map(|address| address.ip()).collect())
    }
}

/// Gives only addresses that may be connected to.
pub(super) struct Guarded {
    names: Arc<dyn Names>,
    settings: Arc<WebSettings>,
}

impl Guarded {
    pub(super) fn new(names: Arc<dyn Names>, settings: WebSettings) -> Self {
        Self { names, settings: Arc::new(settings) }
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, settings) = (self.names.clone(), self.settings.clone());
        Box::pin(async move {
            let mut found = names.addresses(name.as_str()).await;
            found.retain(|address| may_connect(*address, &settings));
            if found.is_empty() {
                return Err(Forbidden::Address.into()); // unknown or forbidden: the asker does not learn which
            }
            let found: Addrs = Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(found)
        })
    }
}
