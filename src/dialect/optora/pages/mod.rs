//! Pages for people: what becomes of a link, and the page that shows this API and tries it out. Everything is in the page
//! itself, and nothing else may run in it: its policy names the digests of its style and its script.

mod docs;
mod link;

use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

use crate::core::markup::push_escaped;

pub use docs::docs_page;
pub(super) use link::{Page, link_page, link_policy};

/// The source that a policy allows for what stands between the tags of an inline element.
fn source(inline: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(inline)))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    push_escaped(&mut escaped, text);
    escaped
}
