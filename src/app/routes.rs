//! Every path of one listener: the dialects, their documents, and the operator's pages.

use std::{net::IpAddr, sync::Arc, time::Duration};

use ipnet::IpNet;
use poem::{
    EndpointExt, Request, Response, Route,
    endpoint::{BoxEndpoint, make, make_sync},
    get,
    http::StatusCode,
};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{App, dialects, trace::Watch, webhooks::webhooks};
use crate::{
    admin,
    channel::inbox::Inbox,
    dialect::{self, Dialect, engagelab, optora},
    http::{
        Api, ByPrefix, Rejection,
        allow::Allow,
        client_ip::{ForwardingHeader, TrustedProxies},
        docs,
        mount::face,
        request_id::traced,
    },
    server::Shutdown,
    service::Service,
};

/// One published description.
#[derive(Clone, Copy)]
pub struct Document {
    /// Its name: `NAME.json`, `/docs/NAME`.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Makes it; needs no server.
    pub make: fn() -> Value,
}

impl Document {
    /// Every description that the code can make, the one that most readers want first.
    pub fn all() -> impl Iterator<Item = Self> {
        let of = |dialect: &Dialect| Self { name: dialect.name, title: dialect.title, make: dialect.document };
        let own = Self { name: admin::NAME, title: admin::TITLE, make: admin::document };
        dialect::ALL.iter().map(of).chain([own])
    }
}

impl App {
    /// Everything, as it is served.
    pub fn routes(&self, serving: Shutdown) -> BoxEndpoint<'static, Response> {
        let proxies = TrustedProxies::new(self.config.http.trusted_proxies.clone(), ForwardingHeader::default());
        let proxies: engagelab::Proxies = Arc::new(proxies);
        let operator = face(self.operator_routes(&proxies, serving), Allow::default(), Rejection::into_plain_response);
        let mut routes = ByPrefix::new(operator.boxed());
        for (dialect, place) in self.dialects() {
            routes = routes.api(Api {
                prefix: dialect.prefix,
                any_case: dialect.any_case,
                mount: format!("/{}", dialect.name),
                host: place.host.map(str::to_owned),
                endpoint: (dialect.endpoint)(),
            });
        }
        if self.config.admin.enabled {
            routes = routes.nest(admin::PREFIX, admin::endpoint());
        }
        let routes = routes
            .data(self.service.clone())
            .data(dialects::engagelab(&self.config.engagelab))
            .data(dialects::mailpass(&self.config.mailpass))
            .data(dialects::airtexts(&self.config.airtexts))
            .data(Arc::new(dialects::optora(&self.config)))
            .data(admin::Settings { allow: self.config.admin.allow.clone() })
            .data(proxies);
        let spans = self.config.trace.otlp_endpoint.is_some();
        traced(routes, Watch { metrics: self.service.parts().metrics.clone(), spans })
    }

    /// The documents of what is served.
    fn documents(&self) -> impl Iterator<Item = Document> {
        let served: Vec<_> = self.dialects().map(|(dialect, _)| dialect.name).collect();
        let admin = self.config.admin.enabled;
        Document::all().filter(move |document| match document.name {
            admin::NAME => admin,
            name => served.contains(&name),
        })
    }

    fn operator_routes(&self, proxies: &engagelab::Proxies, serving: Shutdown) -> Route {
        let service = self.service.clone();
        let mut routes = Route::new()
            .at("/healthz", get(make_sync(|_| "ok\n")))
            .at("/providers/:name/:secret", webhooks(self, proxies))
            .at("/readyz", get(readiness(service.clone(), serving)))
            .at("/metrics", get(metrics(service, proxies.clone(), self.config.http.operator_allow.clone())));
        let documents: Vec<_> = self.documents().collect();
        for (place, document) in documents.iter().enumerate() {
            let pages = documents.iter().map(|other| (other.title, format!("/docs/{}", other.name)));
            let polished = (document.make)();
            let page = || docs::page(document.title, &polished, pages.clone());
            routes = routes.at(format!("/openapi/{}.json", document.name), docs::document(&polished));
            routes = routes.at(format!("/docs/{}", document.name), page());
            if place == 0 {
                routes = routes.at("/docs", page());
            }
        }
        if self.dialects().map(|(dialect, _)| dialect.name).eq([optora::DIALECT.name]) {
            routes = routes.at("/", optora::docs_page());
        }
        match &self.inbox {
            Some(inbox) => routes.at("/inbox", get(inbox_page(inbox.clone(), proxies.clone()))),
            None => routes,
        }
    }
}

/// 200 while this node should be sent requests: serving, and its database answers and can be written.
fn readiness(service: Service, serving: Shutdown) -> BoxEndpoint<'static, Response> {
    let ready = make(move |_| {
        let (service, serving) = (service.clone(), serving.clone());
        async move {
            let store = &service.parts().store;
            let database = async { store.ping().await.is_ok() && store.writer().try_out().await.is_ok() };
            let ready = serving.is_serving() && timeout(Duration::from_secs(2), database).await == Ok(true);
            let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
            Ok::<_, poem::Error>(Response::builder().status(status).body(if ready { "ready\n" } else { "not ready\n" }))
        }
    });
    ready.map_to_response().boxed()
}

fn metrics(service: Service, proxies: engagelab::Proxies, allowed: Vec<IpNet>) -> BoxEndpoint<'static, Response> {
    let page = make_sync(move |request: Request| {
        let within = |client: IpAddr| allowed.iter().any(|network| network.contains(&client));
        admit(&proxies, &request, within)?;
        let page = service.parts().metrics.render().map_err(|_| Rejection::Fault)?;
        let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        Ok::<_, poem::Error>(Response::builder().content_type(kind).body(page))
    });
    page.map_to_response().boxed()
}

/// Hides a page from clients that may not see it, and from those of a proxy that the configuration does not name.
pub(super) fn admit(
    proxies: &TrustedProxies,
    request: &Request,
    may: impl Fn(IpAddr) -> bool,
) -> Result<(), Rejection> {
    if proxies.admit(request, may) { Ok(()) } else { Err(Rejection::NoRoute) }
}

/// The newest messages with their codes, for this machine only.
fn inbox_page(inbox: Arc<Inbox>, proxies: engagelab::Proxies) -> BoxEndpoint<'static, Response> {
    let page = make_sync(move |request: Request| {
        admit(&proxies, &request, |client| client.is_loopback())?;
        let messages = json!(inbox.newest_first());
        Ok::<_, poem::Error>(
            Response::builder()
                .content_type("application/json")
                .header("cache-control", "no-store")
                .body(messages.to_string()),
        )
    });
    page.map_to_response().boxed()
}
