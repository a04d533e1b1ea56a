//! A mail server's settings.

use super::{AppError, authorities, file};
use crate::{
    channel::smtp::{BounceSettings, DkimSettings, Login, SmtpSettings, Tls},
    config::provider::{Smtp, SmtpTls, Webhook},
};

pub(super) fn settings(name: &str, smtp: &Smtp, webhook: &Webhook) -> Result<SmtpSettings, AppError> {
    let login = |username: &String| Login { username: username.clone(), password: smtp.password.expose().to_owned() };
    let bounces = |to: &String| BounceSettings { to: to.clone(), secret: webhook.secret.expose().to_owned() };
    Ok(SmtpSettings {
        port: smtp.port(),
        tls: match smtp.tls {
            SmtpTls::Starttls => Tls::Starttls,
            SmtpTls::Tls => Tls::Implicit,
            SmtpTls::None => Tls::None,
        },
        login: smtp.username.as_ref().map(login),
        bounces: smtp.bounces_to.as_ref().map(bounces),
        dkim: dkim(name, smtp)?,
        extra_ca: authorities(name, smtp.ca_file.as_deref())?,
        connect_timeout: smtp.timeout,
        command_timeout: smtp.timeout,
        ..SmtpSettings::new(&smtp.host, &smtp.from)
    })
}

/// The configuration has all three or none.
fn dkim(name: &str, smtp: &Smtp) -> Result<Option<DkimSettings>, AppError> {
    let (Some(domain), Some(selector), Some(path)) = (&smtp.dkim_domain, &smtp.dkim_selector, &smtp.dkim_key_file)
    else {
        return Ok(None);
    };
    let key = file(name, "dkim_key_file", path)?;
    Ok(Some(DkimSettings { domain: domain.clone(), selector: selector.clone(), key }))
}
