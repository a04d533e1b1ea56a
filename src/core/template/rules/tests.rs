use super::*;
use crate::core::template::{
    CustomSmsDraft, DefaultTextDraft, EmailDraft, MailDraft, SmsConfig, SmsDraft, SpokenDraft,
};

const CUSTOM: &str = "sms_config.template_custom_config";

fn flags() -> DefaultTextDraft {
    DefaultTextDraft { security: Some(false), expire: Some(false) }
}

/// The full sample of spec 4.1.
fn sample() -> Draft {
    let spoken = SpokenDraft { kind: Some(1), text: Some(flags()) };
    let custom = CustomSmsDraft {
        sub_type: Some("authentication".into()),
        content: Some("Your code is {{code}}".into()),
        country_codes: Some("HK,PH".into()),
    };
    let mail = MailDraft {
        language: Some("default".into()),
        from_name: Some("MyApp".into()),
        from_mail: Some("noreply@myapp.com".into()),
        subject: Some("Your verification code".into()),
        content: Some("Hi {{name}}, your verification code is {{code}}".into()),
        presets: vec![("name".into(), "User".into())],
    };
    Draft {
        id: Some("test-template-1".into()),
        description: Some("Test Template 1".into()),
        strategy: Some("whatsapp|sms".into()),
        brand_name: Some("Brand Name".into()),
        code: Some(CodeDraft { mask: Some(1), length: Some(6), ttl: Some(1) }),
        whatsapp: Some(spoken.clone()),
        sms: Some(SmsDraft { kind: Some(2), default: Some(flags()), custom: Some(custom) }),
        voice: Some(spoken),
        email: Some(EmailDraft { name: Some("Email Template Name".into()), texts: vec![mail] }),
        pwa: Some(PwaConfig { platform: Some("xx".into()), code: Some("xx".into()) }),
    }
}

fn with(change: impl FnOnce(&mut Draft)) -> Result<Definition, TemplateFault> {
    let mut draft = sample();
    change(&mut draft);
    draft.validate()
}

fn sms(draft: &mut Draft) -> &mut SmsDraft {
    draft.sms.as_mut().unwrap()
}

fn custom(draft: &mut Draft) -> &mut CustomSmsDraft {
    sms(draft).custom.as_mut().unwrap()
}

fn code(draft: &mut Draft) -> &mut CodeDraft {
    draft.code.as_mut().unwrap()
}

/// The sample as an email template.
fn with_mail(change: impl FnOnce(&mut MailDraft)) -> Result<Definition, TemplateFault> {
    with(|draft| {
        draft.strategy = Some("email".into());
        change(&mut draft.email.as_mut().unwrap().texts[0]);
    })
}

#[track_caller]
fn broken(result: Result<Definition, TemplateFault>, words: &str) {
    assert_eq!(result.map_err(|fault| fault.to_string()), Err(words.to_owned()));
}

#[test]
fn the_published_sample_is_kept_whole_and_survives_storage() {
    let definition = sample().validate().unwrap();
    assert!(definition.is_code_template() && definition.voice.is_some() && definition.email.is_some());
    assert_eq!(definition.template_parts(), Some(1));
    let config = definition.sms.as_ref().unwrap();
    assert!(config.kind() == 2 && config.default_text().is_some() && config.custom_text().is_some());
    let json = serde_json::to_string(&definition).unwrap();
    assert_eq!(serde_json::from_str::<Definition>(&json).unwrap(), definition);
}

#[test]
fn ids_are_one_to_128_characters_that_can_stand_in_a_path() {
    broken(with(|draft| draft.id = None), "template_id is required");
    broken(with(|draft| draft.id = Some(String::new())), "template_id is required");
    for id in ["a b", "a/b", "a\n", "ä", &"x".repeat(129)] {
        broken(with(|draft| draft.id = Some(id.to_owned())), "invalid template_id");
    }
    for id in ["a", "test-template_1.x", &"x".repeat(128)] {
        assert!(with(|draft| draft.id = Some(id.to_owned())).is_ok(), "{id}");
    }
}

#[test]
fn description_and_brand_are_measured_in_characters() {
    assert!(with(|draft| draft.description = Some("字".repeat(255))).is_ok());
    broken(with(|draft| draft.description = Some("字".repeat(256))), "invalid description");
    for brand in ["", "a", "elevenchars", "a\r\nb", "a\u{202e}b"] {
        broken(with(|draft| draft.brand_name = Some(brand.to_owned())), "invalid brand_name");
    }
    assert!(with(|draft| draft.brand_name = Some("字".repeat(10))).is_ok());
    assert!(with(|draft| (draft.brand_name, draft.description, draft.pwa) = (None, None, None)).is_ok());
}

#[test]
fn a_strategy_is_required_and_every_channel_of_it_is_configured() {
    broken(with(|draft| draft.strategy = None), "send_channel_strategy is required");
    broken(with(|draft| draft.strategy = Some("sms|sms".into())), "invalid send_channel_strategy");
    broken(with(|draft| draft.strategy = Some("email|sms".into())), "email can not be combined with other channels");
    let none = "not contains any channel config";
    broken(with(|draft| draft.sms = None), none);
    broken(with(|draft| draft.whatsapp = None), none);
    broken(with(|draft| (draft.strategy, draft.voice) = (Some("voice".into()), None)), none);
    broken(with(|draft| (draft.strategy, draft.email) = (Some("email".into()), None)), none);
    let bare = Draft { id: Some("a".into()), strategy: Some("sms".into()), ..Draft::default() };
    broken(bare.validate(), none);
}

#[test]
fn configurations_outside_the_strategy_are_not_judged() {
    let definition = with(|draft| {
        draft.voice = Some(SpokenDraft { kind: Some(7), text: None });
        draft.email = Some(EmailDraft::default());
    });
    let definition = definition.unwrap();
    assert!(definition.voice.is_none() && definition.email.is_none());
}

#[test]
fn code_rules_name_their_field() {
    broken(with(|draft| draft.code = None), "verify_code_config is required");
    broken(with(|draft| code(draft).mask = None), "verify_code_config.verify_code_type is required");
    broken(with(|draft| code(draft).length = None), "verify_code_config.verify_code_len is required");
    broken(with(|draft| code(draft).ttl = None), "verify_code_config.verify_code_ttl is required");
    for mask in [-1, 0, 8, i64::MAX] {
        broken(with(|draft| code(draft).mask = Some(mask)), "invalid verify_code_config.verify_code_type");
    }
    for length in [-4, 0, 3, 11, 260, i64::MIN] {
        broken(with(|draft| code(draft).length = Some(length)), "invalid verify_code_config.verify_code_len");
    }
    for ttl in [-1, 0, 11, 257] {
        broken(with(|draft| code(draft).ttl = Some(ttl)), "invalid verify_code_config.verify_code_ttl");
    }
    for (mask, length) in (1..=7).flat_map(|mask| (4..=10).map(move |length| (mask, length))) {
        assert!(with(|draft| (code(draft).mask, code(draft).length) = (Some(mask), Some(length))).is_ok());
    }
}

#[test]
fn whatsapp_takes_three_lifetimes_and_the_others_all_ten() {
    for ttl in 1..=10 {
        let fits = with(|draft| code(draft).ttl = Some(ttl));
        assert_eq!(fits.is_ok(), [1, 5, 10].contains(&ttl), "{ttl}");
        let alone = with(|draft| (code(draft).ttl, draft.strategy) = (Some(ttl), Some("sms".into())));
        assert!(alone.is_ok(), "{ttl}");
    }
    assert_eq!(with(|draft| code(draft).ttl = Some(2)), Err(TemplateFault::TtlNotForWhatsapp));
    assert!(!TemplateFault::TtlNotForWhatsapp.is_field() && TemplateFault::Missing("x").is_field());
}

#[test]
fn our_own_texts_need_type_one_and_both_flags() {
    let whatsapp = |change: fn(&mut SpokenDraft)| with(|draft| change(draft.whatsapp.as_mut().unwrap()));
    broken(whatsapp(|it| it.kind = None), "whatsapp_config.template_type is required");
    broken(whatsapp(|it| it.kind = Some(2)), "invalid whatsapp_config.template_type");
    broken(whatsapp(|it| it.text = None), "whatsapp_config.template_default_config is required");
    let without = |text: DefaultTextDraft| {
        with(|draft| {
            draft.strategy = Some("voice".into());
            draft.voice = Some(SpokenDraft { kind: Some(1), text: Some(text) });
        })
    };
    broken(
        without(DefaultTextDraft { security: None, ..flags() }),
        "voice_config.template_default_config.contain_security is required",
    );
    broken(
        without(DefaultTextDraft { expire: None, ..flags() }),
        "voice_config.template_default_config.contain_expire is required",
    );
}

#[test]
fn an_sms_text_is_ours_or_the_applications() {
    broken(with(|draft| sms(draft).kind = None), "sms_config.template_type is required");
    broken(with(|draft| sms(draft).kind = Some(3)), "invalid sms_config.template_type");
    broken(with(|draft| sms(draft).custom = None), &format!("{CUSTOM} is required"));
    broken(with(|draft| custom(draft).sub_type = None), &format!("{CUSTOM}.custom_sub_type is required"));
    broken(with(|draft| custom(draft).sub_type = Some("otp".into())), &format!("invalid {CUSTOM}.custom_sub_type"));
    broken(with(|draft| custom(draft).content = None), &format!("{CUSTOM}.custom_content is required"));
    for content in ["\0", "a\u{1b}[2J", &"x".repeat(1531), &"{{a}}".repeat(65)] {
        let content = Some(content.to_owned());
        broken(with(|draft| custom(draft).content = content), &format!("invalid {CUSTOM}.custom_content"));
    }
    let ours = with(|draft| {
        *sms(draft) = SmsDraft { kind: Some(1), default: Some(flags()), custom: Some(CustomSmsDraft::default()) };
    });
    assert!(matches!(ours.unwrap().sms, Some(SmsConfig::Default { unused: None, .. })));
}

#[test]
fn an_authentication_text_holds_the_code() {
    assert_eq!(
        with(|draft| custom(draft).content = Some("Your code is {code}".into())),
        Err(TemplateFault::CodeNotInContent)
    );
    assert!(with(|draft| custom(draft).content = Some("Your code is {{ code }}".into())).is_ok());
}

#[test]
fn only_texts_without_a_code_do_without_a_code_configuration() {
    let marketing = |content: &str| {
        with(|draft| {
            draft.strategy = Some("sms".into());
            draft.code = None;
            custom(draft).sub_type = Some("marketing".into());
            custom(draft).content = Some(content.to_owned());
        })
    };
    let sale = marketing("Sale, {{name}}!").unwrap();
    assert!(!sale.is_code_template());
    assert_eq!(sale.template_parts(), Some(1));
    broken(marketing("Coupon {{code}}"), "verify_code_config is required");
    let ignored = with(|draft| {
        draft.strategy = Some("sms".into());
        custom(draft).sub_type = Some("utility".into());
        custom(draft).content = Some("No number here".into());
    });
    assert!(ignored.unwrap().code.is_none());
}

#[test]
fn email_rules_name_their_field() {
    let path = |field: &str| format!("email_config.template_custom_configs.{field}");
    assert!(with_mail(|_| {}).is_ok());
    broken(with_mail(|mail| mail.language = None), &format!("{} is required", path("language")));
    broken(with_mail(|mail| mail.language = Some("fr".into())), &format!("invalid {}", path("language")));
    broken(with_mail(|mail| mail.from_mail = None), &format!("{} is required", path("pre_from_mail")));
    broken(with_mail(|mail| mail.subject = None), &format!("{} is required", path("pre_subject")));
    broken(with_mail(|mail| mail.content = None), &format!("{} is required", path("template_content")));
    let name = with(|draft| {
        draft.strategy = Some("email".into());
        draft.email.as_mut().unwrap().name = None;
    });
    broken(name, "email_config.template_name is required");
    let twice = with(|draft| {
        draft.strategy = Some("email".into());
        let texts = &mut draft.email.as_mut().unwrap().texts;
        texts.push(texts[0].clone());
    });
    broken(twice, &format!("invalid {}", path("language")));
    let many = (0..21).map(|number| (number.to_string(), String::new())).collect();
    broken(with_mail(|mail| mail.presets = many), &format!("invalid {}", path("pre_param_map")));
}

#[test]
fn no_line_end_gets_into_the_head_of_a_mail() {
    let path = |field: &str| format!("invalid email_config.template_custom_configs.{field}");
    for bad in ["a\r\nBcc: x@y.z", "a\nb", "a\rb", "a\0b", "a\u{85}b"] {
        broken(with_mail(|mail| mail.subject = Some(bad.to_owned())), &path("pre_subject"));
        broken(with_mail(|mail| mail.from_name = Some(bad.to_owned())), &path("pre_from_name"));
        broken(with_mail(|mail| mail.from_mail = Some(format!("{bad}@y.z"))), &path("pre_from_mail"));
        broken(with_mail(|mail| mail.presets = vec![("n".into(), bad.to_owned())]), &path("pre_param_map"));
    }
    for bad in ["nobody", "a@localhost", "\"a b\"@b.com", "A <a@b.com>"] {
        broken(with_mail(|mail| mail.from_mail = Some(bad.to_owned())), &path("pre_from_mail"));
    }
}

#[test]
fn pwa_values_are_segments_of_a_url() {
    let set = |value: &str| with(|draft| draft.pwa.as_mut().unwrap().code = Some(value.to_owned()));
    assert!(set("").is_ok() && set("A1-._~").is_ok());
    for bad in ["a/b", "a b", "..", "?x", "#", "a\n"] {
        broken(set(bad), "invalid pwa_config.pwa_code");
    }
}

#[test]
fn parts_count_the_brand_and_a_code_of_full_length() {
    let parts = |content: String| {
        with(|draft| {
            draft.strategy = Some("sms".into());
            custom(draft).content = Some(content);
            code(draft).length = Some(10);
        })
        .unwrap()
        .template_parts()
    };
    assert_eq!(parts(format!("{}{{{{code}}}}", "x".repeat(150))), Some(1));
    assert_eq!(parts(format!("{}{{{{code}}}}", "x".repeat(151))), Some(2));
    assert_eq!(parts(format!("{}{{{{code}}}}{{{{brand_name}}}}", "字".repeat(50))), Some(1));
    assert_eq!(parts(format!("{}{{{{code}}}}{{{{brand_name}}}}", "字".repeat(51))), Some(2));
}
