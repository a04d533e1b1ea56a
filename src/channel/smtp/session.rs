//! Connections to the mail server: opened when needed, kept for the next mail, never used again after a doubt.
//!
//! The mail library's own pool is not used: it takes a connection back when a send is given up half-way, and the next
//! mail would then be written into the middle of the last one. Here a connection is owned by the send that uses it and
//! is given back only once the server has answered everything.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use lettre::transport::smtp::{
    Error,
    authentication::{Credentials, Mechanism},
    client::{AsyncSmtpConnection, TlsParameters},
    commands::{Data, Mail as MailCommand, Rcpt, Rset},
    extension::ClientId,
    response::Response,
};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};

use super::{
    mail::Mail,
    refusal::{self, Step},
    settings::{SmtpSettings, Tls},
};
use crate::channel::{DeliveryError, SettingsError, still_ours};

/// A connection idle for longer is not tried again; servers hang up after 5 minutes or less.
const MAX_IDLE: Duration = Duration::from_mins(1);

/// The connections to one mail server.
pub(super) struct Sessions {
    server: Server,
    /// As many as there may be connections.
    permits: Semaphore,
    /// Used last, used first: under little load the others grow old and go.
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

/// How to reach the server and how long to wait for it.
struct Server {
    settings: SmtpSettings,
    tls: Option<TlsParameters>,
    hello: ClientId,
    credentials: Option<Credentials>,
}

impl Sessions {
    pub(super) fn new(settings: SmtpSettings) -> Result<Self, SettingsError> {
        if settings.connections == 0 {
            return Err(SettingsError::new("connections", "must be at least 1"));
        }
        let login = settings.login.as_ref();
        let credentials = login.map(|login| Credentials::new(login.username.clone(), login.password.clone()));
        let permits = Semaphore::new(settings.connections);
        let server = Server { tls: settings.tls_parameters()?, hello: ClientId::default(), credentials, settings };
        Ok(Self { server, permits, idle: Mutex::default() })
    }

    /// Sends one mail, or nothing of it after `until`: one `MAIL`, one `RCPT`, one `DATA`.
    pub(super) async fn send(&self, mail: &Mail, until: std::time::Instant) -> Result<(), DeliveryError> {
        let limit = self.server.settings.command_timeout;
        let permit = timeout(limit, self.permits.acquire()).await;
        let Ok(Ok(_permit)) = permit else {
            return Err(DeliveryError::unavailable("all connections to the mail server are busy"));
        };
        let mut connection = match self.reuse().await {
            Some(connection) => connection,
            None => self.server.connect().await?,
        };
        let sent = self.server.transact(&mut connection, mail, until).await;
        if sent.as_ref().map_or_else(Failure::leaves_open, |()| true) {
            self.idle().push((connection, Instant::now()));
        }
        Ok(sent?)
    }

    /// An idle connection that is still alive. `RSET` shows that and drops what a refused mail has left behind.
    async fn reuse(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let (mut connection, since) = self.idle().pop()?;
            if since.elapsed() <= MAX_IDLE && self.server.command(connection.command(Rset), Step::Opening).await.is_ok()
            {
                return Some(connection);
            }
        }
    }

    /// A list of connections cannot be left half changed, so a poisoned lock is as good as any.
    fn idle(&self) -> MutexGuard<'_, Vec<(AsyncSmtpConnection, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a step failed: the server said no, or nobody knows where the connection stands.
enum Failure {
    Reply(Error, Step),
    Broken(DeliveryError),
}

impl Failure {
    /// Whether the server has answered everything and listens on; with 421 it says that it does not.
    fn leaves_open(&self) -> bool {
        matches!(self, Self::Reply(error, _) if error.status().map(u16::from) != Some(421))
    }
}

impl From<Failure> for DeliveryError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Reply(error, step) => refusal::of(&error, step),
            Failure::Broken(error) => error,
        }
    }
}

impl Server {
    /// Connection, greeting, TLS and login. Without TLS where it is asked for, nothing more is said.
    async fn connect(&self) -> Result<AsyncSmtpConnection, DeliveryError> {
        let settings = &self.settings;
        let implicit = self.tls.clone().filter(|_| settings.tls == Tls::Implicit);
        let address = (settings.host.as_str(), settings.port);
        let opening = AsyncSmtpConnection::connect_tokio1(address, None, &self.hello, implicit, None);
        let mut connection = step(settings.connect_timeout, opening, Step::Opening).await?;
        if let (Tls::Starttls, Some(tls)) = (settings.tls, self.tls.clone()) {
            step(settings.command_timeout, connection.starttls(tls, &self.hello), Step::Opening).await?;
        }
        if let Some(credentials) = &self.credentials {
            self.command(connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials), Step::Opening).await?;
        }
        Ok(connection)
    }

    async fn transact(
        &self,
        connection: &mut AsyncSmtpConnection,
        mail: &Mail,
        until: std::time::Instant,
    ) -> Result<(), Failure> {
        let sender = MailCommand::new(Some(mail.from.clone()), Vec::new());
        self.command(connection.command(sender), Step::Opening).await?;
        let recipient = Rcpt::new(mail.to.clone(), Vec::new());
        self.command(connection.command(recipient), Step::Recipient).await?;
        self.command(connection.command(Data), Step::Content).await?;
        if !still_ours(until) {
            return Err(Failure::Broken(DeliveryError::too_late()));
        }
        // In one write with its final dot: the library makes two, and the second would wait for a delayed ACK, 40 ms.
        step(self.settings.data_timeout, connection.command(&mail.data), Step::Content).await?;
        Ok(())
    }

    async fn command(
        &self,
        exchange: impl Future<Output = Result<Response, Error>>,
        asked: Step,
    ) -> Result<Response, Failure> {
        step(self.settings.command_timeout, exchange, asked).await
    }
}

/// One exchange with the server within `limit`.
async fn step<T>(limit: Duration, exchange: impl Future<Output = Result<T, Error>>, asked: Step) -> Result<T, Failure> {
    match timeout(limit, exchange).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) if error.status().is_some() => Err(Failure::Reply(error, asked)),
        Ok(Err(error)) => Err(Failure::Broken(refusal::of(&error, asked))),
        Err(_) if asked == Step::Content => Err(Failure::Broken(DeliveryError::unanswered(
            "the mail server did not say in time whether it took the mail",
        ))),
        Err(_) => Err(Failure::Broken(DeliveryError::unavailable("the mail server did not answer in time"))),
    }
}
