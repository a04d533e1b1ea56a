//! What clients send. A field of the wrong kind counts as one that is not there (spec 3.1).

use poem_openapi::{Object, types::Example};

use crate::{
    core::{
        code::Alphabet,
        plain_text::is_plain,
        recipient::{Email, Recipient},
    },
    dialect::optora::{error::ApiError, settings::Settings},
    http::{Loose, Text, TextOrNumber},
};

/// Longest name of a sender, in characters.
const MAX_ORGANIZATION: usize = 80;
/// Longest subject, in characters.
const MAX_SUBJECT: usize = 150;
const ORGANIZATION: &str = "Verification";
const CODE_SUBJECT: &str = "Your verification code";
const LINK_SUBJECT: &str = "Verify your email";

type Optional = Option<Loose<Text>>;

/// Asks for a code.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in crate::dialect::optora) struct Generate {
    /// Who gets it. Blanks around it and capitals do not matter.
    pub(in crate::dialect::optora) email: Loose<Text>,
    /// Name of the sender, and in the mail's text; cut to 80 characters. `Verification` without it.
    organization: Optional,
    /// Subject of the mail, cut to 150 characters. `Your verification code` without it.
    subject: Optional,
    /// What the code is made of: `numeric`, `alphabet` (or `alpha`), `alphanumeric`; letters in both cases. `numeric` without
    /// it. Not looked at while an earlier code is alive, which is then sent again.
    #[oai(rename = "type")]
    kind: Optional,
}

/// Asks for a link.
#[derive(Debug, Clone, Object)]
#[oai(example, rename_all = "camelCase")]
pub(in crate::dialect::optora) struct SendLink {
    /// Who gets it. Blanks around it and capitals do not matter.
    pub(in crate::dialect::optora) email: Loose<Text>,
    /// Name of the sender, and in the mail's text; cut to 80 characters. `Verification` without it.
    organization: Optional,
    /// Subject of the mail, cut to 150 characters. `Verify your email` without it.
    subject: Optional,
    /// Who is told once when the link has been followed: an `http` or `https` address on the public network. Any other is
    /// left out, which `webhookRegistered` shows.
    webhook_url: Optional,
}

/// Sends a code back.
#[derive(Debug, Clone, Object)]
#[oai(example)]
pub(in crate::dialect::optora) struct Verify {
    /// Who got it.
    email: Loose<Text>,
    /// The code. A number is read as well; it has lost the zeros that the code may begin with.
    otp: Loose<TextOrNumber>,
}

/// What a mail is to say of itself.
#[derive(Clone)]
pub(in crate::dialect::optora) struct Heading {
    /// Name of the sender.
    pub(in crate::dialect::optora) organization: String,
    /// Subject of the mail.
    pub(in crate::dialect::optora) subject: String,
}

impl Generate {
    pub(in crate::dialect::optora) fn heading(&self) -> Heading {
        heading(self.organization.as_ref(), self.subject.as_ref(), CODE_SUBJECT)
    }

    /// What the code is made of; `None` for a word that means nothing.
    pub(in crate::dialect::optora) fn alphabet(&self) -> Option<Alphabet> {
        match text(self.kind.as_ref()) {
            None | Some("" | "numeric") => Some(Alphabet::DIGITS),
            Some("alphabet" | "alpha") => Alphabet::from_mask(0b110),
            Some("alphanumeric") => Alphabet::from_mask(0b111),
            Some(_) => None,
        }
    }
}

impl SendLink {
    pub(in crate::dialect::optora) fn heading(&self) -> Heading {
        heading(self.organization.as_ref(), self.subject.as_ref(), LINK_SUBJECT)
    }

    /// The address to be told, as it was written.
    pub(in crate::dialect::optora) fn webhook_url(&self) -> Option<&str> {
        text(self.webhook_url.as_ref()).map(str::trim).filter(|url| !url.is_empty())
    }
}

impl Verify {
    /// Whose code, and the code, which has the length that codes have.
    pub(in crate::dialect::optora) fn into_command(self, settings: &Settings) -> Result<(Recipient, String), ApiError> {
        let recipient = recipient(&self.email, settings)?;
        let otp = self.otp.0.map(written).unwrap_or_default();
        if otp.chars().count() == usize::from(settings.code_length) {
            Ok((recipient, otp))
        } else {
            Err(ApiError::invalid_otp())
        }
    }
}

/// An address that mail may go to, in lower case. Only letters of ASCII are made small here: a Kelvin sign in front of the `@` is no
/// `k`, and domains have rules of their own for the others.
pub(in crate::dialect::optora) fn recipient(field: &Loose<Text>, settings: &Settings) -> Result<Recipient, ApiError> {
    let text = text(Some(field)).map(|text| text.trim().to_ascii_lowercase()).unwrap_or_default();
    let email = Email::parse(&text).map_err(|_| ApiError::invalid_email())?;
    let domain = email.as_str().rsplit_once('@').map_or("", |(_, domain)| domain);
    let domains = &settings.allowed_domains;
    if domains.is_empty() || domains.iter().any(|allowed| allowed == domain) {
        Ok(Recipient::Email(email))
    } else {
        Err(ApiError::invalid_email())
    }
}

fn text(field: Option<&Loose<Text>>) -> Option<&str> {
    field.and_then(Loose::given).map(|text| text.0.as_str())
}

/// As JavaScript makes a text of it: `42` of `42.0`.
fn written(otp: TextOrNumber) -> String {
    match otp {
        TextOrNumber::Text(text) => text,
        TextOrNumber::Number(number) => {
            let text = number.to_string();
            text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
        }
    }
}

fn heading(organization: Option<&Loose<Text>>, subject: Option<&Loose<Text>>, usual: &str) -> Heading {
    Heading {
        organization: line(text(organization), MAX_ORGANIZATION).unwrap_or_else(|| ORGANIZATION.to_owned()),
        subject: line(text(subject), MAX_SUBJECT).unwrap_or_else(|| usual.to_owned()),
    }
}

/// A line of a mail's head: what is hidden in it or would end it is left out (security C5, C6). `None` when nothing is left.
fn line(text: Option<&str>, longest: usize) -> Option<String> {
    let seen = |character: &char| is_plain(character.encode_utf8(&mut [0; 4]));
    let cut: String = text?.chars().filter(seen).collect();
    let cut: String = cut.trim().chars().take(longest).collect();
    let cut = cut.trim_end();
    (!cut.is_empty()).then(|| cut.to_owned())
}

fn sample(text: &str) -> Loose<Text> {
    Loose(Ok(Text(text.to_owned())))
}

impl Example for Generate {
    fn example() -> Self {
        Self {
            email: sample("user@example.com"),
            organization: Some(sample("Acme")),
            subject: Some(sample(CODE_SUBJECT)),
            kind: Some(sample("numeric")),
        }
    }
}

impl Example for SendLink {
    fn example() -> Self {
        Self {
            email: sample("user@example.com"),
            organization: Some(sample("Acme")),
            subject: None,
            webhook_url: Some(sample("https://shop.example.com/hooks/verified")),
        }
    }
}

impl Example for Verify {
    fn example() -> Self {
        Self { email: sample("user@example.com"), otp: Loose(Ok(TextOrNumber::Text("482910".to_owned()))) }
    }
}

#[cfg(test)]
mod tests {
    use poem_openapi::types::ParseFromJSON;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_is_trimmed_cut_and_without_anything_hidden() {
        let read = |text: &str| line(Some(text), 5);
        for (text, expected) in [
            ("  Acme ", Some("Acme")),
            ("Acme Incorporated", Some("Acme")),
            ("a\r\nBcc: x", Some("aBcc:")),
            ("\u{202e}evil", Some("evil")),
            ("ÄÖÜ日本語", Some("ÄÖÜ日本")),
            ("\n", None),
            ("", None),
        ] {
            assert_eq!(read(text).as_deref(), expected, "{text:?}");
        }
        assert_eq!(line(None, 5), None);
    }

    #[test]
    fn a_number_is_written_without_a_fraction_that_is_none() {
        for (value, text) in [(json!("042"), "042"), (json!(42), "42"), (json!(42.0), "42"), (json!(-1.5), "-1.5")] {
            assert_eq!(written(TextOrNumber::parse_from_json(Some(value)).unwrap()), text);
        }
        assert_eq!(written(TextOrNumber::Text("42.0".to_owned())), "42.0");
    }

    #[test]
    fn every_word_for_an_alphabet_is_known_and_no_other() {
        let mask =
            |word: &str| Generate { kind: Some(sample(word)), ..Generate::example() }.alphabet().map(Alphabet::mask);
        let expected = [("numeric", 1), ("alphabet", 6), ("alpha", 6), ("alphanumeric", 7), ("", 1)];
        for (word, bits) in expected {
            assert_eq!(mask(word), Some(bits), "{word}");
        }
        for word in ["hex", "Numeric", "numeric "] {
            assert_eq!(mask(word), None, "{word}");
        }
    }
}
