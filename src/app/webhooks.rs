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
    sink: Arc<dyn Sink>,
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
    Webhooks { doors, proxies: proxies.clone(), sink: Arc::new(service) }.into_endpoint()
}

impl Webhooks {
    fn into_endpoint(self) -> BoxEndpoint<'static, Response> {
        let webhooks = Arc::new(self);
        let endpoint = make(move |request| {
            let webhooks = webhooks.clone();
            async move { webhooks.answer(request).await }
        });
        endpoint.map_to_response().boxed()
    }

    async fn answer(&self, request: Request) -> poem::Result<Response> {
        let (request, mut body) = request.split();
        let door = self.door(&request)?;
        if !matches!(*request.method(), Method::GET | Method::POST) {
            return Ok(Rejection::NoMethod { allow: "GET, POST".to_owned() }.into_plain_response());
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
            self.sink.receipts(provider, news.receipts).await?;
        }
        for uplink in news.uplinks {
            self.sink.uplink(provider, uplink).await?;
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

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use poem::test::TestClient;

    use super::*;
    use crate::channel::{Accepted, DeliveryError, Receipt, Report, Uplink, Webhook};
    use crate::core::plan::Outgoing;

    /// Tells one receipt with every request.
    struct Teller;

    #[async_trait]
    impl Provider for Teller {
        async fn deliver(&self, _: &Outgoing<'_>) -> Result<Accepted, DeliveryError> {
            Ok(Accepted::default())
        }

        fn webhook(&self) -> Option<&dyn Webhook> {
            Some(self)
        }
    }

    impl Webhook for Teller {
        fn read(&self, _: &WebhookRequest<'_>) -> Result<News, NotBelieved> {
            let receipt = Receipt { reference: "1".to_owned(), report: Report::Delivered, detail: None };
            Ok(News { receipts: vec![receipt], uplinks: vec![], answer: "thanks".to_owned() })
        }
    }

    /// A store that is there or is not.
    struct Store(bool);

    #[async_trait]
    impl Sink for Store {
        async fn receipts(&self, provider: &str, receipts: Vec<Receipt>) -> Result<(), Unkept> {
            assert_eq!((provider, receipts.len()), ("teller", 1));
            if self.0 { Ok(()) } else { Err(Unkept) }
        }

        async fn uplink(&self, _: &str, _: Uplink) -> Result<(), Unkept> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn thanks_are_said_only_for_what_is_kept() {
        for (kept, status) in [(true, StatusCode::OK), (false, StatusCode::SERVICE_UNAVAILABLE)] {
            let door =
                Door { name: "teller".to_owned(), secret: "s".to_owned(), allow: vec![], provider: Arc::new(Teller) };
            let webhooks = Webhooks { doors: vec![door], proxies: Arc::default(), sink: Arc::new(Store(kept)) };
            let client = TestClient::new(poem::Route::new().at("/providers/:name/:secret", webhooks.into_endpoint()));
            let answer = client.post("/providers/teller/s").send().await;
            answer.assert_status(status);
            let thanked = answer.0.into_body().into_string().await.unwrap().contains("thanks");
            assert_eq!(thanked, kept);
        }
    }
}
