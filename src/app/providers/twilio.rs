//! An account's settings.

use super::{AppError, authorities};
use crate::{
    channel::{twilio::TwilioSettings, web::client::ClientSettings},
    config::provider::Twilio,
};

pub(super) fn settings(name: &str, twilio: &Twilio, webhook_url: Option<String>) -> Result<TwilioSettings, AppError> {
    let api_key = || (twilio.api_key.clone(), twilio.api_key_secret.expose().to_owned());
    Ok(TwilioSettings {
        account_sid: twilio.account_sid.clone(),
        auth_token: twilio.auth_token.expose().to_owned(),
        api_key: (!twilio.api_key.is_empty()).then(api_key),
        from: twilio.from.clone(),
        whatsapp_from: twilio.whatsapp_from.clone(),
        messaging_service_sid: twilio.messaging_service_sid.clone(),
        whatsapp_content_sid: twilio.whatsapp_content_sid.clone(),
        voices: twilio.voices.clone(),
        webhook_url,
        base_url: twilio.base_url.clone(),
        connection: ClientSettings {
            extra_ca: authorities(name, twilio.ca_file.as_deref())?,
            connect_timeout: twilio.connect_timeout,
            timeout: twilio.timeout,
        },
    })
}
