//! Providers that report to us.

use super::*;

const SECRET: &str = "0123456789abcdefghij-_";
const TWILIO: &str = r#"
    [[provider]]
    name = "tw"
    kind = "twilio"
    channels = ["sms", "whatsapp", "voice"]
    account_sid = "AC1"
    auth_token = "c4n4ry-5ecret"
    from = "+15005550006"
    whatsapp_from = "+15005550006"
"#;
const WHATSAPP: &str = r#"
    [[provider]]
    name = "wa"
    kind = "whatsapp"
    channels = ["whatsapp"]
    phone_number_id = "1"
    access_token = "c4n4ry-5ecret"
"#;
const PUBLIC: &str = "[http]\npublic_url = \"https://otp.example.com\"\n";

#[test]
fn a_provider_reports_where_it_has_a_secret() {
    for provider in [TWILIO, WHATSAPP, GATEWAY] {
        assert!(!Config::from_toml(provider).unwrap().providers[0].webhook.is_open());
    }
    let receipts = "message_id_path = \"/id\"\nreceipt_id_path = \"/id\"\nreceipt_status_path = \"/s\"\nreceipt_delivered = [\"ok\"]";
    let needs = [(TWILIO, ""), (WHATSAPP, "app_secret = \"x\"\nverify_token = \"x\""), (GATEWAY, receipts)];
    for (provider, needed) in needs {
        let text =
            format!("{PUBLIC}{provider}\nwebhook_secret = \"{SECRET}\"\nwebhook_allow = [\"192.0.2.0/24\"]\n{needed}");
        let config = Config::from_toml(&text).unwrap();
        let webhook = &config.providers[0].webhook;
        assert_eq!((webhook.secret.expose(), webhook.allow.len()), (SECRET, 1));
        let shown = config.effective();
        assert!(!shown.contains(SECRET) && !shown.contains(CANARY), "{shown}");
    }
}

#[test]
fn every_mistake_about_reports_names_its_key_and_the_remedy() {
    let secret = format!("webhook_secret = \"{SECRET}\"");
    let twilio = |line: &str| problem(&format!("{}\n{line}", TWILIO.replace("c4n4ry-5ecret", "")));
    let called = |change: (&str, &str)| problem(&TWILIO.replace(change.0, change.1));
    let problems = [
        problem(&format!("{TWILIO}\nwebhook_secret = \"too-short\"")),
        problem(&format!("{TWILIO}\nwebhook_secret = \"{SECRET}/\"")),
        problem(&format!("{TWILIO}\nwebhook_allow = [\"192.0.2.0/24\"]")),
        problem(&format!("{TWILIO}\n{secret}")),
        problem(&format!("{}{TWILIO}", PUBLIC.replace(".com", ".com/"))),
        twilio(""),
        twilio(&format!("api_key = \"SK1\"\napi_key_secret = \"x\"\n{secret}")),
        twilio("api_key = \"SK1\""),
        called(("AC1", "AC1/../AC2")),
        called(("from = \"+15005550006\"\n", "from = \"ACME\"\n")),
        called(("\"sms\", ", "\"sms\", \"email\", ")),
        problem(&format!("{WHATSAPP}\n{secret}")),
        problem(&format!("{WHATSAPP}\n{secret}\napp_secret = \"x\"")),
        problem(&WHATSAPP.replace("= \"1\"", "= \"1/2\"")),
        problem(&WHATSAPP.replace("[\"whatsapp\"]", "[\"sms\"]")),
        problem(&format!("{GATEWAY}\n{secret}")),
        problem(&format!(
            "{GATEWAY}\n{secret}\nmessage_id_path = \"/id\"\nreceipt_id_path = \"/id\"\nreceipt_status_path = \"/s\""
        )),
        problem(&format!("{GATEWAY}\nreceipt_id_path = \"/id\"")),
    ];
    insta::assert_snapshot!(problems.join("\n"), @r#"
    `provider.tw.webhook_secret` must be 22 or more of the letters A-Z, a-z, 0-9, "-" and "_": make one with `openssl rand -hex 16`
    `provider.tw.webhook_secret` must be 22 or more of the letters A-Z, a-z, 0-9, "-" and "_": make one with `openssl rand -hex 16`
    `provider.tw.webhook_allow` is set but `webhook_secret` is not: without it the provider has no way in
    `provider.tw.webhook_secret` is set, but `http.public_url` is not: Twilio must be told where to report
    `http.public_url` must begin with "https://" (or "http://") and have no "/" at its end, or be ""
    `provider.tw.auth_token` is missing: set it, or `api_key` and `api_key_secret`
    `provider.tw.auth_token` is missing: Twilio signs its reports with it, so `webhook_secret` needs it
    `provider.tw.api_key` and `api_key_secret` go together: set both or neither
    `provider.tw.account_sid` is missing or no account SID, which begins with "AC"
    `provider.tw.from` must be a number such as "+15005550006": calls come from it
    `provider.tw.channels` may have "sms", "whatsapp" and "voice" only
    `provider.wa.app_secret` is missing: `webhook_secret` is set, and without it no report can be believed
    `provider.wa.verify_token` is missing: `webhook_secret` is set, and Meta shows this on its first visit
    `provider.wa.phone_number_id` is missing or no id: Meta shows it beside the number, digits only
    `provider.wa.channels` must be ["whatsapp"]: it carries nothing else
    `provider.gw.message_id_path` is missing: with `webhook_secret` set, reports must be understood
    `provider.gw.receipt_delivered` is missing: with `webhook_secret` set, reports must be understood
    `provider.gw.receipt_id_path` is set but `webhook_secret` is not: the gateway has no way in
    "#);
}

#[test]
fn every_example_of_the_documents_is_a_configuration() {
    let page = [include_str!("../../../docs/providers.md"), include_str!("../../../docs/billing.md")].concat();
    let secrets = tempfile::tempdir().unwrap();
    let mut examples = 0;
    for example in page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()) {
        assert!(example.lines().count() <= 12, "{example}");
        let with_files = example.lines().map(|line| match line.split_once("_file = ") {
            Some((key, _)) => {
                let file = secrets.path().join(key);
                std::fs::write(&file, SECRET).unwrap();
                format!("{key}_file = {file:?}\n")
            }
            None => format!("{line}\n"),
        });
        let text = with_files.collect::<String>();
        assert!(Config::from_toml(&text).is_ok(), "{}", problem(&text));
        examples += 1;
    }
    assert_eq!(examples, 11);
}
