//! Caps on what applications send.

use super::*;
use crate::core::{
    caps::{Caps, Countries},
    conversion::Conversion,
    recipient::Recipient,
    spray::Spray,
};

fn caps(config: &Config) -> Caps {
    (&config.limits).into()
}

#[test]
fn a_new_installation_has_none_and_says_so_where_messages_may_cost_money() {
    let notes = |text: &str| {
        let config = Config::from_toml(text).unwrap();
        assert_eq!(caps(&config).allow_all(), !text.contains("[limits]"));
        let conversion = Conversion::from(&config.limits);
        assert_eq!(conversion, Conversion { codes: 0, alarm: 30, stop: 10 });
        assert_eq!(Spray::from(&config.limits), Spray { alarm: 1000, stop: 10_000 });
        config.notes
    };
    let told = "no cap holds back what is sent to phones: docs/limits.md names numbers to begin with";
    assert_eq!(notes(""), Vec::<&str>::new(), "the inbox costs nothing");
    assert_eq!(notes(MAIL), Vec::<&str>::new(), "mail has no numbers that pay their owner");
    assert_eq!(notes(GATEWAY), [told]);
    assert_eq!(notes(&format!("[limits]\nprefix_per_hour = 10\n{GATEWAY}")), Vec::<&str>::new());
}

#[test]
fn countries_that_are_not_listed_are_closed_unless_there_is_a_default() {
    let countries = |text: &str| caps(&Config::from_toml(text).unwrap()).countries;
    let listed = || [("SG".to_owned(), 50)].into();
    let closed = Countries { listed: listed(), others: None };
    assert_eq!(countries("limits.countries = { SG = 50 }"), closed);
    let open = Countries { listed: listed(), others: Some(5) };
    assert_eq!(countries("[limits.countries]\ndefault = 5\nSG = 50"), open);
    assert_eq!(countries("limits.countries = {}"), Countries::default());
    let config = with_env(MAIL, &[("VERIFYD__LIMITS__COUNTRIES", "{ SG = 50 }")]).unwrap();
    assert!(caps(&config).on(&Recipient::parse("+4915112345678").unwrap()).is_err());
    assert!(config.effective().contains("SG = 50"));
}

#[test]
fn every_mistake_about_a_cap_names_its_key() {
    let table = [
        "limits.countries = { XX = 1, SG = 1 }",
        "limits.countries = { sg = 1 }",
        "limits.countries = [\"SG\"]",
        "limits.countries = { SG = -1 }",
        "limits.app_per_day = -1",
        "limits.conversion_stop = 101",
        "limits.prefix_per_day = \"many\"",
    ];
    let said = table.map(problem);
    insta::assert_snapshot!(said.join("\n"), @r#"
    `limits.countries.XX` is no country: write the two capital letters of ISO 3166, such as "SG", or `default`
    `limits.countries.sg` is no country: write the two capital letters of ISO 3166, such as "SG", or `default`
    `limits.countries` is a list, but must be a table
    `limits.countries.SG` has an invalid value: integer `-1`, expected u32
    `limits.app_per_day` has an invalid value: integer `-1`, expected u32
    `limits.conversion_stop` must be 0 to 100 percent
    `limits.prefix_per_day` is a string, but must be a whole number
    "#);
}
