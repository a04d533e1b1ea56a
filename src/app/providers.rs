//! Providers and listener, from the configuration's words to their own settings.

use std::{path::Path, sync::Arc};

use super::AppError;
use crate::{
    channel::{
        Registry, SettingsError,
        http::{Body, HttpProvider, HttpSettings, Success},
        inbox::Inbox,
        smtp::{Login, SmtpProvider, SmtpSettings, Tls},
        tls::install_crypto,
    },
    config::{
        Config, ProviderKind,
        provider::{self, SmtpTls},
    },
    core::clock::Clock,
    server::{ListenerSettings, tls},
};
use serde_json::Value;

/// All configured providers, and the inbox if one of them is it.
pub(super) fn registry(config: &Config, clock: &Arc<dyn Clock>) -> Result<(Registry, Option<Arc<Inbox>>), AppError> {
    install_crypto();
    let mut registry = Registry::default();
    let mut inbox = None;
    for provider in &config.providers {
        let named = |err: SettingsError| AppError::Provider {
            provider: provider.name.clone(),
            key: err.key,
            problem: err.problem,
        };
        match &provider.kind {
            ProviderKind::Smtp(smtp) => {
                let settings = smtp_settings(&provider.name, smtp)?;
                registry.add(&provider.name, &provider.channels, Arc::new(SmtpProvider::new(settings).map_err(named)?));
            }
            ProviderKind::Http(http) => {
                let settings = http_settings(&provider.name, http)?;
                registry.add(&provider.name, &provider.channels, Arc::new(HttpProvider::new(settings).map_err(named)?));
            }
            ProviderKind::Inbox(_) => {
                let shared = inbox.get_or_insert_with(|| Arc::new(Inbox::new(clock.clone())));
                registry.add(&provider.name, &provider.channels, shared.clone());
            }
        }
    }
    Ok((registry, inbox))
}

fn smtp_settings(name: &str, smtp: &provider::Smtp) -> Result<SmtpSettings, AppError> {
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

fn http_settings(name: &str, http: &provider::Http) -> Result<HttpSettings, AppError> {
    let fields = || http.template.iter().map(|(field, text)| (field.clone(), text.expose().to_owned()));
    let body = match (http.method, http.body) {
        (provider::Method::Get, _) => Body::Query(fields().collect()),
        (_, provider::Body::Form) => Body::Form(fields().collect()),
        (_, provider::Body::Json) => {
            Body::Json(Value::Object(fields().map(|(field, text)| (field, Value::String(text))).collect()))
        }
    };
    let authorization = (!http.authorization.is_empty()).then(|| ("authorization".to_owned(), &http.authorization));
    let headers = http.headers.iter().map(|(header, value)| (header.clone(), value)).chain(authorization);
    let field = http.success_pointer.clone().map(|pointer| (pointer, http.success_value.clone()));
    Ok(HttpSettings {
        method: match http.method {
            provider::Method::Post => "POST",
            provider::Method::Put => "PUT",
            provider::Method::Get => "GET",
        }
        .to_owned(),
        headers: headers.map(|(header, value)| (header, value.expose().to_owned())).collect(),
        body,
        success: Success { statuses: http.success_status.ranges().to_vec(), field },
        reference: http.message_id_path.clone(),
        extra_ca: authorities(name, http.ca_file.as_deref())?,
        connect_timeout: http.connect_timeout,
        timeout: http.timeout,
        dangerous_plain_http: http.dangerous_plain_http,
        ..HttpSettings::new(http.url.expose())
    })
}

fn authorities(provider: &str, path: Option<&Path>) -> Result<Option<Vec<u8>>, AppError> {
    let read = |path: &Path| {
        std::fs::read(path).map_err(|source| AppError::File {
            key: format!("provider.{provider}.ca_file"),
            path: path.display().to_string(),
            source,
        })
    };
    path.map(read).transpose()
}

/// Address, TLS and limits of the listener.
pub(super) fn listener(config: &Config) -> Result<ListenerSettings, AppError> {
    let http = &config.http;
    Ok(ListenerSettings {
        tls: http.tls.files().map(|(certificate, key)| tls::load(certificate, key)).transpose()?,
        first_request: http.first_request_timeout,
        head: http.header_timeout,
        whole_request: http.request_timeout,
        idle: http.idle_timeout,
        max_connections: http.max_connections,
        max_connections_per_ip: http.max_connections_per_ip,
        max_in_flight: http.max_in_flight,
        ..ListenerSettings::new(http.listen)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::clock::{FixedClock, Timestamp};

    /// Why a gateway at `url` is refused; empty when it is not.
    fn refusal(url: &str, more: &str) -> String {
        let provider = format!("[[provider]]\nname = 'gw'\nkind = 'http'\nchannels = ['sms']\nurl = '{url}'\n{more}");
        let clock: Arc<dyn Clock> = Arc::new(FixedClock::at(Timestamp::default()));
        let made = registry(&Config::from_toml(&provider).unwrap(), &clock);
        made.err().map(|err| err.to_string()).unwrap_or_default()
    }

    #[test]
    fn plain_http_leaves_this_machine_only_where_the_dangerous_key_says_so() {
        let plain = "http://gateway.example.com/send";
        insta::assert_snapshot!(refusal(plain, ""), @"`provider.gw.url` would send codes in the clear; use https, or set `dangerous_plain_http = true`");
        assert_eq!(refusal(plain, "dangerous_plain_http = false"), refusal(plain, ""));
        assert_eq!(refusal(plain, "dangerous_plain_http = true"), "");
        assert_eq!(refusal("https://gateway.example.com/send", ""), "");
        assert_eq!(refusal("http://127.0.0.1:1/send", ""), "");
    }
}
