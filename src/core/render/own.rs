//! Puts our own phrases together (spec 4.6: the service's texts are not published, these are ours).

use zeroize::Zeroizing;

use super::{
    fill::{Form, Scope, fill, fill_into},
    phrases::{Phrases, phrases},
};
use crate::core::{language::Language, plan::Content, template::DefaultText};

/// SMS and `WhatsApp`: the brand, the code, then what `extras` asks for.
pub(super) fn short(language: Language, extras: DefaultText, scope: &Scope<'_>) -> String {
    let phrases = phrases(language);
    let scope = scope.own(scope.code);
    let mut text = String::with_capacity(256);
    if scope.brand_name.is_some() {
        fill_into(&mut text, phrases.brand, &scope, Form::Plain);
    }
    fill_into(&mut text, phrases.code, &scope, Form::Plain);
    add_extras(&mut text, phrases, extras, &scope);
    text
}

/// A call: the code character by character, twice.
pub(super) fn spoken(language: Language, extras: DefaultText, scope: &Scope<'_>) -> String {
    let phrases = phrases(language);
    let spelled = scope.code.map(|code| spell(code, phrases.pause));
    let scope = scope.own(spelled.as_ref().map(|code| code.as_str()));
    let sentence = if scope.brand_name.is_some() { phrases.call_brand } else { phrases.call };
    let mut text = String::with_capacity(512);
    fill_into(&mut text, sentence, &scope, Form::Plain);
    add_extras(&mut text, phrases, extras, &scope);
    text
}

/// A mail, for a template that brings none.
pub(super) fn mail(language: Language, extras: DefaultText, scope: &Scope<'_>) -> Content {
    const PAGE: &str = "<!doctype html>\n<html lang=\"";
    const BODY: &str = "\">\n<body style=\"font-family:sans-serif;font-size:16px;line-height:1.5\">\n";
    const CODE: &str = "<p style=\"font-size:28px;font-weight:bold;letter-spacing:4px\">{{code}}</p>\n";
    let phrases = phrases(language);
    let scope = scope.own(scope.code);
    let mut subject = String::new();
    let mut html = String::with_capacity(512);
    html.extend([PAGE, phrases.html_lang, BODY]);
    if scope.brand_name.is_some() {
        fill_into(&mut subject, phrases.brand, &scope, Form::Line);
        fill_into(&mut html, "<p><strong>{{brand_name}}</strong></p>\n", &scope, Form::Html);
    }
    subject.push_str(phrases.mail_subject);
    html.extend(["<p>", phrases.mail_lead, "</p>\n"]);
    fill_into(&mut html, CODE, &scope, Form::Html);
    html.push_str("<p>");
    let mut notes = String::new();
    add_extras(&mut notes, phrases, extras, &scope);
    html.extend([notes.trim_start(), "</p>\n</body>\n</html>\n"]);
    let from_name = scope.brand_name.map(|_| fill("{{brand_name}}", &scope, Form::Line));
    Content::Mail { from_name, from_mail: None, subject, html }
}

/// How long the code is good, then the security tip.
fn add_extras(text: &mut String, phrases: &Phrases, extras: DefaultText, scope: &Scope<'_>) {
    if let Some(ttl) = scope.ttl.filter(|_| extras.contain_expire) {
        text.push_str(phrases.gap);
        fill_into(text, if ttl == "1" { phrases.valid_one } else { phrases.valid }, scope, Form::Plain);
    }
    if extras.contain_security {
        text.push_str(phrases.gap);
        text.push_str(phrases.security);
    }
}

/// `1, 2, 3`.
fn spell(code: &str, pause: &str) -> Zeroizing<String> {
    let mut spelled = Zeroizing::new(String::with_capacity(code.len() * (1 + pause.len())));
    for character in code.chars() {
        if !spelled.is_empty() {
            spelled.push_str(pause);
        }
        spelled.push(character);
    }
    spelled
}
