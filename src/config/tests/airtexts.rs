//! `[airtexts]`: texts, users and secrets.

use super::*;

#[test]
fn texts_and_users_are_read_by_their_names() {
    let config = Config::from_toml(
        "[airtexts.templates.7]\nen = '{code}'\npt = '{code} {minutes}'\n\
         [airtexts.users]\nalice = { key = 'vk1', password = 'open sesame' }",
    );
    let config = config.unwrap();
    assert_eq!(config.airtexts.texts()[&7]["pt"], "{code} {minutes}");
    assert_eq!(config.airtexts.users["alice"].key, "vk1");
    assert_eq!(config.airtexts.users["alice"].password.expose(), "open sesame");
}

#[test]
fn secrets_of_airtexts_are_not_shown() {
    let secret = "0123456789abcdef0123456789abcdef";
    let text =
        format!("[airtexts]\njwt_secret = '{secret}'\nusers.alice = {{ key = 'vk1', password = 'open sesame' }}");
    let config = Config::from_toml(&text).unwrap();
    let shown = config.effective();
    assert!(!shown.contains(secret) && !shown.contains("open sesame"), "{shown}");
    assert!(shown.contains("vk1") && shown.contains("jwt_secret = \"***\""), "{shown}");
}

#[test]
fn mistakes_about_airtexts_name_the_key_and_the_remedy() {
    for (text, said) in [
        ("ttl = '30s'", "`airtexts.ttl` must be 1m to 24h"),
        ("recipient_per_hour = 65", "`airtexts.recipient_per_hour` must be 64 or less, or 0 for any"),
        ("resend_interval = '25h'", "`airtexts.resend_interval` must be 24h or less"),
        ("max_attempts = 6", "`airtexts.max_attempts` must be 1 to 5"),
        ("default_from = 'TwelveLetter'", "`airtexts.default_from` must be 1 to 11 letters and digits"),
        ("senders = ['A B']", "`airtexts.senders` may only have texts of 1 to 11 letters and digits"),
        ("jwt_secret = 'short'", "`airtexts.jwt_secret` must have at least 32 characters"),
        ("templates.a = { en = '{code}' }", "`airtexts.templates.a` must be named by a whole number"),
        ("templates.07 = { en = '{code}' }", "`airtexts.templates.07` must be named by a whole number"),
        ("templates.1 = { en = 'no code' }", "`airtexts.templates.1` has a text without {code}"),
        ("users.'a:b' = { key = 'vk1', password = 'p' }", "`airtexts.users.a:b` must have a name without \":\""),
        ("users.alice = { key = 'vk1', password = '' }", "`airtexts.users.alice` needs a `password`"),
    ] {
        assert_eq!(problem(&format!("[airtexts]\n{text}")), said, "{text}");
    }
}
