//! Optora's API v2 under `/api/otp`: codes and links by email, without keys (its specification is the contract of record).

mod api;
mod document;
mod error;
mod express;
mod guest;
mod limits;
mod link;
mod mail;
mod pages;
mod sending;
mod settings;
mod webhook;
mod wire;

use poem::{EndpointExt, Response, endpoint::BoxEndpoint};
use poem_openapi::OpenApiService;

use super::Dialect;
use crate::http::{allow::Allow, mount, mount::face};

pub use error::rejected;
pub use pages::docs_page;
pub use settings::{LinkMode, Messages, Settings};

/// See the module.
pub const DIALECT: Dialect = Dialect {
    name: "optora",
    title: "Optora API v2",
    prefix: "/api",
    any_case: true,
    endpoint,
    document: document::document,
};

fn service() -> OpenApiService<api::Api, ()> {
    OpenApiService::new(api::Api, "verifyd: Optora API v2", env!("CARGO_PKG_VERSION"))
        .description(
            "Sends codes and links by email and verifies them, as Optora's API v2 does. There are no keys: the server hears the \
             networks that its operator has listed, and the link in a mail may be followed from anywhere. Paths may be \
             written in any case and end with a slash.",
        )
        .license(poem_openapi::LicenseObject::new(env!("CARGO_PKG_LICENSE"))) // no URL is that of either licence
        .server(poem_openapi::ServerObject::new("/").description("This server"))
}

fn endpoint() -> BoxEndpoint<'static, Response> {
    express::leniently(mount(service(), rejected), face(docs_page(), Allow::default(), rejected).boxed())
}
