use rusmpp::{CommandStatus, Pdu};

use super::*;
use crate::{
    channel::smpp::wire::unit,
    core::{channel::Channel, entropy::SeededEntropy, hex::hex, id::MessageId},
};

const LANGUAGES: [&str; 16] = [
    "123456 is your verification code.",
    "【商店】您的验证码是 735912，5 分钟内有效。",
    "【商店】您的驗證碼是 735912，5 分鐘內有效。",
    "ショップ: 認証コードは 735912 です。",
    "상점: 인증번호는 735912입니다.",
    "รหัสของคุณคือ 735912",
    "Mã xác minh của bạn là 735912",
    "رمزك هو 735912",
    "הקוד שלך הוא 735912",
    "Ваш код 735912",
    "Ο κωδικός σας είναι 735912",
    "आपका कोड 735912 है",
    "Su código es 735912",
    "Votre code est 735912, ne le partagez pas à l'accueil",
    "Ihr Code lautet 735912 — nicht weitergeben",
    "Doğrulama kodunuz 735912",
];

/// Whatever else may go wrong: ends of the alphabets, lengths at the limits, codes at the seams.
fn texts() -> Vec<String> {
    let mut texts: Vec<_> = LANGUAGES.iter().map(|text| (*text).to_owned()).collect();
    texts.extend(
        [
            "",
            "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ",
            "^{}\\[~]|€\u{c}",
            "{{code}} \u{0}",
            "👍🏽 735912",
            "a\tb",
            "`735912`",
            "\u{202e}735912",
        ]
        .map(str::to_owned),
    );
    texts.push("a".repeat(160));
    texts.push("a".repeat(161));
    texts.push("字".repeat(70));
    texts.push("字".repeat(71));
    texts.push(format!("{} 735912 {}", "a".repeat(148), "b".repeat(10)));
    texts.push(format!("{} 735912 {}", "字".repeat(63), "b".repeat(10)));
    texts.push("€".repeat(100));
    texts.push("👍".repeat(40));
    texts
}

fn writer(long: LongMessages) -> Writer {
    let settings = SmppSettings {
        source: "Shop".to_owned(),
        long_messages: long,
        ..SmppSettings::new("localhost", "otp", "secret")
    };
    Writer::new(&settings, &SeededEntropy::new(1)).unwrap()
}

/// The submitted units, in hexadecimal.
fn units(writer: &Writer, text: &str) -> Vec<String> {
    let content = Content::Text { text: text.to_owned() };
    let recipient = Recipient::parse("+6591234567").unwrap();
    let message = Outgoing {
        message_id: MessageId(1),
        recipient: &recipient,
        channel: Channel::Sms,
        content: &content,
        sender: None,
        language: "en",
        code: None,
        expires_at: Timestamp::from_millis(300_000),
        until: std::time::Instant::now(),
    };
    let messages = writer.messages(&message, Timestamp::default()).unwrap();
    messages.into_iter().map(|message| hex(&unit(CommandStatus::EsmeRok, 7, Pdu::SubmitSm(message)))).collect()
}

#[test]
fn the_bytes_of_texts_do_not_change() {
    let writer = writer(LongMessages::Parts);
    let lines = texts().into_iter().map(|text| format!("{text:?}\n{}\n", units(&writer, &text).join("\n")));
    insta::assert_snapshot!(lines.collect::<String>());
}

#[test]
fn a_long_text_as_payload_is_one_unit_of_bytes_that_do_not_change() {
    let writer = writer(LongMessages::Payload);
    let short = "字".repeat(70);
    assert_eq!(units(&writer, &short), units(&self::writer(LongMessages::Parts), &short));
    insta::assert_snapshot!(units(&writer, &"字".repeat(71)).join("\n"));
}

#[test]
fn senders_go_by_their_form_unless_told_otherwise() {
    let of = |sender: &str, ton, npi| {
        let source = Source { address: String::new(), ton, npi };
        source.of(sender).map(|(ton, npi, address)| (u8::from(ton), u8::from(npi), address.as_str().to_owned()))
    };
    for (sender, ton, npi, address) in
        [("Shop", 5, 0, "Shop"), ("+6591234567", 1, 1, "6591234567"), ("74567", 0, 1, "74567"), ("", 0, 0, "")]
    {
        assert_eq!(of(sender, None, None), Some((ton, npi, address.to_owned())), "{sender}");
    }
    assert_eq!(of("74567", Some(3), Some(0)), Some((3, 0, "74567".to_owned())));
    for sender in ["a long name!", "Ünï", "a\nb", "+", "123456789012345678901"] {
        assert_eq!(of(sender, None, None), None, "{sender}");
    }
}

#[test]
fn the_validity_is_what_is_left() {
    for (seconds, text) in [
        (0, "000000000001000R"),
        (30, "000000000030000R"),
        (300, "000000000500000R"),
        (90_061, "000001010101000R"),
        (u64::MAX, "000028000000000R"),
    ] {
        assert_eq!(validity(Duration::from_secs(seconds)).as_str(), text, "{seconds}");
    }
}
