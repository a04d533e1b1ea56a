//! Values within HTML and XML.

/// Appends `value`, with what has a meaning there as entities that both know.
pub fn push_escaped(text: &mut String, value: &str) {
    for character in value.chars() {
        match entity(character) {
            Some(entity) => text.push_str(entity),
            None => text.push(character),
        }
    }
}

const fn entity(character: char) -> Option<&'static str> {
    match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        _ => None,
    }
}
