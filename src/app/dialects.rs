//! What the configuration says of each dialect, in the dialect's own types.

use std::sync::Arc;

use ipnet::{Ipv4Net, Ipv6Net};
use tokio_util::task::TaskTracker;
use zeroize::Zeroizing;

use super::App;
use crate::{
    channel::web::{Web, WebSettings},
    config::{Airtexts, Config, Engagelab, LinkMode, MailLanguage, Mailpass, Messages, Optora, Placing},
    dialect::{
        self, Dialect,
        airtexts::{self, Signer, Texts, User},
        engagelab,
        mailpass::{self, Language},
        optora,
    },
    service::Hooks,
};

impl App {
    /// The dialects that the configuration switches on, and where they are served.
    pub(super) fn dialects(&self) -> impl Iterator<Item = (&'static Dialect, Placing<'_>)> {
        let placing = |dialect: &Dialect| self.config.dialects().find(|place| place.name == dialect.name);
        let placed = move |dialect: &'static Dialect| placing(dialect).map(|place| (dialect, place));
        dialect::ALL.iter().filter_map(placed).filter(|(_, place)| place.enabled)
    }
}

pub(super) fn engagelab(config: &Engagelab) -> engagelab::Settings {
    engagelab::Settings {
        max_guesses: config.max_guesses,
        rate_per_minute: config.rate_per_minute,
        pace: config.pace.into(),
    }
}

pub(super) fn mailpass(config: &Mailpass) -> mailpass::Settings {
    mailpass::Settings {
        default_ttl: config.default_ttl,
        max_attempts: config.max_attempts,
        rate_per_minute: config.rate_per_minute,
        pace: config.pace.into(),
        language: match config.language {
            MailLanguage::Ko => Language::Ko,
            MailLanguage::En => Language::En,
            MailLanguage::De => Language::De,
            MailLanguage::Ja => Language::Ja,
            MailLanguage::Zh => Language::Zh,
            MailLanguage::Fr => Language::Fr,
        },
        errors_as_200: config.errors_as_200,
    }
}

pub(super) fn airtexts(config: &Airtexts) -> Arc<airtexts::Settings> {
    let users = config.users.iter().map(|(name, user)| {
        let password = Zeroizing::new(user.password.expose().to_owned());
        (name.clone(), User { key: user.key.clone(), password })
    });
    let secret = Some(&config.jwt_secret).filter(|secret| !secret.is_empty());
    Arc::new(airtexts::Settings {
        ttl: config.ttl,
        max_attempts: config.max_attempts,
        max_resends: config.max_resends,
        resend_interval: config.resend_interval,
        rate_per_minute: config.rate_per_minute,
        recipient_per_hour: config.recipient_per_hour,
        default_from: config.default_from.clone(),
        senders: config.senders.clone(),
        texts: Texts::new(config.texts()),
        users: users.collect(),
        signer: secret.map(|secret| Signer::new(secret.expose())),
        webhooks: config.webhooks,
    })
}

pub(super) fn optora(config: &Config) -> optora::Settings {
    let optora = &config.optora;
    let secret = &optora.webhook_secret;
    optora::Settings {
        app: optora.app.clone(),
        allow: optora.allow.clone(),
        base_url: config.link_base().map(str::to_owned),
        link: match optora.link {
            LinkMode::Get => optora::LinkMode::Get,
            LinkMode::Auto => optora::LinkMode::Auto,
            LinkMode::Button => optora::LinkMode::Button,
        },
        messages: match optora.messages {
            Messages::Optora => optora::Messages::Optora,
            Messages::OtpService => optora::Messages::OtpService,
        },
        code_length: optora.code_length,
        validity_minutes: optora.validity_minutes,
        max_requests: optora.max_requests,
        window: optora.window(),
        blocked_keywords: lower_case(&optora.blocked_keywords),
        allowed_domains: lower_case(&optora.allowed_domains),
        status_email: optora.status_email,
        docs_api_url: optora.docs_api_url.clone(),
        webhook_secret: (!secret.is_empty()).then(|| Zeroizing::new(secret.expose().to_owned())),
    }
}

/// Who tells what links of Optora confirm; plain `http` is as good to its API.
pub(super) fn hooks(optora: &Optora, tasks: TaskTracker) -> Hooks {
    let all = || vec![Ipv4Net::default().into(), Ipv6Net::default().into()];
    let networks = if optora.webhook_allow_private { all() } else { vec![] };
    Hooks::new(Web::new(WebSettings { dangerous_plain_http: true, dangerous_allow_networks: networks }), tasks)
}

fn lower_case(words: &[String]) -> Vec<String> {
    let words = words.iter().map(|word| word.trim().to_lowercase());
    words.filter(|word| !word.is_empty()).collect()
}
