//! What messages say: the built-in text, or one of the configuration by its number (spec 2.7, 2.8).

use std::{collections::BTreeMap, time::Duration};

use crate::{core::plan::Content, service::Draft};

/// Where nothing else fits.
const FALLBACK: &str = "en";

/// The built-in text by language.
const BUILT_IN: [(&str, &str); 2] = [
    ("en", "Your {from} verification code is {code}. It expires in {minutes} minutes. Do not share it."),
    ("pt", "O seu código de verificação {from} é {code}. Expira em {minutes} minutos. Não o partilhe."),
];

/// A text by language.
type ByLanguage = BTreeMap<String, String>;

/// The texts of the configuration, by the number that requests name.
#[derive(Clone, Debug, Default)]
pub struct Texts(BTreeMap<i64, ByLanguage>);

impl Texts {
    /// Takes texts as the configuration has them: every one holds `{code}`.
    #[must_use]
    pub fn new(texts: BTreeMap<i64, ByLanguage>) -> Self {
        Self(texts.into_iter().map(|(number, texts)| (number, lower(texts))).collect())
    }

    /// Whether there is a text of that number.
    pub(super) fn has(&self, number: i64) -> bool {
        self.0.contains_key(&number)
    }

    /// The message of a draft; one whose text is gone says what the built-in one says.
    pub(super) fn write(&self, number: Option<i64>, draft: &Draft<'_>) -> Content {
        let own = number.and_then(|number| self.0.get(&number));
        let text = own.map_or_else(|| built_in(draft.language), |texts| chosen(texts, draft.language));
        Content::Text { text: fill(text, draft.code, draft.sender.unwrap_or_default(), draft.life) }
    }
}

fn lower(texts: ByLanguage) -> ByLanguage {
    texts.into_iter().map(|(language, text)| (tag(&language), text)).collect()
}

/// `pt_BR` is `pt-br`.
fn tag(language: &str) -> String {
    language.to_ascii_lowercase().replace('_', "-")
}

/// The language itself, then without its region, then English.
fn candidates(language: &str) -> [String; 3] {
    let whole = tag(language);
    let bare = whole.split('-').next().unwrap_or_default().to_owned();
    [whole, bare, FALLBACK.to_owned()]
}

fn built_in(language: &str) -> &'static str {
    let known = |candidate: &String| BUILT_IN.iter().find(|(language, _)| language == candidate);
    candidates(language).iter().find_map(known).map_or(BUILT_IN[0].1, |(_, text)| text)
}

fn chosen<'a>(texts: &'a ByLanguage, language: &str) -> &'a str {
    let known = candidates(language).iter().find_map(|candidate| texts.get(candidate));
    known.or_else(|| texts.values().next()).map_or("", String::as_str)
}

/// In one pass: what stands in a value is not looked at again.
fn fill(text: &str, code: &str, from: &str, life: Duration) -> String {
    let minutes = life.as_millis().div_ceil(60_000).to_string();
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let (before, tail) = rest.split_at(start);
        filled.push_str(before);
        let values = [("{code}", code), ("{from}", from), ("{minutes}", minutes.as_str())];
        let (used, value) = values
            .into_iter()
            .find(|(name, _)| tail.starts_with(name))
            .map_or((1, "{"), |(name, value)| (name.len(), value));
        filled.push_str(value);
        rest = &tail[used..];
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Duration = Duration::from_mins(10);

    fn texts(of: &[(&str, &str)]) -> ByLanguage {
        of.iter().map(|(language, text)| ((*language).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn our_own_texts_are_as_on_this_page() {
        let said = |language| fill(built_in(language), "123456", "YourApp", LIFE);
        assert_eq!(said("en"), "Your YourApp verification code is 123456. It expires in 10 minutes. Do not share it.");
        let portuguese = "O seu código de verificação YourApp é 123456. Expira em 10 minutos. Não o partilhe.";
        assert_eq!([said("pt"), said("pt-BR"), said("PT_br")], [portuguese; 3]);
        assert_eq!(said("fr"), said("en"));
    }

    #[test]
    fn a_text_of_the_configuration_is_found_by_its_language() {
        let all = texts(&[("en", "a"), ("pt", "b"), ("pt-br", "c")]);
        for (language, text) in [("pt-BR", "c"), ("pt_PT", "b"), ("en", "a"), ("fr", "a"), ("", "a")] {
            assert_eq!(chosen(&all, language), text, "{language}");
        }
        assert_eq!(chosen(&texts(&[("fr", "d")]), "pt"), "d");
    }

    #[test]
    fn values_are_put_in_once_and_nothing_else_is_read() {
        assert_eq!(fill("{from}: {code} {other} {", "1", "{code}", Duration::from_secs(61)), "{code}: 1 {other} {");
        assert_eq!(fill("{minutes}", "", "", Duration::from_secs(61)), "2");
    }
}
