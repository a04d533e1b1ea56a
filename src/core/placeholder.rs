//! `{{ name }}` in a template's text.

/// A stretch of a template's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words that go out as they are.
    Text(&'a str),
    /// A variable.
    Variable {
        /// Its name, without blanks around it.
        name: &'a str,
        /// As written, braces included; what goes out when nobody set it.
        source: &'a str,
    },
}

/// Cuts `text` into pieces, left to right, in linear time. Braces that enclose no name are words.
pub fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (piece, length) = next(rest)?;
        rest = &rest[length..];
        Some(piece)
    })
}

/// Whether `text` names the variable.
#[must_use]
pub fn mentions(text: &str, variable: &str) -> bool {
    pieces(text).any(|piece| matches!(piece, Piece::Variable { name, .. } if name == variable))
}

/// Number of variables in `text`.
#[must_use]
pub fn count(text: &str) -> usize {
    pieces(text).filter(|piece| matches!(piece, Piece::Variable { .. })).count()
}

fn next(text: &str) -> Option<(Piece<'_>, usize)> {
    if text.is_empty() {
        return None;
    }
    let mut from = 0;
    while let Some(found) = text[from..].find("{{") {
        let start = from + found;
        if let Some((name, length)) = variable(&text[start..]) {
            let source = &text[start..start + length];
            return Some(match start {
                0 => (Piece::Variable { name, source }, length),
                _ => (Piece::Text(&text[..start]), start),
            });
        }
        from = start + 1;
    }
    Some((Piece::Text(text), text.len()))
}

/// The variable at the start of `text`, and the length of its source. The search stops at the first brace.
fn variable(text: &str) -> Option<(&str, usize)> {
    let inner = text.strip_prefix("{{")?;
    let end = inner.find(['{', '}'])?;
    let name = inner[..end].trim_matches(' ');
    (inner[end..].starts_with("}}") && !name.is_empty()).then_some((name, end + 4))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shape(text: &str) -> String {
        let show = |piece| match piece {
            Piece::Text(text) => format!("'{text}'"),
            Piece::Variable { name, .. } => format!("<{name}>"),
        };
        pieces(text).map(show).collect()
    }

    #[test]
    fn texts_are_cut_at_their_variables() {
        for (text, expected) in [
            ("", ""),
            ("a", "'a'"),
            ("{{code}}", "<code>"),
            ("a {{ code }}.", "'a '<code>'.'"),
            ("{{a}}{{b}}", "<a><b>"),
            ("{{{code}}}", "'{'<code>'}'"),
            ("{{{{code}}}}", "'{{'<code>'}}'"),
            ("{{}} {{ }} {code} {{code} code}}", "'{{}} {{ }} {code} {{code} code}}'"),
            ("{{a {{b}}", "'{{a '<b>"),
            ("{{姓名}}", "<姓名>"),
            ("{{first name}}", "<first name>"),
        ] {
            assert_eq!(shape(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_pieces_make_up_the_text(text in "[{} a\u{3b1}]{0,40}|\\PC*") {
            let joined: String = pieces(&text).map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::Variable { source, .. } => source,
            }).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
