//! The environment that Optora publishes.

use super::*;

const ON: &str = "[optora]\nenabled = true\n";

/// The sample `.env` of Optora's documentation, every variable set.
const PUBLISHED: [(&str, &str); 12] = [
    ("MONGODB_URI", "mongodb://user:c4n4ry-5ecret@localhost/otp"),
    ("GMAIL_USER", "sender@gmail.com"),
    ("GMAIL_PASS", "abcd efgh ijkl mnop"),
    ("OTP_VALIDITY_PERIOD_MINUTES", "2"),
    ("OTP_SIZE", "4"),
    ("APP_BASE_URL", "https://otp.example.com//"),
    ("DOCS_API_URL", "https://docs.example.com/"),
    ("RATE_LIMIT_MAX_REQUESTS", "7"),
    ("RATE_LIMIT_WINDOW_MINUTES", "30"),
    ("BLOCK_KEYWORDS_RULES", "casino, free money,"),
    ("ALLOWED_DOMAINS", "example.com"),
    ("PORT", "5001"),
];

#[test]
fn the_published_environment_works() {
    let config = with_env(ON, &PUBLISHED).unwrap();
    let optora = &config.optora;
    assert_eq!((optora.validity_minutes, optora.code_length, optora.max_requests), (2, 4, 7));
    assert_eq!(optora.window().as_secs(), 1800);
    assert_eq!(config.link_base(), Some("https://otp.example.com"));
    assert_eq!(optora.docs_api_url.as_deref(), Some("https://docs.example.com"));
    assert_eq!(optora.blocked_keywords, ["casino", "free money"]);
    assert_eq!(optora.allowed_domains, ["example.com"]);
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:5001");
    assert_eq!(config.notes.len(), 1, "that MongoDB is not used");
    let [gmail] = &config.providers[..] else { panic!("not one provider") };
    assert_eq!((gmail.name.as_str(), &gmail.channels[..]), ("gmail", &[Channel::Email][..]));
    let smtp = smtp(&config);
    assert_eq!((smtp.host.as_str(), smtp.port(), smtp.from.as_str()), ("smtp.gmail.com", 587, "sender@gmail.com"));
    assert_eq!(smtp.password.expose(), "abcd efgh ijkl mnop");
    assert!(!config.effective().contains("abcd") && !config.effective().contains(CANARY), "{}", config.effective());
}

#[test]
fn it_is_not_looked_at_while_the_dialect_is_off() {
    let config = with_env("", &PUBLISHED).unwrap();
    assert_eq!((config.optora.code_length, config.http.listen.port(), config.notes.len()), (6, 8080, 0));
    assert!(matches!(config.providers[0].kind, ProviderKind::Inbox(_)));
    let on = [&PUBLISHED[..], &[("VERIFYD__OPTORA__ENABLED", "true")]].concat();
    assert_eq!(with_env("", &on).unwrap().optora.code_length, 4);
    let off = [&PUBLISHED[..], &[("VERIFYD__OPTORA__ENABLED", "false")]].concat();
    assert_eq!(with_env(ON, &off).unwrap().optora.code_length, 6);
}

#[test]
fn it_lies_over_the_file_and_under_our_own_variables() {
    let file = format!("{ON}code_length = 5\nvalidity_minutes = 5\n[http]\nlisten = \"[::1]:80\"");
    let env = [("OTP_SIZE", "8"), ("VERIFYD__OPTORA__CODE_LENGTH", "9"), ("PORT", "5000")];
    let config = with_env(&file, &env).unwrap();
    assert_eq!((config.optora.code_length, config.optora.validity_minutes), (9, 5));
    assert_eq!(config.http.listen.to_string(), "[::1]:5000");
}

/// Optora spec 3.6: what cannot be read or is 0 counts as not set.
#[test]
fn numbers_that_are_none_are_passed_over() {
    for value in ["", " ", "0", "-3", "five", "1.5"] {
        let env = [("OTP_SIZE", value), ("RATE_LIMIT_MAX_REQUESTS", value), ("PORT", value)];
        let config = with_env(ON, &env).unwrap();
        let read = (config.optora.code_length, config.optora.max_requests, config.http.listen.port());
        assert_eq!(read, (6, 5, 8080), "{value:?}");
    }
    let error = with_env(ON, &[("OTP_SIZE", "11")]).err().unwrap().to_string();
    assert_eq!(error, "`optora.code_length` must be 1 to 10");
}

#[test]
fn a_base_is_taken_from_the_platform_where_none_is_given() {
    let base = |env: &[(&str, &str)]| with_env(ON, env).unwrap().link_base().map(str::to_owned);
    let (url, production) = (("VERCEL_URL", "a.vercel.app"), ("VERCEL_PROJECT_PRODUCTION_URL", "b.example"));
    assert_eq!(base(&[]), None);
    assert_eq!(base(&[url]).as_deref(), Some("https://a.vercel.app"));
    assert_eq!(base(&[url, production]).as_deref(), Some("https://b.example"));
    assert_eq!(base(&[url, production, ("APP_BASE_URL", "http://c.test")]).as_deref(), Some("http://c.test"));
}

#[test]
fn gmail_gives_way_to_a_provider_of_the_file_that_carries_mail() {
    let gmail = [("GMAIL_USER", "a@gmail.com"), ("GMAIL_PASS", "secret")];
    let names = |file: &str, env: &[(&str, &str)]| {
        let config = with_env(file, env).unwrap();
        config.providers.iter().map(|provider| provider.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&format!("{ON}{MAIL}"), &gmail), ["mail"]);
    assert_eq!(names(&format!("{ON}{GATEWAY}"), &gmail), ["gw", "gmail"]);
    assert_eq!(names(ON, &gmail), ["gmail"]);
    assert_eq!(names(ON, &gmail[..1]), ["inbox"], "a user without a password");
}

#[test]
fn our_own_proposals_have_variables_too() {
    let env = [
        ("OPTORA_MESSAGES", "otp-service"),
        ("OPTORA_ALLOW_IPS", "10.0.0.0/8, 192.0.2.1"),
        ("OPTORA_STATUS_EMAIL", "0"),
        ("OPTORA_LINK_CONFIRM", "1"),
        ("OPTORA_WEBHOOK_SECRET", CANARY),
        ("OPTORA_WEBHOOK_ALLOW_PRIVATE", "true"),
        ("TRUSTED_PROXIES", "10.0.0.1"),
    ];
    let config = with_env(ON, &env).unwrap();
    let optora = &config.optora;
    assert_eq!((optora.messages, optora.link), (Messages::OtpService, LinkMode::Button));
    assert_eq!(optora.allow.iter().map(ToString::to_string).collect::<Vec<_>>(), ["10.0.0.0/8", "192.0.2.1/32"]);
    assert_eq!((optora.status_email, optora.webhook_allow_private), (false, true));
    assert_eq!(optora.webhook_secret.expose(), CANARY);
    assert_eq!(config.http.trusted_proxies.len(), 1);
    assert!(!config.effective().contains(CANARY), "{}", config.effective());
}

#[test]
fn mistakes_about_optora_name_the_key_and_the_remedy() {
    let table = [
        "app = ''",
        "code_length = 0",
        "code_length = 11",
        "validity_minutes = 11",
        "max_requests = 0",
        "window_minutes = 0",
        "window_minutes = 1441",
        "link = 'post'",
        "messages = 'mine'",
        "base_url = 'otp.example.com'",
        "base_url = 'https://otp.example.com/'",
        "base_url = 'https://'",
        "docs_api_url = 'https://a; script-src *'",
        "allow = ['all']",
    ];
    insta::assert_snapshot!(table.map(|keys| problem(&format!("[optora]\n{keys}"))).join("\n"), @r#"
    `optora.app` is empty: name an application such as "default"
    `optora.code_length` must be 1 to 10
    `optora.code_length` must be 1 to 10
    `optora.validity_minutes` must be 1 to 10
    `optora.max_requests` must be at least 1
    `optora.window_minutes` must be 1 to 1440
    `optora.window_minutes` must be 1 to 1440
    `optora.link` has an unknown variant `post`, expected one of `get`, `auto`, `button`
    `optora.messages` has an unknown variant `mine`, expected `optora` or `otp-service`
    `optora.base_url` must begin with "https://" (or "http://"), hold no blanks or quotes and have no "/" at its end, or be ""
    `optora.base_url` must begin with "https://" (or "http://"), hold no blanks or quotes and have no "/" at its end, or be ""
    `optora.base_url` must begin with "https://" (or "http://"), hold no blanks or quotes and have no "/" at its end, or be ""
    `optora.docs_api_url` must begin with "https://" (or "http://"), hold no blanks or quotes and have no "/" at its end, or be ""
    `optora.allow` has "all", but may only have networks such as "10.0.0.0/8"
    "#);
}
