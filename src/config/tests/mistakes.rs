//! The exact words of every refusal.

use super::*;

#[test]
fn mistakes_in_the_environment_name_the_key() {
    let table = [
        ("VERIFYD__HTTP__LISTN", "x"),
        ("VERIFYD__HTTP__LISTEN__PORT", "1"),
        ("VERIFYD__HTTP", "x"),
        ("VERIFYD__HTTP__MAX_IN_FLIGHT", "many"),
        ("VERIFYD__PROVIDER__MALE__PASSWORD", "x"),
        ("VERIFYD__PROVIDER", "x"),
        ("VERIFYD__", "x"),
    ];
    let said = table.map(|(name, value)| with_env(MAIL, &[(name, value)]).err().unwrap().to_string());
    insta::assert_snapshot!(said.join("\n"), @r#"
    `http.listn` is not a known key; did you mean `http.listen`?
    `http.listen.port` is not a known key; did you mean `http.listen`?
    `http` is a string, but must be a table
    `http.max_in_flight` is a string, but must be a whole number
    `provider.male` is set in the environment, but the file has no `[[provider]]` of that name
    `provider` is not a known key; config.example.toml lists them all
    `` is not a known key; config.example.toml lists them all
    "#);
}

#[test]
fn every_mistake_names_the_full_key_and_the_remedy() {
    let table = [
        "[http]\nlistn = \"127.0.0.1:1\"",
        "[htp]\nlisten = \"127.0.0.1:1\"",
        "colour = 1",
        "[http]\nlisten = 8080",
        "http = 1",
        "[http]\nlisten = \"localhost\"",
        "[http]\nrequest_timeout = \"10 fortnights\"",
        "[http]\nrequest_timeout = \"-1s\"",
        "[http]\nidle_timeout = \"0s\"",
        "[http]\nmax_in_flight = 0",
        "[http]\nmax_in_flight = -1",
        "[http]\ntrusted_proxies = [\"ten\"]",
        "[http]\nshutdown_accept = \"1m\"",
        "[http.tls]\ncertificate = \"c.pem\"",
        "[http.tls]\nkey = \"k.pem\"",
        "[http]\nlisten = \"0.0.0.0:80\"",
        "[log]\nformat = \"xml\"",
        "[log]\nlevel = \"\"",
        "data_dir = \"\"",
        "[database]\nurl = \"mysql://x\"",
        "[database]\nurl = \"sqlite://\"",
        "[database]\nlanes = 2",
        "[database]\nqueue = 10",
        "[database]\nurl_file = \"/nowhere/url\"",
        "[database]\nurl = \"sqlite://x\"\nurl_file = \"/nowhere/url\"",
        "[engagelab]\nmax_guesses = 6",
        "[delivery]\npwa_base_url = \"example.com\"",
        "[trace]\notlp_endpoint = \"collector:4318\"",
        "provider = 1",
        "[provider]\nname = \"mail\"",
        "[[provider]]\nkind = \"smtp\"",
        "[[provider]]\nname = \"Mail\"\nkind = \"smtp\"",
        "[[provider]]\nname = \"mail\"",
        "[[provider]]\nname = \"mail\"\nkind = \"smtp\"",
        "[[provider]]\nname = \"mail\"\nkind = \"smtp\"\nchannels = [\"fax\"]",
        "[[provider]]\nname = \"mail\"\nkind = \"smtp\"\nchannels = [\"sms\"]",
        "[[provider]]\nname = \"mail\"\nkind = \"smtp\"\nchannels = [\"email\"]",
        "[[provider]]\nname = \"gw\"\nkind = \"http\"\nchannels = [\"sms\"]",
        "[[provider]]\nname = \"inbox\"\nkind = \"inbox\"\nchannels = [\"sms\"]\n[http]\nlisten = \"[::]:80\"",
        "a = \"b",
    ];
    let said: Vec<_> = table.into_iter().map(problem).collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    `http.listn` is not a known key; did you mean `http.listen`?
    `htp` is not a known key; did you mean `http`?
    `colour` is not a known key; config.example.toml lists them all
    `http.listen` is a whole number, but must be a string
    `http` is a whole number, but must be a table
    `http.listen` is "localhost", but must be an IP address and a port such as "127.0.0.1:8080" or "[::1]:0"
    `http.request_timeout` is "10 fortnights", but must be a duration such as "250ms", "10s" or "5m"
    `http.request_timeout` is "-1s", but must be a duration such as "250ms", "10s" or "5m"
    `http.idle_timeout` must be longer than 0s
    `http.max_in_flight` must be at least 1
    `http.max_in_flight` has an invalid value: integer `-1`, expected usize
    `http.trusted_proxies` has "ten", but may only have networks such as "10.0.0.0/8"
    `http.shutdown_accept` is longer than `shutdown_total`: make it shorter, so that open requests can end
    `http.tls.certificate` is set but `key` is not: TLS needs both, plain HTTP neither
    `http.tls.key` is set but `certificate` is not: TLS needs both, plain HTTP neither
    `http.listen` is 0.0.0.0:80, which other machines can reach, but no `[[provider]]` is configured and the development inbox shows codes: configure a provider, or listen on 127.0.0.1
    `log.format` has an unknown variant `xml`, expected `pretty` or `json`
    `log.level` is empty: set a level such as "info"
    `data_dir` is empty: name a directory such as "./data"
    `database.url` must begin with "sqlite://" or "postgres://", or be "" for verifyd.db in `data_dir`: correct the beginning
    `database.url` has no path: write it like "sqlite://path/to/file.db"
    `database.lanes` must be 1 (or 0) on SQLite, which has one writer: remove it, or use PostgreSQL
    `database.queue` must be at least `group_max`, or no group gets full
    `database.url_file` (/nowhere/url) cannot be read: No such file or directory (os error 2)
    `database.url_file` and `url` are both set: remove one
    `engagelab.max_guesses` must be 1 to 5
    `delivery.pwa_base_url` must begin with "https://" (or "http://"), or be ""
    `trace.otlp_endpoint` must begin with "http://" or "https://", or be ""
    `provider` must be written as `[[provider]]`
    `provider` must be written as `[[provider]]`
    `provider.name` is missing: every `[[provider]]` needs a name
    `provider.Mail` may only have a-z, 0-9, "_" and "-" in its name
    `provider.mail.kind` must be "smtp", "http", "smpp", "twilio", "whatsapp" or "inbox"
    `provider.mail.channels` is empty: list what it carries, such as ["sms"]
    `provider.mail.channels[0]` has an unknown variant `fax`, expected one of `whatsapp`, `sms`, `email`, `voice`
    `provider.mail.channels` must be ["email"]: a mail server carries nothing else
    `provider.mail.host` is missing: name the mail server
    `provider.gw.url` is missing or no web address: it begins with "https://" (or "http://")
    `provider.inbox` is an inbox, which shows codes, but other machines can reach [::]:80: remove it, listen on 127.0.0.1, or set its `allow_remote_listener = true`
    the configuration, line 1: invalid basic string, expected `"`
    "#);
}

#[test]
fn every_mistake_in_a_provider_names_it_and_the_remedy() {
    let mail = [
        "password = \"x\"",
        "username = \"x\"",
        "port = 99999",
        "tls = \"maybe\"",
        "pasword = \"x\"",
        "dkim_domain = \"shop.test\"",
        "from = 1",
    ];
    let gateway = [
        "method = \"DELETE\"",
        "method = \"GET\"",
        "success_status = \"2xx\"",
        "success_status = \"300-200\"",
        "success_value = \"ok\"",
        "success_pointer = \"status\"",
        "headers = \"x\"",
        "headers = { a = 1 }",
        "template = {}",
        "timeout = 10",
    ];
    let mail = mail.map(|line| {
        problem(&format!("{}\n{line}", MAIL.replace("from =", if line == "from = 1" { "ca_file =" } else { "from =" })))
    });
    let gateway = gateway.map(|line| problem(&format!("{GATEWAY}\n{line}")));
    let twice = problem(&format!("{GATEWAY}\n{GATEWAY}"));
    insta::assert_snapshot!([&mail[..], &gateway[..], &[twice]].concat().join("\n"), @r#"
    `provider.mail.password` is set but `username` is not: set both, or neither for a server without authentication
    `provider.mail.username` is set but `password` is not: set `password` or `password_file`
    `provider.mail.port` has an invalid value: integer `99999`, expected u16
    `provider.mail.tls` has an unknown variant `maybe`, expected one of `starttls`, `tls`, `none`
    `provider.mail.pasword` is not a known key; did you mean `provider.mail.password`?
    `provider.mail.dkim_selector` is missing: DKIM needs domain, selector and key file, all or none
    `provider.mail.from` is a whole number, but must be a string
    `provider.gw.method` has an unknown variant `DELETE`, expected one of `POST`, `PUT`, `GET`
    `provider.gw.body` must be "form" with `method = "GET"`, which has no body
    `provider.gw.success_status` is "2xx", but must be statuses such as "200,202,300-399"
    `provider.gw.success_status` is "300-200", but must be statuses such as "200,202,300-399"
    `provider.gw.success_value` is set but `success_pointer` is not: say where in the answer it stands
    `provider.gw.success_pointer` must be a JSON pointer, which begins with "/"
    `provider.gw.headers` is a string, but must be a table
    `provider.gw.headers.a` must be a string
    `provider.gw.template` is empty: the request needs at least one field
    `provider.gw.timeout` is a whole number, but must be a string
    `provider.gw` is there twice: give each provider its own `name`
    "#);
}

#[test]
fn no_mistake_shows_a_secret() {
    let broken = format!("{MAIL}\npassword = \"{CANARY}");
    let lines =
        [format!("pasword = \"{CANARY}\""), format!("password = [\"{CANARY}\"]"), format!("password = \"{CANARY}\"")];
    for text in lines.iter().map(|line| format!("{MAIL}\n{line}")).chain([
        broken,
        format!("{GATEWAY}\nheaders = {{ a = [\"{CANARY}\"] }}"),
        format!("{GATEWAY}\nheaders = \"{CANARY}\""),
        format!("{GATEWAY}\ntemplate = [\"{CANARY}\"]"),
        format!("[database]\nurl = \"mysql://{CANARY}\""),
    ]) {
        let said = problem(&text);
        assert!(!said.contains(CANARY), "{said}");
    }
}
