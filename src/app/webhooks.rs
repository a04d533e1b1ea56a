//! Where providers tell us what they know: `/providers/NAME/SECRET` (security C9).
//!
//! The path is a secret: it is in no log, metric or trace, and a wrong one looks like any path that is not there.

use std::sync::Arc;

use ipnet::IpNet;
use poem::{
    Request, Response,
    endpoint::{BoxEndpoint, EndpointExt, make},
    http::{Method, StatusCode},
};
use poem_openapi::OperationId;
use subtle::ConstantTimeEq;

use super::{App, routes::admit};
use crate::{
    channel::{News, NotBelieved, Provider, Sink, Unkept, WebhookRequest},
    http::{Rejection, body, client_ip::TrustedProxies},
    service::Service,
};

/// What stands for the path in logs and metrics.
const OPERATION: OperationId = OperationId("providerWebhook");

/// One provider's way in.
struct Door {
    name: String,
    secret: String,
    allow: Vec<IpNet>,
    provider: Arc<dyn Provider>,
}

struct Webhooks {
    doors: Vec<Door>,
    proxies: Arc<TrustedProxies>,
    service: Service,
}

/// Reads every provider that has a webhook and a secret; the path has two parameters, name and secret.
pub(super) fn webhooks(app: &App, proxies: &Arc<TrustedProxies>) -> BoxEndpoint<'static, Response> {
    let service = app.service().clone();
    let open = app.config.providers.iter().filter(|provider| provider.webhook.is_open());
    let door = |config: &crate::config::Provider| {
        let (_, provider) = service.parts().registry.all().find(|(name, _)| *name == config.name)?;
        provider.webhook()?;
        Some(Door {
            name: config.name.clone(),
            secret: config.webhook.secret.expose().to_owned(),
            allow: config.webhook.allow.clone(),
            provider: provider.clone(),
        })
    };
    let doors = open.filter_map(door).collect();
    let webhooks = Arc::new(Webhooks { doors, proxies: proxies.clone(), service });
    make(move |request| {
        let webhooks = webhooks.clone();
        async move { webhooks.answer(request).await }
    })
    .map_to_response()
    .boxed()
}

impl Webhooks {
    async fn answer(&self, request: Request) -> poem::Result<Response> {
        let (request, mut body) = request.split();
        let door = self.door(&request)?;
        if !matches!(*request.method(), Method::GET | Method::POST) {
            return Err(Rejection::NoMethod { allow: "GET, POST".to_owned() }.into());
        }
        let body = body::read(&request, &mut body).await?;
        let Some(webhook) = door.provider.webhook() else { return Err(Rejection::NoRoute.into()) };
        let query = request.uri().query().unwrap_or_default();
        let (method, headers) = (request.method(), request.headers());
        let mut response = match webhook.read(&WebhookRequest { method, query, headers, body: &body }) {
            Err(NotBelieved::Forged) => said(StatusCode::FORBIDDEN, "not signed by the provider"),
            Err(NotBelieved::Malformed) => return Err(Rejection::Shape.into()),
            Ok(news) => {
                let answer = news.answer.clone();
                match self.keep(&door.name, news).await {
                    Ok(()) => said(StatusCode::OK, &answer),
                    Err(Unkept) => return Err(Rejection::Overloaded.into()),
                }
            }
        };
        response.set_data(OPERATION);
        Ok(response)
    }

    /// The door that the path opens.
    fn door(&self, request: &Request) -> Result<&Door, Rejection> {
        let (name, secret) = request.path_params::<(String, String)>().map_err(|_| Rejection::NoRoute)?;
        let opens = |door: &&Door| door.name == name && bool::from(door.secret.as_bytes().ct_eq(secret.as_bytes()));
        let door = self.doors.iter().find(opens).ok_or(Rejection::NoRoute)?;
        if !door.allow.is_empty() {
            let within = |client| door.allow.iter().any(|network| network.contains(&client));
            admit(&self.proxies, request, within)?;
        }
        Ok(door)
    }

    /// Answers only for what is kept; a provider tells again what is not.
    async fn keep(&self, provider: &str, news: News) -> Result<(), Unkept> {
        if !news.receipts.is_empty() {
            self.service.receipts(provider, news.receipts).await?;
        }
        for uplink in news.uplinks {
            self.service.uplink(provider, uplink).await?;
        }
        Ok(())
    }
}

/// Some providers pass a text on to the person who wrote: an answer without one says nothing at all.
fn said(status: StatusCode, text: &str) -> Response {
    let response = Response::builder().status(status).header("x-content-type-options", "nosniff");
    if text.is_empty() {
        response.finish()
    } else {
        response.content_type("text/plain; charset=utf-8").body(text.to_owned())
    }
}
