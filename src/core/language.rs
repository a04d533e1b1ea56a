//! The languages of texts (spec 4.1).

use serde::{Deserialize, Serialize};

/// A language a template may be written in; `default` is one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Language {
    /// The template's own default.
    #[default]
    #[serde(rename = "default")]
    Default,
    /// Chinese, simplified.
    #[serde(rename = "zh_CN")]
    ZhCn,
    /// Chinese, traditional.
    #[serde(rename = "zh_HK")]
    ZhHk,
    /// English.
    #[serde(rename = "en")]
    En,
    /// Japanese.
    #[serde(rename = "ja")]
    Ja,
    /// Thai.
    #[serde(rename = "th")]
    Th,
    /// Spanish.
    #[serde(rename = "es")]
    Es,
}

impl Language {
    /// Every language, in the order of the spec.
    pub const ALL: [Self; 7] = [Self::Default, Self::ZhCn, Self::ZhHk, Self::En, Self::Ja, Self::Th, Self::Es];

    /// The word on the wire.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::ZhCn => "zh_CN",
            Self::ZhHk => "zh_HK",
            Self::En => "en",
            Self::Ja => "ja",
            Self::Th => "th",
            Self::Es => "es",
        }
    }

    /// Reads the exact word. A send with an unknown one uses `default` (spec 10, row 18); a template may not name one.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag() == tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_back_and_serde_uses_them() {
        for language in Language::ALL {
            assert_eq!(Language::parse(language.tag()), Some(language));
            assert_eq!(serde_json::to_value(language).unwrap(), language.tag());
        }
        for tag in ["", "EN", "zh", "zh-CN", "zh_cn", "fr"] {
            assert_eq!(Language::parse(tag), None, "{tag:?}");
        }
    }
}
