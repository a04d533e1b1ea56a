//! Fields with several names (spec 2.2). Where two names of one field are given, the first one counts.

use poem_openapi::Object;

use super::loose::Word;

/// Whose OTP it is.
#[derive(Debug, Clone, Default, Object)]
#[oai(rename = "AppId")]
pub(in super::super) struct AppId {
    /// Name of an application that the credentials own; `app_id` and `appId` are read as well.
    appid: Option<Word>,
    app_id: Option<Word>,
    #[oai(rename = "appId")]
    app_id_in_one: Option<Word>,
}

/// Who gets it.
#[derive(Debug, Clone, Default, Object)]
#[oai(rename = "RecipientFields")]
pub(in super::super) struct To {
    /// Phone number in international form; `+`, blanks, dashes and brackets do not matter.
    recipient: Option<Word>,
    /// Another name of `recipient`.
    phone: Option<Word>,
    /// Another name of `recipient`.
    to: Option<Word>,
}

/// In whose name it is sent.
#[derive(Debug, Clone, Default, Object)]
#[oai(rename = "SenderFields")]
pub(in super::super) struct From {
    /// Name in the text, up to 11 letters and digits; the configuration may allow certain ones only.
    from: Option<Word>,
    /// Another name of `from`.
    sender: Option<Word>,
    /// Another name of `from`.
    sender_id: Option<Word>,
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
pub(in super::super) fn first<const N: usize>(words: [Option<Word>; N]) -> Option<String> {
    words.into_iter().flatten().map(|word| word.0).find(|text| !text.is_empty())
}

pub(in super::super) fn word(text: &str) -> Word {
    Word(text.to_owned())
}
