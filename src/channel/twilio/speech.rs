//! A call as `TwiML`: the words in their language, the code character by character with a pause before and after it.

use std::collections::BTreeMap;

use crate::core::markup::push_escaped;

const PAUSE: &str = "<Pause length=\"1\"/>";

/// What a call says. `voices` may name one for a language of ours; Twilio chooses the others.
pub(super) fn twiml(text: &str, code: Option<&str>, language: &str, voices: &BTreeMap<String, String>) -> String {
    let mut speech = Speech { twiml: "<Response>".to_owned(), opening: opening(language, voices) };
    let mut rest = text;
    while let Some((before, after)) = code.and_then(|code| around(rest, code)) {
        speech.say(before);
        speech.spell(code.unwrap_or_default());
        rest = after;
    }
    speech.say(rest);
    speech.twiml.push_str("</Response>");
    speech.twiml
}

struct Speech {
    twiml: String,
    opening: String,
}

impl Speech {
    /// Says words; punctuation alone is silence.
    fn say(&mut self, words: &str) {
        let words = words.trim_start_matches(|character: char| !character.is_alphanumeric()).trim_end();
        if !words.is_empty() {
            self.twiml.push_str(&self.opening);
            push_escaped(&mut self.twiml, words);
            self.twiml.push_str("</Say>");
        }
    }

    fn spell(&mut self, code: &str) {
        let characters: Vec<_> = code.chars().map(String::from).collect();
        self.twiml.push_str(PAUSE);
        self.say(&characters.join(", "));
        self.twiml.push_str(PAUSE);
    }
}

/// What stands before and after the first place where `code` stands whole or spelled, whatever is between its characters.
fn around<'a>(text: &'a str, code: &str) -> Option<(&'a str, &'a str)> {
    let first = code.chars().next()?;
    text.match_indices(first).find_map(|(at, _)| {
        let mut characters = text[at..].char_indices();
        let mut end = at;
        for wanted in code.chars() {
            let (offset, _) =
                characters.by_ref().find(|(_, it)| it.is_alphanumeric()).filter(|(_, it)| *it == wanted)?;
            end = at + offset + wanted.len_utf8();
        }
        Some((&text[..at], &text[end..]))
    })
}

fn opening(language: &str, voices: &BTreeMap<String, String>) -> String {
    let mut opening = format!("<Say language=\"{}\"", say_language(language));
    if let Some(voice) = voices.get(language) {
        opening.push_str(" voice=\"");
        push_escaped(&mut opening, voice);
        opening.push('"');
    }
    opening.push('>');
    opening
}

/// A language of ours as Twilio names it.
fn say_language(language: &str) -> &'static str {
    match language {
        "zh_CN" => "zh-CN",
        "zh_HK" => "zh-HK",
        "ja" => "ja-JP",
        "th" => "th-TH",
        "es" => "es-ES",
        _ => "en-US",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(text: &str, code: &str, language: &str) -> String {
        let voices = BTreeMap::from([("th".to_owned(), "Google.th-TH-Standard-A".to_owned())]);
        twiml(text, Some(code), language, &voices)
    }

    #[test]
    fn the_code_is_spelled_wherever_it_stands() {
        let text = "Your code is: 0, 4, 2, 7. Again, your code is: 0, 4, 2, 7. It is valid for 5 minutes.";
        insta::assert_snapshot!(spoken(text, "0427", "default"), @r#"<Response><Say language="en-US">Your code is:</Say><Pause length="1"/><Say language="en-US">0, 4, 2, 7</Say><Pause length="1"/><Say language="en-US">Again, your code is:</Say><Pause length="1"/><Say language="en-US">0, 4, 2, 7</Say><Pause length="1"/><Say language="en-US">It is valid for 5 minutes.</Say></Response>"#);
        insta::assert_snapshot!(spoken("您的验证码是：0，4，2，7。", "0427", "zh_CN"), @r#"<Response><Say language="zh-CN">您的验证码是：</Say><Pause length="1"/><Say language="zh-CN">0, 4, 2, 7</Say><Pause length="1"/></Response>"#);
        insta::assert_snapshot!(spoken("รหัส 0427", "0427", "th"), @r#"<Response><Say language="th-TH" voice="Google.th-TH-Standard-A">รหัส</Say><Pause length="1"/><Say language="th-TH" voice="Google.th-TH-Standard-A">0, 4, 2, 7</Say><Pause length="1"/></Response>"#);
    }

    #[test]
    fn what_is_not_the_code_is_said_as_it_is() {
        insta::assert_snapshot!(spoken("<b>5 & 0, 4, 1", "0427", "en"), @r#"<Response><Say language="en-US">b&gt;5 &amp; 0, 4, 1</Say></Response>"#);
        assert_eq!(
            twiml("Hello", None, "en", &BTreeMap::new()),
            "<Response><Say language=\"en-US\">Hello</Say></Response>"
        );
        assert_eq!(spoken("...", "", "en"), "<Response></Response>");
    }
}
