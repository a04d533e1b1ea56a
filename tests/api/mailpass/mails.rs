//! What arrives (spec 1.7).

use serde_json::json;

use super::client::{MailPass, code_in, session_of};
use crate::harness::EMAIL;

/// Subject and the words before the code, of a mail of this template.
async fn words(api: &MailPass, template: &str) -> (String, String) {
    session_of(&api.send(json!({"email": EMAIL, "template": template})).await);
    let mail = api.app.last().await;
    let html = mail.html.unwrap();
    assert_eq!(code_in(&html).len(), 6);
    let (_, rest) = html.split_once("<p>").unwrap();
    (mail.subject.unwrap(), rest.split_once("</p>").unwrap().0.to_owned())
}

#[tokio::test]
async fn each_template_says_what_its_code_is_for() {
    let api = MailPass::new().await;
    let cases = [
        ("login", "Your sign-in code", "Use this code to sign in:"),
        ("signup", "Your sign-up code", "Use this code to finish signing up:"),
        ("reset", "Your password reset code", "Use this code to reset your password:"),
        ("", "Your verification code", "Use this code to confirm your email address:"),
    ];
    for (template, subject, lead) in cases {
        assert_eq!(words(&api, template).await, (subject.to_owned(), lead.to_owned()), "{template}");
    }
}

#[tokio::test]
async fn the_operator_chooses_the_language() {
    let cases = [
        ("ko", "로그인 인증 코드"),
        ("en", "Your sign-in code"),
        ("de", "Ihr Code zur Anmeldung"),
        ("ja", "ログイン用の認証コード"),
        ("zh", "登录验证码"),
        ("fr", "Votre code de connexion"),
    ];
    for (language, subject) in cases {
        let api = MailPass::with(&format!("[mailpass]\nlanguage = '{language}'")).await;
        assert_eq!(words(&api, "login").await.0, subject);
    }
}

#[tokio::test]
async fn a_resend_brings_the_same_words() {
    let api = MailPass::with("[mailpass]\nlanguage = 'de'").await;
    let sent = api.send(json!({"email": EMAIL, "template": "reset", "expires_in": 60})).await;
    let first = api.app.last().await.html.unwrap();
    assert_eq!(api.resend(&session_of(&sent)).await.status, 200);
    let second = api.app.last().await.html.unwrap();
    assert_eq!(first.replace(&code_in(&first), "[code]"), second.replace(&code_in(&second), "[code]"));
    assert!(second.contains("Der Code gilt 1 Minute."), "{second}");
}
