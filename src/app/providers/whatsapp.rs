//! A number's settings.

use super::{AppError, authorities};
use crate::{
    channel::{web::client::ClientSettings, whatsapp::WhatsappSettings},
    config::provider::Whatsapp,
};

pub(super) fn settings(name: &str, whatsapp: &Whatsapp, reports: bool) -> Result<WhatsappSettings, AppError> {
    Ok(WhatsappSettings {
        phone_number_id: whatsapp.phone_number_id.clone(),
        access_token: whatsapp.access_token.expose().to_owned(),
        template: whatsapp.template.clone(),
        templates: whatsapp.templates.clone(),
        languages: whatsapp.languages.clone(),
        app_secret: whatsapp.app_secret.expose().to_owned(),
        verify_token: whatsapp.verify_token.expose().to_owned(),
        reports,
        base_url: whatsapp.base_url.clone(),
        connection: ClientSettings {
            extra_ca: authorities(name, whatsapp.ca_file.as_deref())?,
            connect_timeout: whatsapp.connect_timeout,
            timeout: whatsapp.timeout,
        },
    })
}
