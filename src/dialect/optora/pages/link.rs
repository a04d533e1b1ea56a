//! What becomes of a link (spec 3.7). It works without its script, which only takes the token out of the address bar and,
//! where the operator wants it, presses the button.

use std::sync::LazyLock;

use poem::http::HeaderValue;
use poem_openapi::payload::Html;

use super::{escaped, source};
use crate::dialect::optora::settings::LinkMode;

const CSS: &str = include_str!("link.css");
const JS: &str = include_str!("link.js");

const TICK: &str = "M17 29l8 8 15-17";
const EXCLAMATION: &str = "M28 15v16M28 40v.5";
const LETTER: &str = "M15 19h26v19H15zM15 20l13 10 13-10";

const BACK: &str = "You can close this page and return to the application.";
const AGAIN: &str = "Return to the application and request a new link.";
const REOPEN: &str = "Open the link in your mail again.";

/// Which page.
pub(in crate::dialect::optora) enum Page<'a> {
    /// The address is confirmed.
    Confirmed { email: &'a str },
    /// It is confirmed by what the page sends.
    Ask { email: &'a str, token: &'a str, link: LinkMode },
    /// Not one token.
    Malformed,
    /// Unknown, too old or used.
    Over,
    /// Another page sent the confirmation.
    Elsewhere,
    /// Not now.
    Busy,
}

/// What stands on it.
struct Words {
    tone: &'static str,
    label: &'static str,
    sign: &'static str,
    heading: &'static str,
    text: String,
    action: String,
    foot: &'static str,
}

impl Words {
    fn of(page: &Page<'_>) -> Self {
        match page {
            Page::Confirmed { email } => Self {
                tone: "good",
                label: "Done",
                sign: TICK,
                heading: "Email verified.",
                text: format!(
                    "{} is confirmed. Your application has been notified if a webhook was registered.",
                    strong(email)
                ),
                action: String::new(),
                foot: BACK,
            },
            Page::Ask { email, token, link } => Self {
                tone: "ask",
                label: "Letter",
                sign: LETTER,
                heading: "Confirm your email.",
                text: format!("One step is left: confirm that {} is yours.", strong(email)),
                action: form(token, *link),
                foot: "If you did not ask for this, close this page: nothing happens without you.",
            },
            Page::Malformed => Self::unavailable("Invalid verification link", AGAIN),
            Page::Over => Self::unavailable("Verification link is invalid or has expired", AGAIN),
            Page::Elsewhere => Self::unavailable("This confirmation did not come from the page of the link", REOPEN),
            Page::Busy => Self::unavailable("Something went wrong on our side; the link has not been used", REOPEN),
        }
    }

    fn unavailable(text: &str, foot: &'static str) -> Self {
        let (label, heading) = ("Attention", "Verification unavailable.");
        let (text, action) = (text.to_owned(), String::new());
        Self { tone: "bad", label, sign: EXCLAMATION, heading, text, action, foot }
    }
}

fn strong(email: &str) -> String {
    format!("<strong>{}</strong>", escaped(email))
}

fn form(token: &str, link: LinkMode) -> String {
    let token: String = form_urlencoded::byte_serialize(token.as_bytes()).collect();
    let at_once = if link == LinkMode::Auto { " data-at-once" } else { "" };
    format!("<form method=\"post\" action=\"?token={token}\"{at_once}><button>Confirm email</button></form>\n")
}

/// The page as it is sent.
pub(in crate::dialect::optora) fn link_page(page: &Page<'_>) -> Html<String> {
    let Words { tone, label, sign, heading, text, action, foot } = Words::of(page);
    Html(format!(
        include_str!("link.html"),
        css = CSS,
        js = JS,
        tone = tone,
        label = label,
        sign = sign,
        heading = heading,
        text = text,
        action = action,
        foot = foot
    ))
}

/// What may run and load in it: its own style and script, and its form may be sent here.
pub(in crate::dialect::optora) fn link_policy() -> HeaderValue {
    static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
        let policy = format!(
            "default-src 'none'; style-src {}; script-src {}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            source(CSS),
            source(JS)
        );
        HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
    });
    POLICY.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_is_text() {
        let Html(page) =
            link_page(&Page::Ask { email: "<b>&\"'@x.test", token: "\"><script>", link: LinkMode::Button });
        assert!(page.contains("<strong>&lt;b&gt;&amp;&quot;&#39;@x.test</strong>"), "{page}");
        assert!(page.contains("action=\"?token=%22%3E%3Cscript%3E\""), "{page}");
        assert_eq!(page.matches("<script>").count(), 1, "ours");
    }

    #[test]
    fn only_the_mode_auto_presses_the_button_by_itself() {
        let page = |link| link_page(&Page::Ask { email: "a@b.test", token: "t", link }).0;
        let waits = "<form method=\"post\" action=\"?token=t\"><button>";
        assert!(page(LinkMode::Button).contains(waits));
        assert!(page(LinkMode::Auto).contains("<form method=\"post\" action=\"?token=t\" data-at-once><button>"));
    }
}
