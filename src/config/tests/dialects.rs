//! What is said of dialects.

use super::*;

#[test]
fn mistakes_about_dialects_name_the_key_and_the_remedy() {
    let table = [
        "[mailpass]\ndefault_ttl = \"59s\"",
        "[mailpass]\ndefault_ttl = \"61m\"",
        "[mailpass]\ndefault_ttl = \"60500ms\"",
        "[mailpass]\nmax_attempts = 0",
        "[mailpass]\nlanguage = \"es\"",
        "[mailpass]\nrate_per_minute = -1",
        "[mailpass]\nhost = \"otp.example.com:443\"",
        "[mailpass]\nhost = \"OTP.example.com\"",
        "[mailpass]\nhost = \"otp..com\"",
        "[engagelab]\nhost = \"otp.example.com\"\n[mailpass]\nhost = \"otp.example.com\"",
    ];
    insta::assert_snapshot!(table.map(problem).join("\n"), @r#"
    `mailpass.default_ttl` must be "60s" to "1h"
    `mailpass.default_ttl` must be "60s" to "1h"
    `mailpass.default_ttl` must be whole seconds
    `mailpass.max_attempts` must be 1 to 5
    `mailpass.language` has an unknown variant `es`, expected one of `ko`, `en`, `de`, `ja`, `zh`, `fr`
    `mailpass.rate_per_minute` has an invalid value: integer `-1`, expected u32
    `mailpass.host` must be a host name such as "otp.example.com", in lower case and without a port
    `mailpass.host` must be a host name such as "otp.example.com", in lower case and without a port
    `mailpass.host` must be a host name such as "otp.example.com", in lower case and without a port
    `mailpass.host` is the host of another dialect: each needs its own
    "#);
}

#[test]
fn a_dialect_has_a_host_where_it_is_given_one() {
    let config = Config::from_toml("[engagelab]\nenabled = false\n[mailpass]\nhost = \"otp.example.com\"").unwrap();
    let dialects: Vec<_> = config.dialects().collect();
    assert!(dialects.contains(&Placing { name: "engagelab", enabled: false, host: None }));
    assert!(dialects.contains(&Placing { name: "mailpass", enabled: true, host: Some("otp.example.com") }));
}
