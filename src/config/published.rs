//! The environment variables that Optora publishes (Optora spec 3.6), while its dialect is served: its `.env` works here.
//! They lie over the file, and `VERIFYD__…` over them.

use std::{collections::HashMap, net::SocketAddr};

use toml::{Table, Value};

use super::{
    error::ConfigError,
    layer::{Layers, replace, slot, text},
};

/// How a variable is read.
#[derive(Clone, Copy)]
enum Kind {
    /// As it is.
    Text,
    /// An address without slashes at its end.
    Url,
    /// A host name, which `https` is put before.
    Host,
    /// More than 0, else the variable counts as not set.
    Number,
    /// What stands between commas.
    List,
    /// `1`, `true`, `yes` and `on`, else not.
    Flag,
    /// A flag that has links confirmed by a button.
    Button,
}

/// Variable, section, key. Of several for one key the last one that is set wins.
const VARIABLES: &[(&str, &str, &str, Kind)] = &[
    ("OTP_VALIDITY_PERIOD_MINUTES", "optora", "validity_minutes", Kind::Number),
    ("OTP_SIZE", "optora", "code_length", Kind::Number),
    ("VERCEL_URL", "optora", "base_url", Kind::Host),
    ("VERCEL_PROJECT_PRODUCTION_URL", "optora", "base_url", Kind::Host),
    ("APP_BASE_URL", "optora", "base_url", Kind::Url),
    ("DOCS_API_URL", "optora", "docs_api_url", Kind::Url),
    ("RATE_LIMIT_MAX_REQUESTS", "optora", "max_requests", Kind::Number),
    ("RATE_LIMIT_WINDOW_MINUTES", "optora", "window_minutes", Kind::Number),
    ("BLOCK_KEYWORDS_RULES", "optora", "blocked_keywords", Kind::List),
    ("ALLOWED_DOMAINS", "optora", "allowed_domains", Kind::List),
    ("OPTORA_MESSAGES", "optora", "messages", Kind::Text),
    ("OPTORA_ALLOW_IPS", "optora", "allow", Kind::List),
    ("OPTORA_STATUS_EMAIL", "optora", "status_email", Kind::Flag),
    ("OPTORA_LINK_CONFIRM", "optora", "link", Kind::Button),
    ("OPTORA_WEBHOOK_SECRET", "optora", "webhook_secret", Kind::Text),
    ("OPTORA_WEBHOOK_ALLOW_PRIVATE", "optora", "webhook_allow_private", Kind::Flag),
    ("TRUSTED_PROXIES", "http", "trusted_proxies", Kind::List),
];

/// Said at start, where the variable is set.
const NOT_USED: &str = "`MONGODB_URI` is set and not used: this server keeps a database of its own (`database.url`)";

impl Layers {
    /// Lays the published variables over what is there, if the dialect is switched on.
    pub(super) fn add_published(&mut self, env: &HashMap<String, String>) -> Result<(), ConfigError> {
        if !self.serves_optora(env) {
            return Ok(());
        }
        let set = |name: &str| env.get(name).filter(|value| !value.trim().is_empty());
        for (name, section, key, kind) in VARIABLES {
            let Some(value) = set(name).and_then(|value| kind.read(value.trim())) else { continue };
            if let Some(Value::Table(table)) = self.sections.get_mut(*section) {
                replace(slot(table, section, key)?, value, &format!("{section}.{key}"))?;
            }
        }
        if let Some(port) = set("PORT").and_then(|port| port.trim().parse().ok()).filter(|port| *port > 0) {
            self.listen_on(port);
        }
        if set("MONGODB_URI").is_some() {
            self.notes.push(NOT_USED);
        }
        match (set("GMAIL_USER"), set("GMAIL_PASS")) {
            (Some(user), Some(password)) => self.mail_by_gmail(user.trim(), password.trim()),
            _ => Ok(()),
        }
    }

    fn serves_optora(&self, env: &HashMap<String, String>) -> bool {
        let in_file = self.sections.get("optora").and_then(|optora| optora.get("enabled")).and_then(Value::as_bool);
        env.get("VERIFYD__OPTORA__ENABLED").map_or(in_file == Some(true), |value| value == "true")
    }

    /// Another port of the same address.
    fn listen_on(&mut self, port: u16) {
        let Some(Value::Table(http)) = self.sections.get_mut("http") else { return };
        if let Ok(mut address) = text(http, "listen").parse::<SocketAddr>() {
            address.set_port(port);
            http.insert("listen".to_owned(), Value::String(address.to_string()));
        }
    }

    /// Gmail carries the mails, unless a provider of the file does.
    fn mail_by_gmail(&mut self, user: &str, password: &str) -> Result<(), ConfigError> {
        let carries_mail = |provider: &Table| {
            let channels = provider.get("channels").and_then(Value::as_array);
            channels.is_some_and(|channels| channels.iter().any(|channel| channel.as_str() == Some("email")))
        };
        if !self.implicit_inbox && self.providers.iter().any(carries_mail) {
            return Ok(());
        }
        let string = |text: &str| Value::String(text.to_owned());
        let gmail = Table::from_iter([
            ("name".to_owned(), string("gmail")),
            ("kind".to_owned(), string("smtp")),
            ("channels".to_owned(), Value::Array(vec![string("email")])),
            ("host".to_owned(), string("smtp.gmail.com")),
            ("username".to_owned(), string(user)),
            ("password".to_owned(), string(password)),
            ("from".to_owned(), string(user)),
        ]);
        let gmail = self.complete(gmail)?;
        if std::mem::take(&mut self.implicit_inbox) {
            self.providers.clear();
        }
        self.providers.push(gmail);
        Ok(())
    }
}

impl Kind {
    /// `None` counts as not set.
    fn read(self, text: &str) -> Option<Value> {
        let url = |text: &str| Value::String(text.trim_end_matches('/').to_owned());
        let flag = ["1", "true", "yes", "on"].contains(&text.to_ascii_lowercase().as_str());
        Some(match self {
            Self::Text => Value::String(text.to_owned()),
            Self::Url => url(text),
            Self::Host => url(&format!("https://{text}")),
            Self::Number => Value::Integer(text.parse().ok().filter(|number| *number > 0)?),
            Self::List => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
            }
            Self::Flag => Value::Boolean(flag),
            Self::Button => Value::String(if flag { "button" } else { "get" }.to_owned()),
        })
    }
}
