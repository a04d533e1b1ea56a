//! The mails: one layout, a sentence for each template, six languages (spec 1.7). The words are ours.

mod phrases;

use std::time::Duration;

use serde_json::Value;

use crate::{
    core::{markup::push_escaped, plan::Content},
    service::Draft,
};
use phrases::{Phrases, phrases};

/// What mails are written in: the languages of the service's own pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Korean.
    Ko,
    /// English.
    En,
    /// German.
    De,
    /// Japanese.
    Ja,
    /// Chinese, simplified.
    Zh,
    /// French.
    Fr,
}

impl Language {
    /// Every language.
    pub(super) const ALL: [Self; 6] = [Self::Ko, Self::En, Self::De, Self::Ja, Self::Zh, Self::Fr];

    /// As HTML names it.
    pub(super) const fn tag(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
            Self::De => "de",
            Self::Ja => "ja",
            Self::Zh => "zh",
            Self::Fr => "fr",
        }
    }

    fn parse(tag: &str) -> Self {
        Self::ALL.into_iter().find(|language| language.tag() == tag).unwrap_or(Self::En)
    }
}

/// What a code is for (spec 1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Template {
    Login,
    Signup,
    Reset,
    /// Where the caller names none.
    Neutral,
}

impl Template {
    /// Every template.
    const ALL: [Self; 4] = [Self::Login, Self::Signup, Self::Reset, Self::Neutral];

    /// The word that callers use; [`Template::Neutral`] has one for operators.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Signup => "signup",
            Self::Reset => "reset",
            Self::Neutral => "verification",
        }
    }

    /// Reads what a caller names.
    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| *template != Self::Neutral && template.as_str() == word)
    }

    fn of(draft: &Draft<'_>) -> Self {
        let word = draft.extra.get("template").and_then(Value::as_str).unwrap_or_default();
        Self::parse(word).unwrap_or(Self::Neutral)
    }
}

/// The mail of a draft.
pub(super) fn mail(draft: &Draft<'_>) -> Content {
    const CODE: &str = "<p style=\"font-size:32px;font-weight:bold;letter-spacing:8px\">";
    const SMALL: &str = "<p style=\"font-size:13px;color:gray\">";
    let language = Language::parse(draft.language);
    let phrases = phrases(language);
    let (subject, lead) = phrases.of(Template::of(draft));
    let mut html = String::with_capacity(768);
    html.extend(["<!doctype html>\n<html lang=\"", language.tag(), "\">\n"]);
    html.push_str("<body style=\"font-family:sans-serif;font-size:16px;line-height:1.5\">\n");
    html.extend(["<p>", lead, "</p>\n", CODE]);
    push_escaped(&mut html, draft.code);
    html.extend(["</p>\n<p>", &valid(phrases, draft.life), "</p>\n"]);
    html.extend([SMALL, phrases.ignore, "</p>\n</body>\n</html>\n"]);
    Content::Mail { from_name: None, from_mail: None, subject: subject.to_owned(), html }
}

/// Whole minutes that it is valid for sure.
fn valid(phrases: &Phrases, life: Duration) -> String {
    match life.as_secs() / 60 {
        0 | 1 => phrases.valid_one.to_owned(),
        minutes => phrases.valid.replace("{{minutes}}", &minutes.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use serde_json::{Map, json};

    use super::*;
    use crate::core::recipient::Recipient;

    fn written(language: Language, template: Template, life: Duration) -> String {
        let mut extra = Map::new();
        extra.insert("template".to_owned(), json!(template.as_str()));
        let recipient = Recipient::parse("jane@example.com").unwrap();
        let draft = Draft {
            code: "012345",
            link_token: None,
            life,
            recipient: &recipient,
            sender: None,
            language: language.tag(),
            extra: &extra,
        };
        match mail(&draft) {
            Content::Mail { from_name: None, from_mail: None, ref subject, ref html } => format!("{subject}\n{html}"),
            _ => panic!("another kind of message, or a sender of its own"),
        }
    }

    #[test]
    fn the_mails_are_as_on_this_page() {
        let minutes = Duration::from_mins(5);
        let mails = Language::ALL.map(|language| {
            Template::ALL.map(|template| format!("{template:?} {}", written(language, template, minutes))).concat()
        });
        assert_snapshot!("mails", mails.concat());
    }

    #[test]
    fn a_mail_never_promises_more_time_than_there_is() {
        let says = |seconds| written(Language::En, Template::Neutral, Duration::from_secs(seconds));
        for seconds in [60, 119] {
            assert!(says(seconds).contains("valid for 1 minute."), "{seconds}");
        }
        assert!(says(120).contains("valid for 2 minutes."));
        assert!(says(3600).contains("valid for 60 minutes."));
        assert!(says(299).contains("valid for 4 minutes."));
    }

    #[test]
    fn callers_name_three_templates() {
        let read = ["login", "signup", "reset", "verification", "Login", ""].map(Template::parse);
        let named = [Some(Template::Login), Some(Template::Signup), Some(Template::Reset), None, None, None];
        assert_eq!(read, named);
    }
}
