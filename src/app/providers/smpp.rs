//! A short message centre's settings.

use super::{AppError, authorities};
use crate::{
    channel::smpp::{IdForm, LongMessages, SmppSettings},
    config::provider::{self, Smpp},
};

pub(super) fn settings(name: &str, smpp: &Smpp) -> Result<SmppSettings, AppError> {
    Ok(SmppSettings {
        port: smpp.port(),
        tls: smpp.tls,
        dangerous_plain_smpp: smpp.dangerous_plain_smpp,
        extra_ca: authorities(name, smpp.ca_file.as_deref())?,
        system_type: smpp.system_type.clone(),
        source: smpp.source.clone(),
        source_ton: smpp.source_ton,
        source_npi: smpp.source_npi,
        long_messages: match smpp.long_messages {
            provider::LongMessages::Parts => LongMessages::Parts,
            provider::LongMessages::Payload => LongMessages::Payload,
        },
        submit_id: form(smpp.submit_id),
        receipt_id: form(smpp.receipt_id),
        window: smpp.window,
        enquire_interval: smpp.enquire_interval,
        response_timeout: smpp.response_timeout,
        connect_timeout: smpp.connect_timeout,
        reconnect_max: smpp.reconnect_max,
        ..SmppSettings::new(&smpp.host, &smpp.system_id, smpp.password.expose())
    })
}

const fn form(form: provider::IdForm) -> IdForm {
    match form {
        provider::IdForm::Text => IdForm::Text,
        provider::IdForm::Decimal => IdForm::Decimal,
        provider::IdForm::Hex => IdForm::Hex,
    }
}
