//! Email over SMTP.

mod bounce;
mod dkim;
mod mail;
mod refusal;
mod session;
mod settings;

use async_trait::async_trait;

use self::{bounce::Bounces, dkim::Signer, mail::Sender, session::Sessions};
use super::{Accepted, DeliveryError, Provider, SettingsError, Webhook, content_fits_channel};
use crate::core::plan::Outgoing;

pub use bounce::BounceSettings;
pub use dkim::DkimSettings;
pub use settings::{Login, SmtpSettings, Tls};

/// Hands emails to one mail server over a few connections that stay open.
pub struct SmtpProvider {
    sender: Sender,
    signer: Option<Signer>,
    bounces: Option<Bounces>,
    sessions: Sessions,
}

impl SmtpProvider {
    /// Checks the settings and reads the system's certificate authorities; opens no connection yet.
    pub fn new(mut settings: SmtpSettings) -> Result<Self, SettingsError> {
        let sender = Sender::new(&settings.from)?;
        let signer = settings.dkim.take().map(Signer::new).transpose()?;
        let bounces = settings.bounces.take().map(|bounces| Bounces::new(&bounces)).transpose()?;
        Ok(Self { sender, signer, bounces, sessions: Sessions::new(settings)? })
    }
}

#[async_trait]
impl Provider for SmtpProvider {
    async fn deliver(&self, message: &Outgoing<'_>) -> Result<Accepted, DeliveryError> {
        content_fits_channel(message)?;
        let reference = self.bounces.as_ref().map(|bounces| bounces.reference(message.message_id));
        let mut mail = mail::build(message, &self.sender, reference.as_deref(), self.signer.as_ref())?;
        if let Some(bounces) = &self.bounces {
            mail.from = bounces.to.clone();
        }
        self.sessions.send(&mail, message.until).await?;
        Ok(Accepted { reference })
    }

    /// No bounce comes of a mail that arrives: nobody can wait for one, so `reports` stays false.
    fn refers(&self) -> bool {
        self.bounces.is_some()
    }

    fn webhook(&self) -> Option<&dyn Webhook> {
        self.bounces.as_ref().map(|bounces| bounces as &dyn Webhook)
    }
}
