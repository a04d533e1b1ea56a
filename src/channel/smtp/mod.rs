//! Email over SMTP.

mod dkim;
mod mail;
mod refusal;
mod session;
mod settings;

use async_trait::async_trait;

use self::{dkim::Signer, mail::Sender, session::Sessions};
use super::{Accepted, DeliveryError, Provider, SettingsError, content_fits_channel};
use crate::core::plan::Outgoing;

pub use dkim::DkimSettings;
pub use settings::{Login, SmtpSettings, Tls};

/// Hands emails to one mail server over a few connections that stay open.
pub struct SmtpProvider {
    sender: Sender,
    signer: Option<Signer>,
    sessions: Sessions,
}

impl SmtpProvider {
    /// Checks the settings and reads the system's certificate authorities; opens no connection yet.
    pub fn new(mut settings: SmtpSettings) -> Result<Self, SettingsError> {
        let sender = Sender::new(&settings.from)?;
        let signer = settings.dkim.take().map(Signer::new).transpose()?;
        Ok(Self { sender, signer, sessions: Sessions::new(settings)? })
    }
}

#[async_trait]
impl Provider for SmtpProvider {
    async fn deliver(&self, message: &Outgoing<'_>) -> Result<Accepted, DeliveryError> {
        content_fits_channel(message)?;
        let mail = mail::build(message, &self.sender, self.signer.as_ref())?;
        self.sessions.send(&mail).await?;
        Ok(Accepted { reference: None })
    }
}
