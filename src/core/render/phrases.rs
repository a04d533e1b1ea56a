//! Our own words in every language.

use crate::core::language::Language;

/// The words of one language. A short text with a ten-letter brand and all extras fits one SMS.
pub(super) struct Phrases {
    /// Stands before the rest when the template has a brand.
    pub(super) brand: &'static str,
    /// The one sentence every message has.
    pub(super) code: &'static str,
    /// How long the code is good, in minutes.
    pub(super) valid: &'static str,
    /// The same for one minute.
    pub(super) valid_one: &'static str,
    /// The security tip.
    pub(super) security: &'static str,
    /// Between sentences.
    pub(super) gap: &'static str,
    /// A call.
    pub(super) call: &'static str,
    /// A call in the name of a brand.
    pub(super) call_brand: &'static str,
    /// Between the characters of a code that is read out.
    pub(super) pause: &'static str,
    /// Subject of a mail.
    pub(super) mail_subject: &'static str,
    /// Stands before the code in a mail.
    pub(super) mail_lead: &'static str,
    /// The language as HTML names it.
    pub(super) html_lang: &'static str,
}

pub(super) const fn phrases(language: Language) -> &'static Phrases {
    match language {
        Language::Default | Language::En => &EN,
        Language::ZhCn => &ZH_CN,
        Language::ZhHk => &ZH_HK,
        Language::Ja => &JA,
        Language::Th => &TH,
        Language::Es => &ES,
    }
}

const EN: Phrases = Phrases {
    brand: "[{{brand_name}}] ",
    code: "{{code}} is your verification code.",
    valid: "It is valid for {{ttl}} minutes.",
    valid_one: "It is valid for 1 minute.",
    security: "Do not share it with anyone.",
    gap: " ",
    call: "Hello. Your verification code is: {{code}}. Again, your code is: {{code}}.",
    call_brand: "Hello. Your {{brand_name}} verification code is: {{code}}. Again, your code is: {{code}}.",
    pause: ", ",
    mail_subject: "Your verification code",
    mail_lead: "Your verification code is:",
    html_lang: "en",
};

const ZH_CN: Phrases = Phrases {
    brand: "【{{brand_name}}】",
    code: "您的验证码是 {{code}}。",
    valid: "验证码 {{ttl}} 分钟内有效。",
    valid_one: "验证码 1 分钟内有效。",
    security: "请勿告知他人。",
    gap: "",
    call: "您好，您的验证码是：{{code}}。再重复一次：{{code}}。",
    call_brand: "您好，您的 {{brand_name}} 验证码是：{{code}}。再重复一次：{{code}}。",
    pause: "，",
    mail_subject: "您的验证码",
    mail_lead: "您的验证码是：",
    html_lang: "zh-CN",
};

const ZH_HK: Phrases = Phrases {
    brand: "【{{brand_name}}】",
    code: "您的驗證碼是 {{code}}。",
    valid: "驗證碼 {{ttl}} 分鐘內有效。",
    valid_one: "驗證碼 1 分鐘內有效。",
    security: "請勿告知他人。",
    gap: "",
    call: "您好，您的驗證碼是：{{code}}。再重複一次：{{code}}。",
    call_brand: "您好，您的 {{brand_name}} 驗證碼是：{{code}}。再重複一次：{{code}}。",
    pause: "，",
    mail_subject: "您的驗證碼",
    mail_lead: "您的驗證碼是：",
    html_lang: "zh-HK",
};

const JA: Phrases = Phrases {
    brand: "【{{brand_name}}】",
    code: "認証コードは {{code}} です。",
    valid: "有効期限は {{ttl}} 分です。",
    valid_one: "有効期限は 1 分です。",
    security: "他の人に教えないでください。",
    gap: "",
    call: "認証コードをお知らせします。{{code}}。繰り返します。{{code}}。",
    call_brand: "{{brand_name}} の認証コードをお知らせします。{{code}}。繰り返します。{{code}}。",
    pause: "、",
    mail_subject: "認証コードのお知らせ",
    mail_lead: "認証コードは次のとおりです。",
    html_lang: "ja",
};

const TH: Phrases = Phrases {
    brand: "[{{brand_name}}] ",
    code: "{{code}} คือรหัสยืนยันของคุณ",
    valid: "ใช้ได้ {{ttl}} นาที",
    valid_one: "ใช้ได้ 1 นาที",
    security: "ห้ามบอกผู้อื่น",
    gap: " ",
    call: "สวัสดี รหัสยืนยันของคุณคือ {{code}} ขอทวนอีกครั้ง {{code}}",
    call_brand: "สวัสดี รหัสยืนยัน {{brand_name}} ของคุณคือ {{code}} ขอทวนอีกครั้ง {{code}}",
    pause: ", ",
    mail_subject: "รหัสยืนยันของคุณ",
    mail_lead: "รหัสยืนยันของคุณคือ",
    html_lang: "th",
};

/// The short sentences keep to letters of GSM-7: one accent would halve what fits into an SMS.
const ES: Phrases = Phrases {
    brand: "[{{brand_name}}] ",
    code: "{{code}} es tu clave de un solo uso.",
    valid: "Vence en {{ttl}} minutos.",
    valid_one: "Vence en 1 minuto.",
    security: "No la compartas con nadie.",
    gap: " ",
    call: "Hola. Tu clave de un solo uso es: {{code}}. Repito: {{code}}.",
    call_brand: "Hola. Tu clave de un solo uso de {{brand_name}} es: {{code}}. Repito: {{code}}.",
    pause: ", ",
    mail_subject: "Tu clave de un solo uso",
    mail_lead: "Tu clave de un solo uso es:",
    html_lang: "es",
};
