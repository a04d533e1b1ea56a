//! Prices.

use super::*;
use crate::core::{plan::Content, recipient::Recipient};

fn cost(config: &Config, channel: Channel, to: &str) -> Option<String> {
    let content = Content::Text { text: "hi".to_owned() };
    let cost = config.billing.prices().cost(channel, &Recipient::parse(to).unwrap(), &content);
    cost.map(|cost| cost.to_string())
}

#[test]
fn nothing_costs_anything_unless_a_price_says_so() {
    let config = Config::from_toml("").unwrap();
    for channel in Channel::ALL {
        assert_eq!(cost(&config, channel, "+6598765432"), None);
    }
}

#[test]
fn prices_go_by_channel_and_country() {
    let text = "[billing.sms]\ndefault = \"0.02\"\nSG = \"0.032\"\n[billing.voice]\nUS = \"0.1\"";
    let config = Config::from_toml(text).unwrap();
    assert_eq!(cost(&config, Channel::Sms, "+6598765432").as_deref(), Some("0.032"));
    assert_eq!(cost(&config, Channel::Sms, "+4915112345678").as_deref(), Some("0.02"));
    assert_eq!(cost(&config, Channel::Voice, "+12015550123").as_deref(), Some("0.1"));
    assert_eq!(cost(&config, Channel::Voice, "+14165550123"), None);
    assert_eq!(cost(&config, Channel::Whatsapp, "+6598765432"), None);
    assert!(config.effective().contains("SG = \"0.032\""));
}

#[test]
fn the_environment_may_set_a_default() {
    let config = with_env(MAIL, &[("VERIFYD__BILLING__EMAIL__DEFAULT", "0.001")]).unwrap();
    assert_eq!(cost(&config, Channel::Email, "jane@example.com").as_deref(), Some("0.001"));
}

#[test]
fn every_mistake_about_a_price_names_its_key() {
    let table = [
        "[billing.sms]\nSG = 0.032",
        "[billing.sms]\nSG = \"free\"",
        "[billing.sms]\nSG = \"-1\"",
        "[billing.sms]\nSG = \"0.0000001\"",
        "[billing.sms]\nUK = \"0.02\"",
        "[billing.sms]\nsg = \"0.02\"",
        "[billing.email]\nSG = \"0.02\"",
        "[billing.fax]\ndefault = \"0.02\"",
        "[billing]\nsms = \"0.02\"",
    ];
    let said: Vec<_> = table.into_iter().map(problem).collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    `billing.sms.SG` has an invalid type: floating point `0.032`, expected a string
    `billing.sms.SG` is "free", but must be an amount in US dollars such as "0.032"
    `billing.sms.SG` is "-1", but must be an amount in US dollars such as "0.032"
    `billing.sms.SG` is "0.0000001", but must be an amount in US dollars such as "0.032"
    `billing.sms.UK` is no country: write the two capital letters of ISO 3166, such as "SG", or `default`
    `billing.sms.sg` is no country: write the two capital letters of ISO 3166, such as "SG", or `default`
    `billing.email.SG` cannot be: mail has no countries, only `default`
    `billing.fax` is not a known key; config.example.toml lists them all
    `billing.sms` is a string, but must be a table
    "#);
}
