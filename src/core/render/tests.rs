use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::core::{
    sms,
    template::{CodeDraft, DefaultTextDraft, SpokenDraft},
    template::{CustomSmsDraft, Draft, EmailDraft, MailDraft, PwaConfig, SmsDraft},
};

fn draft(strategy: &str, brand: Option<&str>, ttl: i64) -> Draft {
    let text = Some(DefaultTextDraft { security: Some(true), expire: Some(true) });
    let spoken = SpokenDraft { kind: Some(1), text: text.clone() };
    Draft {
        id: Some("otp".into()),
        strategy: Some(strategy.into()),
        brand_name: brand.map(Into::into),
        code: Some(CodeDraft { mask: Some(1), length: Some(6), ttl: Some(ttl) }),
        whatsapp: Some(spoken.clone()),
        sms: Some(SmsDraft { kind: Some(1), default: text, custom: None }),
        voice: Some(spoken),
        email: Some(EmailDraft { name: Some("mail".into()), texts: vec![] }),
        ..Draft::default()
    }
}

fn custom_sms(sub_type: &str, content: &str) -> Definition {
    let custom =
        CustomSmsDraft { sub_type: Some(sub_type.into()), content: Some(content.into()), ..CustomSmsDraft::default() };
    let sms = SmsDraft { kind: Some(2), default: None, custom: Some(custom) };
    let pwa = PwaConfig { platform: Some("web".into()), code: Some("abc".into()) };
    Draft { sms: Some(sms), pwa: Some(pwa), ..draft("sms", Some("Acme"), 5) }.validate().unwrap()
}

fn mail_text(language: &str, subject: &str, content: &str, presets: &[(&str, &str)]) -> MailDraft {
    MailDraft {
        language: Some(language.into()),
        from_name: Some("{{brand_name}} team".into()),
        from_mail: Some("NoReply@Acme.example".into()),
        subject: Some(subject.into()),
        content: Some(content.into()),
        presets: owned(presets),
    }
}

fn custom_mail_of(texts: Vec<MailDraft>) -> Definition {
    let email = EmailDraft { name: Some("mail".into()), texts };
    Draft { email: Some(email), ..draft("email", Some("Acme"), 5) }.validate().unwrap()
}

fn owned(values: &[(&str, &str)]) -> Vec<(String, String)> {
    values.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn show(content: &Content) -> String {
    match content {
        Content::Text { text } => text.clone(),
        Content::Mail { from_name, from_mail, subject, html } => {
            format!("From: {from_name:?} {from_mail:?}\nSubject: {subject}\n{html}")
        }
    }
}

fn rendered(template: &Definition, channel: Channel, language: Language, params: &[(&str, &str)]) -> String {
    let code = Code::given("482913");
    let params = Params::parse(owned(params)).unwrap();
    let variables = Variables { code: Some(&code), params: &params, pwa_base: Some("https://pwa.example") };
    show(&render(template, channel, language, variables).unwrap())
}

fn text(template: &Definition, params: &[(&str, &str)]) -> String {
    rendered(template, Channel::Sms, Language::Default, params)
}

#[test]
fn our_own_texts_are_as_on_this_page() {
    let mut page = String::new();
    for language in Language::ALL {
        let _ = writeln!(page, "== {}", language.tag());
        for (brand, ttl) in [(Some("Acme"), 5), (None, 1)] {
            for (strategy, channel) in
                [("whatsapp", Channel::Whatsapp), ("sms", Channel::Sms), ("voice", Channel::Voice)]
            {
                let template = draft(strategy, brand, ttl).validate().unwrap();
                let _ = writeln!(page, "{strategy}: {}", rendered(&template, channel, language, &[]));
            }
        }
        let template = draft("email", Some("Acme"), 10).validate().unwrap();
        page += &rendered(&template, Channel::Email, language, &[]);
    }
    insta::assert_snapshot!(page);
}

#[test]
fn tip_and_validity_are_sentences_of_their_own() {
    let mut page = String::new();
    for (security, expire) in [(false, false), (true, false), (false, true), (true, true)] {
        let text = DefaultTextDraft { security: Some(security), expire: Some(expire) };
        let sms = SmsDraft { kind: Some(1), default: Some(text), custom: None };
        let template = Draft { sms: Some(sms), ..draft("sms", Some("Acme"), 5) }.validate().unwrap();
        page += &(self::text(&template, &[]) + "\n");
    }
    insta::assert_snapshot!(page, @"
    [Acme] 482913 is your verification code.
    [Acme] 482913 is your verification code. Do not share it with anyone.
    [Acme] 482913 is your verification code. It is valid for 5 minutes.
    [Acme] 482913 is your verification code. It is valid for 5 minutes. Do not share it with anyone.
    ");
}

#[test]
fn every_short_text_of_our_own_fits_one_message() {
    for language in Language::ALL {
        let template = draft("sms", Some("TenLetters"), 10).validate().unwrap();
        assert_eq!(sms::parts(&rendered(&template, Channel::Sms, language, &[])), 1, "{}", language.tag());
    }
}

#[test]
fn presets_are_filled_and_unset_variables_stay() {
    let template =
        custom_sms("authentication", "{{brand_name}}: {{ code }} ({{ttl}} min) {{pwa_url}} {{other}} {{ x }}");
    let expected = "Acme: 482913 (5 min) https://pwa.example/web/abc {{other}} yes";
    assert_eq!(text(&template, &[("x", "yes")]), expected);
}

#[test]
fn without_a_base_the_pwa_url_stays() {
    let template = custom_sms("utility", "{{pwa_url}} {{code}}");
    let params = Params::default();
    let variables = Variables { code: None, params: &params, pwa_base: None };
    let content = render(&template, Channel::Sms, Language::En, variables).unwrap();
    assert_eq!(show(&content), "{{pwa_url}} {{code}}");
}

#[test]
fn the_generated_code_wins_and_other_values_of_the_caller_override() {
    let template = custom_sms("authentication", "{{brand_name}} {{code}} {{ttl}}");
    assert_eq!(text(&template, &[("code", "000000"), ("brand_name", "Other"), ("ttl", "9")]), "Other 482913 9");
}

#[test]
fn without_a_generated_code_the_callers_is_used_in_every_text() {
    let params = Params::parse(owned(&[("code", "777111")])).unwrap();
    let variables = Variables { code: None, params: &params, pwa_base: None };
    let own = draft("sms", None, 5).validate().unwrap();
    for template in [own, custom_sms("authentication", "your {{code}}")] {
        assert!(show(&render(&template, Channel::Sms, Language::En, variables).unwrap()).contains("777111"));
    }
}

#[test]
fn our_own_texts_do_not_take_the_callers_brand() {
    let template = draft("sms", Some("Acme"), 5).validate().unwrap();
    let text = text(&template, &[("brand_name", "Bank"), ("ttl", "99")]);
    assert!(text.starts_with("[Acme] 482913") && !text.contains("99"), "{text}");
}

#[test]
fn values_are_not_read_again() {
    let template = custom_sms("authentication", "{{a}}{{b}} {{code}}");
    assert_eq!(text(&template, &[("a", "{{code}}"), ("b", "{{ ttl }}")]), "{{code}}{{ ttl }} 482913");
    assert_eq!(text(&template, &[("a", "{{co"), ("b", "de}}")]), "{{code}} 482913");
}

#[test]
fn mail_takes_the_exact_language_else_the_default_else_the_first() {
    let text = |language| mail_text(language, language, "{{code}}", &[]);
    let subject = |template: &Definition, language| rendered(template, Channel::Email, language, &[]);
    let both = custom_mail_of(vec![text("ja"), text("default"), text("es")]);
    assert!(subject(&both, Language::Es).contains("Subject: es"));
    assert!(subject(&both, Language::Th).contains("Subject: default"));
    let without = custom_mail_of(vec![text("ja"), text("es")]);
    assert!(subject(&without, Language::Default).contains("Subject: ja"));
}

#[test]
fn mail_values_are_escaped_in_html_and_plain_in_the_subject() {
    let html = "<p>Hi {{name}}, {{code}}</p>";
    let template = custom_mail_of(vec![mail_text("default", "Hi {{name}}", html, &[("name", "User")])]);
    insta::assert_snapshot!(rendered(&template, Channel::Email, Language::En, &[]), @r#"
    From: Some("Acme team") Some("NoReply@Acme.example")
    Subject: Hi User
    <p>Hi User, 482913</p>
    "#);
    insta::assert_snapshot!(rendered(&template, Channel::Email, Language::En, &[("name", "<img src=x onerror='a'>&\"")]), @r#"
    From: Some("Acme team") Some("NoReply@Acme.example")
    Subject: Hi <img src=x onerror='a'>&"
    <p>Hi &lt;img src=x onerror=&#39;a&#39;&gt;&amp;&quot;, 482913</p>
    "#);
}

#[test]
fn no_line_end_gets_into_a_subject() {
    let template = custom_mail_of(vec![mail_text("default", "Code {{code}}", "{{code}}", &[])]);
    let code = Code::given("1\r\nBcc: x@y.z");
    let params = Params::default();
    let variables = Variables { code: Some(&code), params: &params, pwa_base: None };
    let mail = show(&render(&template, Channel::Email, Language::En, variables).unwrap());
    assert!(mail.contains("\nSubject: Code 1  Bcc: x@y.z\n"), "{mail}");
}

#[test]
fn payloads_go_out_as_they_came() {
    let template = custom_sms("utility", "Hi {{name}}!");
    for payload in [
        "{{7*7}}",
        "${7*7}",
        "#{7*7}",
        "<%= 7*7 %>",
        "{% if 1 %}x{% endif %}",
        "{{code}}",
        "{{ name }}",
        "{{{{name}}}}",
        "{{config.items()}}",
        "%s%n",
        "$(id)",
        "`id`",
        "\\u0041",
        "{name}",
        "}}{{",
        "'; DROP TABLE x; --",
    ] {
        assert_eq!(text(&template, &[("name", payload)]), format!("Hi {payload}!"));
    }
}

#[test]
fn a_plan_has_a_hop_for_each_channel_asked_for() {
    let template = draft("whatsapp|sms|voice", None, 5).validate().unwrap();
    let (code, params) = (Code::given("482913"), Params::default());
    let variables = Variables { code: Some(&code), params: &params, pwa_base: None };
    let hops = plan(&template, &[Channel::Sms, Channel::Voice], Language::En, variables);
    let channels: Vec<_> = hops.iter().map(|hop| hop.channel).collect();
    assert_eq!(channels, [Channel::Sms, Channel::Voice]);
}

proptest! {
    #[test]
    fn what_comes_out_is_bounded_and_values_stay_literal(
        content in "([a-z ]{0,5}\\{\\{ ?(a|b|code) ?\\}\\}){0,20}",
        a in "[a-z{}<&]{0,256}",
    ) {
        let template = custom_mail_of(vec![mail_text("default", "s", &format!("{content}{{{{a}}}}"), &[])]);
        let html = rendered(&template, Channel::Email, Language::En, &[("a", &a)]);
        prop_assert!(html.len() <= 200 + content.len() + 21 * 256 * 6);
        let escaped = a.replace('&', "&amp;").replace('<', "&lt;");
        prop_assert!(html.ends_with(&escaped));
    }

    #[test]
    fn any_content_renders_to_itself_when_it_names_nothing(content in "[a-zA-Z0-9 {}.]{1,80}") {
        prop_assume!(crate::core::placeholder::count(&content) == 0);
        let template = custom_sms("utility", &content);
        prop_assert_eq!(text(&template, &[]), content);
    }
}
