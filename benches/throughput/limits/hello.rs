//! The least a server of this make can do: a typed POST with Basic auth and an empty handler.

use std::{path::Path, time::Duration};

use poem::{
    Route,
    listener::{Acceptor, Listener, TcpListener},
};
use poem_openapi::{Object, OpenApi, OpenApiService, SecurityScheme, auth::Basic, payload::Json};

use super::{send_with, start_self};
use crate::{Fallible, book::Shown, http::Request, server::Server};

const KIND: &str = "serve-hello";

/// Starts it in a process of its own, with its log in the directory.
pub(crate) fn start(directory: &Path) -> Fallible<Server> {
    start_self(&[KIND], &directory.join(format!("{KIND}.log")))
}

/// Sends for a while; any credentials will do.
pub(crate) fn send(server: &Server, connections: usize, time: Duration) -> Fallible<Shown> {
    send_with(server, Request::post(server.address, "/v1/messages", "bench", "bench"), connections, time)
}

struct Hello;

#[derive(SecurityScheme)]
#[oai(ty = "basic", checker = "anyone")]
struct Caller(#[expect(dead_code, reason = "the handler is empty, but the credentials are to be read")] String);

#[expect(clippy::unused_async, reason = "the framework awaits it")]
async fn anyone(_: &poem::Request, basic: Basic) -> Option<String> {
    (!basic.password.is_empty()).then_some(basic.username)
}

/// The body of a send, spec 1.2.
#[derive(Object)]
struct Send {
    to: String,
    template: Template,
}

#[derive(Object)]
struct Template {
    id: String,
    language: Option<String>,
}

/// The answer to a send, spec 1.2.
#[derive(Object)]
struct Sent {
    message_id: String,
    send_channel: String,
}

#[OpenApi]
impl Hello {
    #[oai(path = "/v1/messages", method = "post")]
    #[expect(clippy::unused_async, reason = "the framework awaits it")]
    async fn send(&self, _caller: Caller, body: Json<Send>) -> Json<Sent> {
        // The fields are looked at so that reading them cannot be left out.
        let length = body.to.len() + body.template.id.len() + body.template.language.as_deref().map_or(0, str::len);
        let message_id = (1_725_407_449_772_531_712 + length).to_string();
        Json(Sent { message_id, send_channel: "sms".to_owned() })
    }
}

/// Serves on a free port of loopback, on as many threads as there are cores, until the process ends; says where on
/// standard output.
pub(crate) fn serve() -> Fallible<()> {
    super::end_with_parent();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await?;
        for address in acceptor.local_addr().iter().filter_map(|address| address.as_socket_addr()) {
            println!("listening on http://{address}");
        }
        let routes = Route::new().nest("/", OpenApiService::new(Hello, "hello", "1"));
        Ok(poem::Server::new_with_acceptor(acceptor).run(routes).await?)
    })
}
