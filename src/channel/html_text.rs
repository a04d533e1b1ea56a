//! The words of an HTML email, for readers that show no HTML.

/// Elements whose content is not for reading.
const HIDDEN: [&str; 4] = ["head", "style", "script", "title"];
/// Elements that begin or end a line.
const BLOCKS: [&str; 16] =
    ["address", "blockquote", "br", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "p", "table", "td", "tr"];

/// Longest name or number between `&` and `;` that is read.
const LONGEST_REFERENCE: usize = 10;

/// The text of `html`: tags, comments and hidden elements dropped, character references read, one line per block.
pub(super) fn of_html(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    // Behind the last `>` nothing is a tag; so every search for one ends in the tag it began in, and the whole is linear.
    let (mut rest, tail) = html.split_at(html.rfind('>').map_or(0, |at| at + 1));
    while let Some(at) = rest.find('<') {
        push_words(&mut text, &rest[..at]);
        rest = &rest[at..];
        let Some((name, after)) = tag(rest) else {
            push_words(&mut text, "<");
            rest = &rest[1..];
            continue;
        };
        rest = if HIDDEN.contains(&name.as_str()) { after_closing(after, &name) } else { after };
        if BLOCKS.contains(&name.trim_start_matches('/')) {
            text.push('\n');
        }
    }
    push_words(&mut text, rest);
    push_words(&mut text, tail);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// The lower-case name of the tag `html` begins with (`/p` for an end tag, empty for a comment) and what follows it.
fn tag(html: &str) -> Option<(String, &str)> {
    if let Some(comment) = html.strip_prefix("<!--") {
        return Some((String::new(), comment.split_once("-->").map_or("", |(_, after)| after)));
    }
    let inner = html.strip_prefix('<')?;
    if !inner.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/' || first == '!') {
        return None;
    }
    let (inside, after) = inner.split_once('>')?;
    let length = inside[1..].find(|c: char| !c.is_ascii_alphanumeric()).map_or(inside.len(), |at| at + 1);
    Some((inside[..length].to_ascii_lowercase(), after))
}

/// What follows the end tag of `name`; nothing if there is none.
fn after_closing<'a>(html: &'a str, name: &str) -> &'a str {
    let mut rest = html;
    while let Some((_, after)) = rest.split_once("</") {
        if after.get(..name.len()).is_some_and(|closing| closing.eq_ignore_ascii_case(name)) {
            return after.split_once('>').map_or("", |(_, after)| after);
        }
        rest = after;
    }
    ""
}

/// Adds `words` with character references read and every run of white space as one blank, as a browser shows them.
fn push_words(text: &mut String, words: &str) {
    let mut rest = words;
    while let Some(c) = rest.chars().next() {
        let (c, length) = reference(rest).unwrap_or((c, c.len_utf8()));
        rest = &rest[length..];
        let blank = c.is_whitespace() && c != '\u{a0}';
        if !blank {
            text.push(if c.is_control() { ' ' } else { c });
        } else if !text.ends_with([' ', '\n']) {
            text.push(' ');
        }
    }
}

/// The character a reference at the start of `html` stands for and the reference's length in bytes.
fn reference(html: &str) -> Option<(char, usize)> {
    let inner = html.strip_prefix('&')?;
    let name = &inner[..inner.bytes().take(LONGEST_REFERENCE).position(|byte| byte == b';')?];
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((c, name.len() + 2))
}

#[cfg(test)]
mod tests {
    use super::of_html;

    #[test]
    fn a_mail_reads_line_by_line() {
        let html = "<html><head><title>T</title><style>p { color: red }</style></head><body>\n<p>Your code is\n  <b>123456</b>.</p>\
                    <p>Valid for 5&nbsp;minutes &amp; once.<br/>Bye</p></body></html>";
        assert_eq!(of_html(html), "Your code is 123456.\nValid for 5\u{a0}minutes & once.\nBye");
    }

    #[test]
    fn hostile_markup_takes_linear_time() {
        for part in ["<a", "&", "</", "<script></", "<!--", "<"] {
            for end in ["", ">"] {
                of_html(&(part.repeat(1_000_000) + end));
            }
        }
    }

    #[test]
    fn what_is_no_tag_stays_and_what_is_hidden_goes() {
        for (html, text) in [
            ("1 < 2", "1 < 2"),
            ("a <", "a <"),
            ("<!-- 1 > 2 -->x", "x"),
            ("<script>if (a</b) {}</script>y", "y"),
            ("<STYLE>p > a</Style >x", "x"),
            ("&lt;b&gt; &#49;&#x32; &bogus; & &#xD800;", "<b> 12 &bogus; & &#xD800;"),
            ("验证码<b>1</b>", "验证码1"),
            ("<>", "<>"),
            ("</>", ""),
            ("<p>a</p>&b <c", "a\n&b <c"),
        ] {
            assert_eq!(of_html(html), text, "{html}");
        }
    }
}
