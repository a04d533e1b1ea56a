//! A whole verifyd in this process: real database, real routes, a clock that stands, and an inbox to read codes from.

mod answer;
mod database;
mod log;
mod metrics;
mod socket;

use std::{net::IpAddr, sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use poem::{
    Addr, Body, Endpoint, Request, RequestParts, Response,
    endpoint::BoxEndpoint,
    http::{self, Method, header},
    web::{LocalAddr, RemoteAddr},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use verifyd::{
    app::{App, Role, World},
    channel::{Registry, inbox::InboxMessage},
    config::Config,
    core::{
        access::Pool,
        clock::{Clock, FixedClock, Timestamp},
        entropy::OsEntropy,
    },
    server::shutdown,
    service::{NewKey, NewSecret, Service},
};

pub(crate) use answer::{Answer, without_ids};
use database::TestDatabase;
pub(crate) use log::Log;
pub(crate) use socket::{listener, over_a_socket};

/// 2026-11-21T00:00:00Z.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_795_219_200_000);
/// Who gets most messages.
pub(crate) const PHONE: &str = "+6598765432";
/// Who gets most mails.
pub(crate) const EMAIL: &str = "jane@example.com";
/// The template of a first start: six digits by SMS, five minutes.
pub(crate) const OTP: &str = "otp";

/// No limit for a recipient.
const UNLIMITED: &str = "engagelab.pace = { gap = '0s', per_10_minutes = 0, per_hour = 0, per_day = 0 }
limits = { guesses_per_day = 0, guesses_per_month = 0, guesses_since_success = 0, sends_per_day = 0, accept_risk = true }";

/// Credentials of a call.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) dev_key: String,
    pub(crate) dev_secret: String,
}

impl Key {
    /// The value of the `Authorization` header.
    pub(crate) fn basic(&self) -> String {
        format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", self.dev_key, self.dev_secret)))
    }
}

impl From<NewSecret> for Key {
    fn from(secret: NewSecret) -> Self {
        Self { dev_key: secret.dev_key, dev_secret: secret.dev_secret.to_string() }
    }
}

/// One installation with the application `default` of a first start, and a key of it.
pub(crate) struct TestApp {
    pub(crate) app: App,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) key: Key,
    routes: BoxEndpoint<'static, Response>,
    config: String,
    database: TestDatabase,
    _data: TempDir,
}

impl TestApp {
    /// With the default configuration: one inbox for every channel.
    pub(crate) async fn new() -> Self {
        Self::with("").await
    }

    /// With more configuration; tables only.
    pub(crate) async fn with(tables: &str) -> Self {
        Self::with_carriers(tables, None).await
    }

    /// With providers of the test's own.
    pub(crate) async fn with_carriers(tables: &str, carriers: Option<Registry>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let database = TestDatabase::new(data.path()).await;
        let database_url = database.url();
        // What is not about limits is free to send as often as it likes.
        let any = if tables.contains("[limits]") || tables.contains("[engagelab]") { "" } else { UNLIMITED };
        let config = format!(
            "data_dir = '{}'\ndatabase.url = '{database_url}'\ndatabase.max_connections = 3\n{any}\n{tables}",
            data.path().display()
        );
        let clock = Arc::new(FixedClock::at(START));
        let world = World { clock: Some(clock.clone()), entropy: Arc::new(OsEntropy), carriers };
        let app = Box::pin(App::build(Config::from_toml(&config).unwrap(), world, Role::Serve)).await.unwrap();
        let key = app.first_start().await.unwrap().unwrap().into();
        let (_, serving) = shutdown::channel();
        let routes = app.routes(serving);
        Self { app, clock, key, routes, config, database, _data: data }
    }

    /// Another process on the same installation, as the command line is one.
    pub(crate) async fn beside(&self) -> App {
        self.beside_with("").await
    }

    /// The same with more configuration; tables only.
    pub(crate) async fn beside_with(&self, tables: &str) -> App {
        let world = World { clock: Some(self.clock.clone()), entropy: Arc::new(OsEntropy), carriers: None };
        let config = Config::from_toml(&format!("{}\n{tables}", self.config)).unwrap();
        App::build(config, world, Role::Command).await.unwrap()
    }

    pub(crate) fn service(&self) -> &Service {
        self.app.service()
    }

    /// Moves the clock on.
    pub(crate) fn later(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// The id of an application, made if it is not there.
    pub(crate) async fn app_id(&self, name: &str) -> i64 {
        match self.service().app(name).await.unwrap() {
            Some(app) => app.id,
            None => self.service().create_app(name).await.unwrap().unwrap().id,
        }
    }

    /// A key of the application `name` that may do everything, changed by `change`.
    pub(crate) async fn key_of(&self, name: &str, change: impl FnOnce(&mut NewKey)) -> Key {
        let mut new = NewKey::of(Pool::Engagelab);
        change(&mut new);
        self.service().create_key(self.app_id(name).await, new).await.unwrap().into()
    }

    /// Changes the database behind the server's back.
    pub(crate) async fn sql(&self, statement: &str) {
        self.database.execute(statement).await;
    }

    /// The blobs that a query of one column gives.
    pub(crate) async fn blobs(&self, query: &str) -> Vec<Vec<u8>> {
        self.database.blobs(query).await
    }

    /// The database, for what [`Self::sql`] cannot do.
    pub(crate) fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// One request, from `address` if there is one.
    pub(crate) async fn exchange(&self, request: http::Request<Body>, address: Option<IpAddr>) -> Answer {
        exchange(&self.routes, request, address).await
    }

    /// The status of `/readyz`.
    pub(crate) async fn readiness(&self) -> u16 {
        self.exchange(request("GET", "/readyz", &[], ""), None).await.status.as_u16()
    }

    /// A call by its raw parts, as `key`.
    pub(crate) async fn call_as(&self, key: &Key, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        self.exchange(request(method, path, &[("authorization", &key.basic())], body), None).await
    }

    /// A call with a body that may be anything.
    pub(crate) async fn raw(&self, path: &str, body: impl Into<Body>) -> Answer {
        self.call_as(&self.key, "POST", path, body).await
    }

    /// A call of the dialect; `null` sends no body.
    pub(crate) async fn engagelab(&self, method: &str, path: &str, body: Value) -> Answer {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.call_as(&self.key, method, path, body).await
    }

    /// `POST /v1/messages`.
    pub(crate) async fn send(&self, body: Value) -> Answer {
        self.engagelab("POST", "/v1/messages", body).await
    }

    /// The id of a message to `to` from `template`, which must have been accepted.
    pub(crate) async fn sent(&self, to: &str, template: &str) -> String {
        self.send(message(to, template)).await.id()
    }

    /// `POST /v1/verifications`.
    pub(crate) async fn verify(&self, id: &str, code: &str) -> Answer {
        self.engagelab("POST", "/v1/verifications", json!({"message_id": id, "verify_code": code})).await
    }

    /// `POST /v1/template-configs`.
    pub(crate) async fn template(&self, body: Value) -> Answer {
        self.engagelab("POST", "/v1/template-configs", body).await
    }

    /// Makes a template that must be good.
    pub(crate) async fn has_template(&self, body: Value) {
        let answer = self.template(body).await;
        assert_eq!(answer.to_string(), r#"200 {"code":0,"message":"success"}"#);
    }

    /// Delivers what is due.
    pub(crate) async fn deliver(&self) {
        while self.app.worker().step().await.unwrap() > 0 {}
    }

    /// Ends what has expired and forgets what is due.
    pub(crate) async fn sweep(&self) {
        let parts = self.service().parts();
        while parts.store.sweep(parts.clock.now()).await.unwrap() > 0 {}
    }

    /// What the inbox holds once everything due is delivered, newest first.
    pub(crate) async fn inbox(&self) -> Vec<InboxMessage> {
        self.deliver().await;
        self.app.inbox().unwrap().newest_first()
    }

    /// The newest message.
    pub(crate) async fn last(&self) -> InboxMessage {
        self.inbox().await.swap_remove(0)
    }

    /// The code of the newest message: its one run of six digits.
    pub(crate) async fn last_code(&self) -> String {
        let message = self.last().await;
        let text = message.text.or(message.html).unwrap();
        let runs = text.split(|character: char| !character.is_ascii_digit());
        runs.filter(|run| run.len() == 6).map(str::to_owned).next().unwrap()
    }
}

/// A process beside that of a [`TestApp`].
pub(crate) struct Node {
    pub(crate) app: App,
    routes: BoxEndpoint<'static, Response>,
}

impl Node {
    /// Whose interface is asked, too.
    pub(crate) fn new(app: App) -> Self {
        let (_, serving) = shutdown::channel();
        let routes = app.routes(serving);
        Self { app, routes }
    }

    /// One request.
    pub(crate) async fn exchange(&self, request: http::Request<Body>) -> Answer {
        exchange(&self.routes, request, None).await
    }

    /// `POST /v1/messages` as `key`.
    pub(crate) async fn send_as(&self, key: &Key, body: Value) -> Answer {
        let request = request("POST", "/v1/messages", &[("authorization", &key.basic())], body.to_string());
        exchange(&self.routes, request, None).await
    }
}

async fn exchange(
    routes: &BoxEndpoint<'static, Response>,
    request: http::Request<Body>,
    address: Option<IpAddr>,
) -> Answer {
    let peer = address.map_or_else(|| Addr::custom("test", "test"), |address| Addr::SocketAddr((address, 1).into()));
    let local = LocalAddr(Addr::custom("test", "test"));
    let (head, body) = request.into_parts();
    let head = RequestParts::from((head, local, RemoteAddr(peer), http::uri::Scheme::HTTP));
    let request = Request::from_parts(head, body);
    Answer::read(routes.get_response(request).await).await
}

/// A request by its raw parts.
pub(crate) fn request(
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> http::Request<Body> {
    let mut request = http::Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(path);
    if method == "POST" && !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.into()).unwrap()
}

/// The body of a send.
pub(crate) fn message(to: &str, template: &str) -> Value {
    json!({"to": to, "template": {"id": template}})
}

/// A code that is not `code`.
pub(crate) fn other_than(code: &str) -> String {
    let last = if code.ends_with('0') { "1" } else { "0" };
    format!("{}{last}", &code[..code.len() - 1])
}

/// The time on the clock, in seconds.
pub(crate) fn seconds(clock: &FixedClock) -> i64 {
    clock.now().seconds()
}
