//! The two mails: a code and never a link, or a link and never a code (spec 3.7). Layout and words are ours.

use super::wire::requests::Heading;
use crate::{
    core::{markup::push_escaped, plan::Content},
    service::Draft,
};

/// The path that a link leads to, with what comes before its token.
const LINK: &str = "/api/otp/verify-link?token=";

const CARD: &str = "max-width:480px;margin:0 auto;padding:32px;background:#ffffff;border:1px solid #dfe3dc;\
    border-radius:12px;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;color:#1c2521;\
    font-size:16px;line-height:1.5";
const CODE: &str = "margin:24px 0;padding:20px 8px;background:#eef3ef;border-radius:8px;text-align:center;\
    font-family:ui-monospace,Menlo,Consolas,monospace;font-size:32px;font-weight:bold;letter-spacing:8px;color:#0d4b3e";
const BUTTON: &str = "display:inline-block;padding:14px 28px;background:#0d5c4c;border-radius:8px;color:#ffffff;\
    font-weight:bold;text-decoration:none";
const NOTE: &str = "margin:24px 0 0;font-size:14px;color:#5c6862";
const FOOT: &str = "margin:16px auto 0;max-width:480px;text-align:center;font-size:12px;color:#7a857f";

/// The mail that holds a code.
pub(super) fn code(heading: &Heading, draft: &Draft<'_>) -> Content {
    let words = format!(
        "<p style=\"margin:0\">Your {} verification code</p>\n<p style=\"{CODE}\">{}</p>\n\
         <p style=\"margin:0\">This code expires in {}.</p>\n",
        escaped(&heading.organization),
        escaped(draft.code),
        minutes(draft)
    );
    mail(heading, &words)
}

/// The mail that holds a link, which begins with `base`.
pub(super) fn link(heading: &Heading, base: &str, draft: &Draft<'_>) -> Content {
    let url = escaped(&format!("{base}{LINK}{}", draft.link_token.unwrap_or_default()));
    let words = format!(
        "<p style=\"margin:0\">Confirm your email address for {}</p>\n\
         <p style=\"margin:24px 0\"><a href=\"{url}\" style=\"{BUTTON}\">Verify email</a></p>\n\
         <p style=\"margin:0\">This link expires in {}. If the button does not work, open this address:</p>\n\
         <p style=\"margin:8px 0 0;font-size:14px;word-break:break-all\">{url}</p>\n",
        escaped(&heading.organization),
        minutes(draft)
    );
    mail(heading, &words)
}

fn mail(heading: &Heading, words: &str) -> Content {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<body style=\"margin:0;padding:32px 16px;background:#f4f6f2\">\n\
         <div style=\"{CARD}\">\n{words}\
         <p style=\"{NOTE}\">Didn't request this? You can ignore this mail: nothing happens without you.</p>\n</div>\n\
         <p style=\"{FOOT}\">Sent by verifyd</p>\n</body>\n</html>\n"
    );
    let (from_name, subject) = (Some(heading.organization.clone()), heading.subject.clone());
    Content::Mail { from_name, from_mail: None, subject, html }
}

/// What is left of the code's life, rounded up.
fn minutes(draft: &Draft<'_>) -> String {
    let minutes = draft.life.as_secs().div_ceil(60).max(1);
    format!("{minutes} minute{}", if minutes == 1 { "" } else { "s" })
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    push_escaped(&mut escaped, text);
    escaped
}
