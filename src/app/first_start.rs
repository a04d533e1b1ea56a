//! What an empty installation is given, so that the first request works.

use super::{App, AppError};
use crate::{
    core::{
        access::Pool,
        template::{CodeDraft, DefaultTextDraft, Draft, SmsDraft},
    },
    service::{NewKey, NewSecret},
};

/// The application that a new installation has.
const DEFAULT_APP: &str = "default";
/// The template that it has.
const DEFAULT_TEMPLATE: &str = "otp";

/// Credentials of a new installation; shown once.
pub type Welcome = NewSecret;

impl App {
    /// Makes application, development key and template where there is no application yet.
    pub async fn first_start(&self) -> Result<Option<Welcome>, AppError> {
        if !self.service.parts().directory.load().apps.is_empty() {
            return Ok(None);
        }
        // Another node may be doing the same: the one that makes the application makes the rest.
        let Some(app) = self.service.create_app(DEFAULT_APP).await? else { return Ok(None) };
        self.service.install_template(app.id, otp_template()).await?;
        let description = "development key of the first start".to_owned();
        let new = NewKey { description, ..NewKey::of(Pool::Engagelab) };
        Ok(Some(self.service.create_key(app.id, new).await?))
    }
}

/// Six digits, five minutes, by SMS.
fn otp_template() -> Draft {
    let text = DefaultTextDraft { security: Some(true), expire: Some(true) };
    Draft {
        id: Some(DEFAULT_TEMPLATE.to_owned()),
        description: Some("Made at the first start".to_owned()),
        strategy: Some("sms".to_owned()),
        brand_name: Some("verifyd".to_owned()),
        code: Some(CodeDraft { mask: Some(1), length: Some(6), ttl: Some(5) }),
        sms: Some(SmsDraft { kind: Some(1), default: Some(text), custom: None }),
        ..Draft::default()
    }
}
