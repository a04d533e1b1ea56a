//! The words of every language.

use super::{Language, Template};

/// The words of one language.
pub(super) struct Phrases {
    /// Subject of a mail, and what stands before its code.
    login: (&'static str, &'static str),
    signup: (&'static str, &'static str),
    reset: (&'static str, &'static str),
    neutral: (&'static str, &'static str),
    /// How long the code is good.
    pub(super) valid: &'static str,
    /// The same for one minute.
    pub(super) valid_one: &'static str,
    /// For whoever did not ask for it.
    pub(super) ignore: &'static str,
}

impl Phrases {
    /// Subject and lead.
    pub(super) const fn of(&self, template: Template) -> (&'static str, &'static str) {
        match template {
            Template::Login => self.login,
            Template::Signup => self.signup,
            Template::Reset => self.reset,
            Template::Neutral => self.neutral,
        }
    }
}

pub(super) const fn phrases(language: Language) -> &'static Phrases {
    match language {
        Language::Ko => &KO,
        Language::En => &EN,
        Language::De => &DE,
        Language::Ja => &JA,
        Language::Zh => &ZH,
        Language::Fr => &FR,
    }
}

const KO: Phrases = Phrases {
    login: ("로그인 인증 코드", "로그인하려면 다음 코드를 입력하세요."),
    signup: ("가입 인증 코드", "가입을 완료하려면 다음 코드를 입력하세요."),
    reset: ("비밀번호 재설정 코드", "비밀번호를 재설정하려면 다음 코드를 입력하세요."),
    neutral: ("인증 코드", "이메일 주소를 확인하려면 다음 코드를 입력하세요."),
    valid: "코드는 {{minutes}}분 동안 유효합니다.",
    valid_one: "코드는 1분 동안 유효합니다.",
    ignore: "요청한 적이 없다면 이 메일을 무시하세요. 코드가 없으면 아무 일도 일어나지 않습니다.",
};

const EN: Phrases = Phrases {
    login: ("Your sign-in code", "Use this code to sign in:"),
    signup: ("Your sign-up code", "Use this code to finish signing up:"),
    reset: ("Your password reset code", "Use this code to reset your password:"),
    neutral: ("Your verification code", "Use this code to confirm your email address:"),
    valid: "The code is valid for {{minutes}} minutes.",
    valid_one: "The code is valid for 1 minute.",
    ignore: "Not you? Then ignore this message: without the code nothing happens.",
};

const DE: Phrases = Phrases {
    login: ("Ihr Code zur Anmeldung", "Mit diesem Code melden Sie sich an:"),
    signup: ("Ihr Code zur Registrierung", "Mit diesem Code schließen Sie Ihre Registrierung ab:"),
    reset: ("Ihr Code für ein neues Passwort", "Mit diesem Code setzen Sie Ihr Passwort zurück:"),
    neutral: ("Ihr Bestätigungscode", "Mit diesem Code bestätigen Sie Ihre E-Mail-Adresse:"),
    valid: "Der Code gilt {{minutes}} Minuten.",
    valid_one: "Der Code gilt 1 Minute.",
    ignore: "Das waren nicht Sie? Dann beachten Sie diese Nachricht nicht: Ohne den Code geschieht nichts.",
};

const JA: Phrases = Phrases {
    login: ("ログイン用の認証コード", "ログインするには、次のコードを入力してください。"),
    signup: ("登録用の認証コード", "登録を完了するには、次のコードを入力してください。"),
    reset: ("パスワード再設定用のコード", "パスワードを再設定するには、次のコードを入力してください。"),
    neutral: ("認証コード", "メールアドレスを確認するには、次のコードを入力してください。"),
    valid: "コードの有効期限は {{minutes}} 分です。",
    valid_one: "コードの有効期限は 1 分です。",
    ignore: "お心当たりがない場合は、このメールを無視してください。コードがなければ何も起こりません。",
};

const ZH: Phrases = Phrases {
    login: ("登录验证码", "请使用以下验证码登录："),
    signup: ("注册验证码", "请使用以下验证码完成注册："),
    reset: ("密码重置验证码", "请使用以下验证码重置密码："),
    neutral: ("验证码", "请使用以下验证码确认您的邮箱地址："),
    valid: "验证码 {{minutes}} 分钟内有效。",
    valid_one: "验证码 1 分钟内有效。",
    ignore: "如非本人操作，请忽略此邮件：没有验证码，什么也不会发生。",
};

const FR: Phrases = Phrases {
    login: ("Votre code de connexion", "Utilisez ce code pour vous connecter :"),
    signup: ("Votre code d’inscription", "Utilisez ce code pour terminer votre inscription :"),
    reset: ("Votre code de réinitialisation", "Utilisez ce code pour réinitialiser votre mot de passe :"),
    neutral: ("Votre code de vérification", "Utilisez ce code pour confirmer votre adresse e-mail :"),
    valid: "Le code est valable {{minutes}} minutes.",
    valid_one: "Le code est valable 1 minute.",
    ignore: "Ce n’était pas vous ? Ignorez ce message : sans le code, rien ne se passe.",
};
