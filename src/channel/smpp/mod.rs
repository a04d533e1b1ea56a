//! SMS over SMPP 3.4: one bound connection to a short message centre, over which it also tells what became of them.
//!
//! The crate `rusmpp` writes and reads the protocol's units. Its client is not used: it logs whole units, and with them
//! codes and the password, and queues what the centre says without a bound.

mod bound;
mod brake;
mod connect;
mod join;
mod news;
mod parts;
mod receipt;
mod refusal;
mod session;
mod settings;
mod submit;
mod text;
mod wire;

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;
use rusmpp::{Pdu, pdus::SubmitSm};
use tokio_util::sync::CancellationToken;

use self::{bound::Line, brake::Brake, parts::Parts, refusal::Verdict, session::Session, submit::Writer};
use super::{Accepted, DeliveryError, Provider, SettingsError, Sink, content_fits_channel};
use crate::core::{clock::Clock, entropy::Entropy, plan::Outgoing};

pub use settings::{IdForm, LongMessages, SmppSettings};

/// Hands short messages to one message centre.
///
/// Nothing can be sent until somebody runs [`Provider::listen`]: the centre speaks over the same connection.
pub struct SmppProvider {
    line: Line,
    writer: Writer,
    brake: Brake,
    parts: Arc<Parts>,
    clock: Arc<dyn Clock>,
    submit_id: IdForm,
}

impl SmppProvider {
    /// Checks the settings and reads the system's certificate authorities; opens no connection yet. `name` is what
    /// receipts and the log call it.
    pub fn new(
        name: &str,
        settings: SmppSettings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, SettingsError> {
        let parts = Arc::new(Parts::default());
        Ok(Self {
            writer: Writer::new(&settings, &*entropy)?,
            brake: Brake::new(entropy.clone()),
            submit_id: settings.submit_id,
            line: Line::new(name, settings, entropy, parts.clone())?,
            parts,
            clock,
        })
    }

    /// The centre's id of one short message, if it gave one.
    async fn submit(
        &self,
        session: &Session,
        message: SubmitSm,
        until: Instant,
    ) -> Result<Option<String>, DeliveryError> {
        let answer = session.submit(Pdu::SubmitSm(message), until).await?;
        match refusal::of_status(answer.status()) {
            Verdict::Taken => {
                self.brake.release();
                Ok(answer.message_id().map(|id| self.submit_id.canonical(&id)))
            }
            Verdict::Busy => Err(self.brake.pull()),
            Verdict::Failed(error) => Err(error),
        }
    }
}

#[async_trait]
impl Provider for SmppProvider {
    /// A text of several parts is one hand-over: it is taken once all of them are, and known by the id of the last.
    async fn deliver(&self, message: &Outgoing<'_>) -> Result<Accepted, DeliveryError> {
        content_fits_channel(message)?;
        let messages = self.writer.messages(message, self.clock.now())?;
        self.brake.check()?;
        let session = self.line.session().await?;
        let mut ids = vec![];
        for part in messages {
            ids.extend(self.submit(&session, part, message.until).await?);
        }
        Ok(Accepted { reference: self.parts.taken(ids) })
    }

    fn reports(&self) -> bool {
        true
    }

    async fn listen(&self, sink: Arc<dyn Sink>, stop: CancellationToken) {
        self.line.keep_up(sink, stop).await;
    }
}
