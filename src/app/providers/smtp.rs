//! A mail server's settings.

use super::{AppError, authorities};
use crate::{
    channel::smtp::{Login, SmtpSettings, Tls},
    config::provider::{Smtp, SmtpTls},
};

pub(super) fn settings(name: &str, smtp: &Smtp) -> Result<SmtpSettings, AppError> {
    let login = |username: &String| Login { username: username.clone(), password: smtp.password.expose().to_owned() };
    Ok(SmtpSettings {
        port: smtp.port(),
        tls: match smtp.tls {
            SmtpTls::Starttls => Tls::Starttls,
            SmtpTls::Tls => Tls::Implicit,
            SmtpTls::None => Tls::None,
        },
        login: smtp.username.as_ref().map(login),
        extra_ca: authorities(name, smtp.ca_file.as_deref())?,
        connect_timeout: smtp.timeout,
        command_timeout: smtp.timeout,
        ..SmtpSettings::new(&smtp.host, &smtp.from)
    })
}
