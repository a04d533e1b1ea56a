//! Email over SMTP.

mod mail;
mod refusal;
mod session;
mod settings;

use async_trait::async_trait;

use self::{mail::Sender, session::Sessions};
use super::{Accepted, DeliveryError, Provider, SettingsError, content_fits_channel};
use crate::core::plan::Outgoing;

pub use settings::{Login, SmtpSettings, Tls};

/// Hands emails to one mail server over a few connections that stay open.
pub struct SmtpProvider {
    sender: Sender,
    sessions: Sessions,
}

impl SmtpProvider {
    /// Checks the settings and reads the system's certificate authorities; opens no connection yet.
    pub fn new(settings: SmtpSettings) -> Result<Self, SettingsError> {
        let sender = Sender::new(&settings.from)?;
        Ok(Self { sender, sessions: Sessions::new(settings)? })
    }
}

#[async_trait]
impl Provider for SmtpProvider {
    async fn deliver(&self, message: &Outgoing<'_>) -> Result<Accepted, DeliveryError> {
        content_fits_channel(message)?;
        let mail = mail::build(message, &self.sender)?;
        self.sessions.send(&mail).await?;
        Ok(Accepted { reference: None })
    }
}
