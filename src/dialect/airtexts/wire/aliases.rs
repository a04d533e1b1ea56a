//! Fields with several names (spec 2.2). Where two names of one field are given, the first one counts.

use poem_openapi::Object;

use crate::http::{Loose, Word};

/// A text that may be given; what is none counts as not given.
pub(in super::super) type Given = Option<Loose<Word>>;

/// Whose OTP it is.
#[derive(Debug, Clone, Default, Object)]
#[oai(rename = "AppId")]
pub(in super::super) struct AppId {
    /// Name of an application that the credentials own; `app_id` and `appId` are read as well.
    appid: Given,
    app_id: Given,
    #[oai(rename = "appId")]
    app_id_in_one: Given,
}

/// Who gets it.
#[derive(Debug, Clone, Default, Object)]
#[oai(rename = "RecipientFields")]
pub(in super::super) struct To {
    /// Phone number in international form; `+`, blanks, dashes and brackets do not matter.
    recipient: Given,
    /// Another name of `recipient`.
    phone: Given,
    /// Another name of `recipient`.
    to: Given,
}

/// In whose name it is sent.
#[derive(Debug, Clone, Default, Object)]
#[oai(rename = "SenderFields")]
pub(in super::super) struct From {
    /// Name in the text, up to 11 letters and digits; the configuration may allow certain ones only.
    from: Given,
    /// Another name of `from`.
    sender: Given,
    /// Another name of `from`.
    sender_id: Given,
}

impl AppId {
    pub(in super::super) fn into_text(self) -> Option<String> {
        first([self.appid, self.app_id, self.app_id_in_one])
    }

    /// For the examples of the document.
    pub(in super::super) fn of(name: &str) -> Self {
        Self { appid: Some(word(name)), ..Self::default() }
    }
}

impl To {
    pub(in super::super) fn into_text(self) -> Option<String> {
        first([self.recipient, self.phone, self.to])
    }

    pub(in super::super) fn of(number: &str) -> Self {
        Self { recipient: Some(word(number)), ..Self::default() }
    }
}

impl From {
    pub(in super::super) fn into_text(self) -> Option<String> {
        first([self.from, self.sender, self.sender_id])
    }

    pub(in super::super) fn of(name: &str) -> Self {
        Self { from: Some(word(name)), ..Self::default() }
    }
}

/// The first one that is not empty.
pub(in super::super) fn first<const N: usize>(words: [Given; N]) -> Option<String> {
    words.into_iter().flatten().find_map(|word| word.0.ok()?.0)
}

/// For the examples of the document.
pub(in super::super) fn word(text: &str) -> Loose<Word> {
    Loose(Ok(Word(Some(text.to_owned()))))
}
