//! What a provider's webhook reads, without the path in front of it.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use verifyd::channel::{News, NotBelieved, Provider, Receipt, Report, WebhookRequest};

/// A request as it comes in.
pub(crate) struct Incoming<'a> {
    pub(crate) method: Method,
    pub(crate) query: &'a str,
    pub(crate) header: Option<(&'static str, String)>,
    pub(crate) body: &'a str,
}

impl<'a> Incoming<'a> {
    pub(crate) fn post(body: &'a str) -> Self {
        Self { method: Method::POST, query: "", header: None, body }
    }

    pub(crate) fn get(query: &'a str) -> Self {
        Self { method: Method::GET, query, header: None, body: "" }
    }

    pub(crate) fn with(self, name: &'static str, value: impl Into<String>) -> Self {
        Self { header: Some((name, value.into())), ..self }
    }

    pub(crate) fn read_by(&self, provider: &dyn Provider) -> Result<News, NotBelieved> {
        let mut headers = HeaderMap::new();
        if let Some((name, value)) = &self.header {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        let (query, body) = (self.query, self.body.as_bytes());
        let request = WebhookRequest { method: &self.method, query, headers: &headers, body };
        provider.webhook().unwrap().read(&request)
    }
}

pub(crate) fn delivered(reference: &str) -> Receipt {
    Receipt { reference: reference.to_owned(), report: Report::Delivered, detail: None }
}

pub(crate) fn failed(reference: &str, code: i16, detail: Option<&str>) -> Receipt {
    Receipt { reference: reference.to_owned(), report: Report::Failed(code), detail: detail.map(str::to_owned) }
}
