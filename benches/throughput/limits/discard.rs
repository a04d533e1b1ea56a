//! verifyd whose store keeps nothing: what a request costs before it reaches a database.

use std::{fs, path::Path, sync::Arc, time::Duration};

use verifyd::{
    app::{App, Role, World},
    config::Config,
    core::{access::Pool, entropy::OsEntropy},
    server::{Listener, ListenerSettings, shutdown},
    service::NewKey,
};

use super::{send_with, start_self};
use crate::{Fallible, book::Shown, http::Request, product, server::Server, work::TEMPLATE};

const KIND: &str = "serve-discard";
/// Goes before the credentials in the output of the server.
const KEY: &str = "key ";
/// A provider is configured because sends are refused without; nothing is ever delivered.
const CONFIGURATION: &str = "[[provider]]\nname = \"nobody\"\nkind = \"inbox\"\nchannels = [\"sms\"]\n";

/// The running server, with its credentials.
pub(crate) struct Discard {
    server: Server,
    key: (String, String),
}

impl Discard {
    /// Starts it in a process of its own, with its data below the directory.
    pub(crate) fn start(directory: &Path) -> Fallible<Self> {
        let log = directory.join(format!("{KIND}.log"));
        let server = start_self(&[KIND, &directory.display().to_string()], &log)?;
        let text = fs::read_to_string(&log)?;
        let line = text.lines().find_map(|line| line.strip_prefix(KEY)).ok_or("the server printed no key")?;
        let (user, password) = line.split_once(':').ok_or("the key has no secret")?;
        let discard = Self { key: (user.to_owned(), password.to_owned()), server };
        product::create_template(&discard.server, &discard.request("/v1/template-configs"), TEMPLATE, "sms")?;
        Ok(discard)
    }

    /// Sends for a while.
    pub(crate) fn send(&self, connections: usize, time: Duration) -> Fallible<Shown> {
        send_with(&self.server, self.request("/v1/messages"), connections, time)
    }

    fn request(&self, path: &str) -> Request {
        Request::post(self.server.address, path, &self.key.0, &self.key.1)
    }
}

/// Serves verifyd's own routes and services on a free port of loopback, over a store that answers at once. There is no
/// worker: deliveries are for the subjects that keep something.
pub(crate) fn serve(directory: &Path) -> Fallible<()> {
    super::end_with_parent();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let config = format!("data_dir = \"{}\"\n{CONFIGURATION}", directory.join("discard").display());
        let world = World { clock: None, entropy: Arc::new(OsEntropy), carriers: None };
        let app = App::build(Config::from_toml(&config)?, world, Role::Discard).await?;
        print_key(&app).await?;
        let listener = Listener::bind(ListenerSettings::new(([127, 0, 0, 1], 0).into())).await?;
        println!("listening on http://{}", listener.local_addr());
        let (_trigger, serving) = shutdown::channel();
        listener.serve(app.routes(serving.clone()), serving).await;
        Ok(())
    })
}

/// Makes an application and a key, which the parent process reads.
async fn print_key(app: &App) -> Fallible<()> {
    let new_app = app.service().create_app("bench").await?.ok_or("the database was not empty")?;
    let key = app.service().create_key(new_app.id, NewKey::of(Pool::Engagelab)).await?;
    println!("{KEY}{}:{}", key.dev_key, key.dev_secret.as_str());
    Ok(())
}
