//! Providers and listener, from the configuration's words to their own settings.

mod http;
mod smpp;
mod smtp;
mod twilio;
mod whatsapp;

use std::{path::Path, sync::Arc};

use super::AppError;
use crate::{
    channel::{
        self, Registry, SettingsError, http::HttpProvider, inbox::Inbox, smpp::SmppProvider, smtp::SmtpProvider,
        tls::install_crypto, twilio::TwilioProvider, whatsapp::WhatsappProvider,
    },
    config::{Config, Provider, ProviderKind},
    core::{clock::Clock, entropy::Entropy},
    server::{ListenerSettings, tls},
};

/// All configured providers, and the inbox if one of them is it.
pub(super) fn registry(
    config: &Config,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> Result<(Registry, Option<Arc<Inbox>>), AppError> {
    install_crypto();
    let mut registry = Registry::default();
    let mut inbox = None;
    for provider in &config.providers {
        let named = |err: SettingsError| AppError::Provider {
            provider: provider.name.clone(),
            key: err.key,
            problem: err.problem,
        };
        let (name, reports) = (&provider.name, provider.webhook.is_open());
        let carrier: Arc<dyn channel::Provider> = match &provider.kind {
            ProviderKind::Smtp(smtp) => {
                Arc::new(SmtpProvider::new(smtp::settings(name, smtp, &provider.webhook)?).map_err(named)?)
            }
            ProviderKind::Http(http) => Arc::new(HttpProvider::new(http::settings(name, http)?).map_err(named)?),
            ProviderKind::Smpp(smpp) => {
                let made = SmppProvider::new(name, smpp::settings(name, smpp)?, clock.clone(), entropy.clone());
                Arc::new(made.map_err(named)?)
            }
            ProviderKind::Twilio(twilio) => {
                let settings = twilio::settings(name, twilio, webhook_url(config, provider))?;
                Arc::new(TwilioProvider::new(settings, clock.clone()).map_err(named)?)
            }
            ProviderKind::Whatsapp(whatsapp) => {
                Arc::new(WhatsappProvider::new(whatsapp::settings(name, whatsapp, reports)?).map_err(named)?)
            }
            ProviderKind::Inbox(_) => inbox.get_or_insert_with(|| Arc::new(Inbox::new(clock.clone()))).clone(),
        };
        registry.add(name, &provider.channels, carrier);
        registry.weigh(name, provider.weight);
    }
    Ok((registry, inbox))
}

/// Where a provider reports; `None` without a secret.
fn webhook_url(config: &Config, provider: &Provider) -> Option<String> {
    let public = config.http.public_url.as_ref().filter(|_| provider.webhook.is_open())?;
    Some(format!("{public}/providers/{}/{}", provider.name, provider.webhook.secret.expose()))
}

fn authorities(provider: &str, path: Option<&Path>) -> Result<Option<Vec<u8>>, AppError> {
    path.map(|path| file(provider, "ca_file", path)).transpose()
}

/// What is in the file that `key` names.
fn file(provider: &str, key: &str, path: &Path) -> Result<Vec<u8>, AppError> {
    std::fs::read(path).map_err(|source| AppError::File {
        key: format!("provider.{provider}.{key}"),
        path: path.display().to_string(),
        source,
    })
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
    use crate::core::{
        clock::{FixedClock, Timestamp},
        entropy::OsEntropy,
    };

    /// Why a gateway at `url` is refused; empty when it is not.
    fn refusal(url: &str, more: &str) -> String {
        refused(&format!("kind = 'http'\nurl = '{url}'\n{more}"))
    }

    fn refused(keys: &str) -> String {
        let provider = format!("[[provider]]\nname = 'gw'\nchannels = ['sms']\n{keys}");
        let clock: Arc<dyn Clock> = Arc::new(FixedClock::at(Timestamp::default()));
        let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
        let made = registry(&Config::from_toml(&provider).unwrap(), &clock, &entropy);
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

    #[test]
    fn so_does_plain_smpp() {
        let plain = |host| format!("kind = 'smpp'\nhost = '{host}'\nsystem_id = 'otp'\ntls = false\n");
        insta::assert_snapshot!(refused(&plain("smsc.example.com")), @"`provider.gw.tls` would send codes in the clear; leave TLS on, or set `dangerous_plain_smpp = true`");
        assert_eq!(refused(&(plain("smsc.example.com") + "dangerous_plain_smpp = true")), "");
        assert_eq!(refused(&plain("smsc.example.com").replace("tls = false", "")), "");
        assert_eq!(refused(&plain("127.0.0.1")), "");
    }
}
