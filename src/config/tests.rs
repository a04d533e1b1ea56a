use std::io::Write;

use tempfile::NamedTempFile;

use super::*;
use crate::core::channel::Channel;

mod airtexts;
mod caps;
mod dialects;
mod mistakes;
mod prices;
mod published;
mod reports;

const MAIL: &str = r#"
    [[provider]]
    name = "mail"
    kind = "smtp"
    channels = ["email"]
    host = "mail.example.com"
    from = "Example <otp@example.com>"
"#;
const GATEWAY: &str = r#"
    [[provider]]
    name = "gw"
    kind = "http"
    channels = ["sms"]
    url = "http://127.0.0.1:9/send"
"#;
const CANARY: &str = "c4n4ry-5ecret";

fn problem(text: &str) -> String {
    Config::from_toml(text).err().unwrap_or_else(|| panic!("accepted: {text}")).to_string()
}

fn with_env(file: &str, env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let mut named = NamedTempFile::new().unwrap();
    named.write_all(file.as_bytes()).unwrap();
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(Some(named.path()), env)
}

fn secret_file(content: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    file
}

fn smtp(config: &Config) -> &provider::Smtp {
    match &config.providers[0].kind {
        ProviderKind::Smtp(smtp) => smtp,
        _ => panic!("another kind"),
    }
}

fn http(config: &Config) -> &provider::Http {
    match &config.providers[0].kind {
        ProviderKind::Http(http) => http,
        _ => panic!("another kind"),
    }
}

#[test]
fn the_defaults_serve_on_loopback_with_sqlite_and_an_inbox_for_every_channel() {
    let config = Config::from_toml("").unwrap();
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.http.request_timeout.as_secs(), 15);
    assert_eq!(config.database_url().expose(), "sqlite://./data/verifyd.db");
    let kind = config.database_kind().unwrap();
    assert!(matches!(&kind, database::Kind::Sqlite(path) if path == Path::new("./data/verifyd.db")));
    assert_eq!((config.database.max_connections(&kind), config.database.lanes()), (4, 1));
    let [Provider { name, channels, weight: 1, kind: ProviderKind::Inbox(inbox), .. }] = &config.providers[..] else {
        panic!()
    };
    assert_eq!((name.as_str(), inbox.allow_remote_listener), ("inbox", false));
    assert!(Channel::ALL.iter().all(|channel| channels.contains(channel)));
}

#[test]
fn the_example_with_its_providers_uncommented_is_a_configuration() {
    let config = Config::from_toml(&EXAMPLE.replace("\n#:", "\n")).unwrap();
    let names: Vec<_> = config.providers.iter().map(|provider| provider.name.as_str()).collect();
    assert_eq!(names, ["mail", "gateway", "twilio", "whatsapp", "centre", "inbox"]);
}

#[test]
fn a_provider_needs_only_what_has_no_default() {
    let config = Config::from_toml(MAIL).unwrap();
    assert_eq!((smtp(&config).port(), smtp(&config).tls), (587, provider::SmtpTls::Starttls));
    let config = Config::from_toml(GATEWAY).unwrap();
    let http = http(&config);
    let fields: Vec<_> = http.template.iter().map(|(field, text)| (field.as_str(), text.expose())).collect();
    let expected = ["channel", "message_id", "sender", "text", "to"].map(|field| (field, format!("{{{{{field}}}}}")));
    assert_eq!(fields, expected.each_ref().map(|(field, text)| (*field, text.as_str())));
    assert_eq!(http.success_status.ranges(), [200..=299]);
}

#[test]
fn a_given_template_replaces_the_default_one() {
    let config = Config::from_toml(&format!("{GATEWAY}\ntemplate = {{ msisdn = \"{{{{to}}}}\" }}")).unwrap();
    assert_eq!(http(&config).template.keys().collect::<Vec<_>>(), ["msisdn"]);
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let file = format!("[http]\nlisten = \"127.0.0.1:1\"\nmax_in_flight = 7\n{MAIL}");
    let env = [
        ("VERIFYD__HTTP__LISTEN", "127.0.0.1:2"),
        ("VERIFYD__HTTP__TRUSTED_PROXIES", "[\"10.0.0.0/8\", \"192.0.2.1\"]"),
        ("VERIFYD__PROVIDER__MAIL__USERNAME", "12345"),
        ("VERIFYD__PROVIDER__MAIL__PASSWORD", "007"),
        ("VERIFYD__PROVIDER__MAIL__PORT", "2525"),
        ("VERIFYD_HTTP__LISTEN", "ignored"),
        ("HOME", "ignored"),
    ];
    let config = with_env(&file, &env).unwrap();
    assert_eq!(config.http.listen.port(), 2);
    assert_eq!(config.http.max_in_flight, 7);
    assert_eq!(config.http.max_connections, 10_000);
    let proxies: Vec<_> = config.http.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.0/8", "192.0.2.1/32"]);
    let mail = smtp(&config);
    assert_eq!((mail.username.as_deref(), mail.password.expose(), mail.port()), (Some("12345"), "007", 2525));
}

#[test]
fn an_inbox_may_be_reached_by_others_only_when_told_to() {
    let inbox = "[[provider]]\nname = \"inbox\"\nkind = \"inbox\"\nchannels = [\"sms\"]\nallow_remote_listener = true";
    assert!(Config::from_toml(&format!("[http]\nlisten = \"0.0.0.0:80\"\n{inbox}")).is_ok());
    assert!(Config::from_toml(&format!("[http]\nlisten = \"0.0.0.0:80\"\n{MAIL}")).is_ok());
    for local in ["[::1]:80", "127.0.0.2:80", "[::ffff:127.0.0.1]:80"] {
        assert!(Config::from_toml(&format!("[http]\nlisten = \"{local}\"")).is_ok(), "{local}");
    }
}

#[test]
fn the_database_follows_from_the_url() {
    let kind = |url: &str| Config::from_toml(&format!("[database]\nurl = \"{url}\"")).unwrap().database_kind().unwrap();
    for (url, path) in [("sqlite://a/b.db", "a/b.db"), ("sqlite:///a.db?mode=rwc", "/a.db"), ("sqlite:a.db", "a.db")] {
        assert!(matches!(kind(url), database::Kind::Sqlite(file) if file == Path::new(path)), "{url}");
    }
    for url in ["sqlite::memory:", "sqlite://:memory:"] {
        assert!(Config::from_toml(&format!("[database]\nurl = \"{url}\"")).is_err(), "{url}");
    }
    let postgres = kind("postgres://u:p@h/d");
    assert!(matches!(&postgres, database::Kind::Postgres(url) if url.expose() == "postgres://u:p@h/d"));
    let config = Config::from_toml("[database]\nurl = \"postgresql://h/d\"\nlanes = 3").unwrap();
    assert_eq!((config.database.max_connections(&postgres), config.database.lanes()), (32, 3));
}

#[test]
fn a_secret_can_come_from_a_file_without_its_last_line_end() {
    let file = secret_file(&format!("{CANARY}\n"));
    let text = format!("{MAIL}\nusername = \"u\"\npassword_file = {:?}", file.path());
    assert_eq!(smtp(&Config::from_toml(&text).unwrap()).password.expose(), CANARY);
    let url = secret_file("postgres://u:p@h/d\r\n");
    let config = Config::from_toml(&format!("[database]\nurl_file = {:?}", url.path())).unwrap();
    assert_eq!(config.database_url().expose(), "postgres://u:p@h/d");
    let empty = secret_file("\n");
    let error = problem(&format!("[database]\nurl_file = {:?}", empty.path()));
    assert_eq!(error, "`database.url_file` names an empty file: write the secret into it");
}

#[test]
fn no_secret_is_shown() {
    let file = secret_file(CANARY);
    let text = format!(
        "[database]\nurl = \"postgres://u:p@x/{CANARY}@h:5432/d?password={CANARY}\"\n{MAIL}\nusername = \"u\"\n\
         password_file = {:?}\n{}\nauthorization = \"Bearer {CANARY}\"\nheaders = {{ key = \"{CANARY}\" }}\n\
         template = {{ to = \"{{{{to}}}}\", token = \"{CANARY}\" }}",
        file.path(),
        GATEWAY.replace("/send", &format!("/{CANARY}?t={CANARY}"))
    );
    let config = Config::from_toml(&text).unwrap();
    let shown = config.effective();
    assert!(!shown.contains(CANARY), "{shown}");
    for expected in ["postgres://***@h:5432/d?***", "http://127.0.0.1:9/***", "to = \"{{to}}\"", "token = \"***\""] {
        assert!(shown.contains(expected), "{expected} in {shown}");
    }
    assert_eq!(shown.matches("= \"***\"").count(), 4, "password, authorization, header, literal field");
}

#[test]
fn what_is_shown_is_itself_a_configuration() {
    let config = Config::from_toml("").unwrap();
    assert_eq!(Config::from_toml(config.effective()).unwrap().effective(), config.effective());
}

#[test]
fn a_named_file_that_is_missing_is_an_error() {
    let error = Config::load(Some(Path::new("/nowhere/verifyd.toml")), std::iter::empty()).err().unwrap();
    assert!(error.to_string().starts_with("/nowhere/verifyd.toml cannot be read: "), "{error}");
}
