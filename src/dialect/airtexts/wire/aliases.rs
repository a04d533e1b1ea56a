//! Fields with several names (spec 2.2). Where two names of one field are given, the first one counts.

use crate::http::{Loose, Word};

/// A text that may be given; what is none counts as not given.
pub(in super::super) type Given = Option<Loose<Word>>;

/// The first one that is not empty.
pub(in super::super) fn first<const N: usize>(words: [Given; N]) -> Option<String> {
    words.into_iter().flatten().find_map(|word| word.0.ok()?.0)
}

/// For the examples of the document.
pub(in super::super) fn word(text: &str) -> Loose<Word> {
    Loose(Ok(Word(Some(text.to_owned()))))
}
