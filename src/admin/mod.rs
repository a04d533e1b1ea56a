//! The management API under `/admin/v1`: what the command line does, for scripts and a console. One file per resource,
//! with its wire types; each call is one use case. It is no dialect: its shapes are ours.

mod apps;
mod auth;
mod blocked;
mod callbacks;
mod document;
mod error;
mod examples;
mod keys;
mod list;
mod messages;
mod providers;
mod status;
mod templates;
mod unlocks;
mod words;

use ipnet::IpNet;
use poem::{EndpointExt, Response, endpoint::BoxEndpoint};
use poem_openapi::{OpenApiService, Tags};

use crate::http::mount;

pub use document::document;

/// The name of its document.
pub const NAME: &str = "admin";
/// What people call it.
pub const TITLE: &str = "Management API";
/// Under which paths it answers.
pub const PREFIX: &str = "/admin/v1";

/// What an operator may set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Networks whose clients may use it.
    pub allow: Vec<IpNet>,
}

#[derive(Tags)]
enum Tag {
    /// Owners of keys, templates and messages.
    Applications,
    /// What applications call with.
    Keys,
    /// Review of templates; applications make them.
    Templates,
    /// Who gets nothing, and who may get something again.
    BlockedRecipients,
    /// Who is told what happens.
    Callbacks,
    /// What became of a message.
    Messages,
    /// Who carries messages, and how this node is.
    Server,
}

/// Every resource, in the order of the document.
type Resources =
    (apps::Api, keys::Api, templates::Api, Recipients, callbacks::Api, messages::Api, providers::Api, status::Api);
/// What concerns recipients.
type Recipients = (blocked::Api, unlocks::Api);

fn service() -> OpenApiService<Resources, ()> {
    let (apps, keys, templates, recipients) = (apps::Api, keys::Api, templates::Api, (blocked::Api, unlocks::Api));
    let resources = (apps, keys, templates, recipients, callbacks::Api, messages::Api, providers::Api, status::Api);
    OpenApiService::new(resources, "verifyd: management API", env!("CARGO_PKG_VERSION"))
        .description(
            "Manages applications, keys, templates, blocked recipients and callbacks, and shows what became of messages. Tokens are \
             made with `verifyd admin-token create`. Lists come in pages: while an answer has a `next_cursor`, ask again \
             with it as `cursor`. A delete may be repeated.",
        )
        .license(poem_openapi::LicenseObject::new(env!("CARGO_PKG_LICENSE"))) // no URL is that of either licence
        .server(poem_openapi::ServerObject::new("/").description("This server"))
}

/// Its routes, whose every failure wears its face.
#[must_use]
pub fn endpoint() -> BoxEndpoint<'static, Response> {
    mount(service(), error::rejected).boxed()
}
