//! DKIM signatures (RFC 6376, RFC 8463), relaxed/relaxed: whoever gets a mail sees that its domain sent it.
//!
//! Keys and signatures are rustls', which is here anyway. Only what is signed, and how it is written, is ours.

use base64::{Engine, engine::general_purpose::STANDARD};
use rustls::{
    SignatureScheme,
    crypto::ring::sign::any_supported_type,
    pki_types::{PrivateKeyDer, pem::PemObject},
    sign::Signer as Key,
};
use sha2::{Digest, Sha256};

use crate::channel::{DeliveryError, SettingsError};

/// Whose signature mails carry. Holds a private key: no `Debug`.
pub struct DkimSettings {
    /// The domain that signs, `d=`.
    pub domain: String,
    /// Names the key below the domain, `s=`.
    pub selector: String,
    /// The private key in PEM: RSA with 2048 to 4096 bits (PKCS#1 or PKCS#8), or Ed25519 (PKCS#8).
    pub key: Vec<u8>,
}

/// The headers that are signed, where a mail has them. Each is named once more than it is there, so that nobody can add
/// another one (RFC 6376, 8.15).
const SIGNED: [&str; 8] =
    ["from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type"];
/// Letters of a signature's line; RFC 5322 would like no more than 78.
const LINE: usize = 72;

/// Signs mails for one domain.
pub(super) struct Signer {
    domain: String,
    selector: String,
    key: Box<dyn Key>,
}

impl Signer {
    pub(super) fn new(settings: DkimSettings) -> Result<Self, SettingsError> {
        let DkimSettings { domain, selector, key } = settings;
        for (key, name) in [("dkim_domain", &domain), ("dkim_selector", &selector)] {
            let good = name.split('.').all(is_label);
            good.then_some(()).ok_or_else(|| SettingsError::new(key, "is no name of the DNS: write it in ASCII"))?;
        }
        let bad = || {
            let wanted = "RSA with 2048 to 4096 bits (PKCS#1 or PKCS#8) or Ed25519 (PKCS#8)";
            SettingsError::new("dkim_key_file", format!("holds no usable private key in PEM form: {wanted}"))
        };
        let key = PrivateKeyDer::from_pem_slice(&key).ok().and_then(|key| any_supported_type(&key).ok());
        let schemes = [SignatureScheme::RSA_PKCS1_SHA256, SignatureScheme::ED25519];
        let key = key.and_then(|key| key.choose_scheme(&schemes)).ok_or_else(bad)?;
        Ok(Self { domain, selector, key })
    }

    /// The mail with its signature before it. `mail` is headers, an empty line and a body, in lines that end in CRLF.
    pub(super) fn sign(&self, mail: &str, at_seconds: i64) -> Result<String, DeliveryError> {
        let (head, body) = mail.split_once("\r\n\r\n").unwrap_or((mail, ""));
        let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let headers: Vec<_> = head.split("\r\n").filter_map(|line| line.split_once(':')).collect();
        let signed = SIGNED.map(|name| headers.iter().find(|header| header.0.eq_ignore_ascii_case(name)));
        let names = SIGNED.iter().zip(&signed).flat_map(|(name, found)| [Some(*name), found.map(|_| *name)]);
        let value = format!(
            "v=1; a={}; c=relaxed/relaxed; d={};\r\n s={}; t={at_seconds};\r\n h={};\r\n bh={};\r\n b=",
            self.algorithm(),
            self.domain,
            self.selector,
            names.flatten().collect::<Vec<_>>().join(":\r\n  "),
            STANDARD.encode(Sha256::digest(relaxed_body(body))),
        );
        let signed = signed.into_iter().flatten().map(|(name, value)| relaxed_header(name, value) + "\r\n");
        let text = signed.collect::<String>() + &relaxed_header("dkim-signature", &value);
        let signature = STANDARD.encode(self.signature(text.as_bytes())?);
        Ok(format!("DKIM-Signature: {value}{}\r\n{mail}", folded(&signature)))
    }

    fn is_rsa(&self) -> bool {
        self.key.scheme() == SignatureScheme::RSA_PKCS1_SHA256
    }

    fn algorithm(&self) -> &'static str {
        if self.is_rsa() { "rsa-sha256" } else { "ed25519-sha256" }
    }

    /// RSA's scheme hashes by itself; Ed25519 signs the hash (RFC 8463, 3).
    fn signature(&self, text: &[u8]) -> Result<Vec<u8>, DeliveryError> {
        let made = if self.is_rsa() { self.key.sign(text) } else { self.key.sign(&Sha256::digest(text)) };
        made.map_err(|_| DeliveryError::unavailable("the mail could not be signed"))
    }
}

/// RFC 6376, 3.4.2, of a header that is unfolded or folded.
fn relaxed_header(name: &str, value: &str) -> String {
    let words = value.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty());
    format!("{}:{}", name.trim_end().to_ascii_lowercase(), words.collect::<Vec<_>>().join(" "))
}

/// RFC 6376, 3.4.4.
fn relaxed_body(body: &str) -> String {
    let mut relaxed = String::with_capacity(body.len());
    for line in body.split("\r\n") {
        let mut blank = false;
        for letter in line.trim_end_matches([' ', '\t']).chars() {
            let was_blank = std::mem::replace(&mut blank, matches!(letter, ' ' | '\t'));
            match (was_blank, blank) {
                (true, true) => {}
                (false, true) => relaxed.push(' '),
                (_, false) => relaxed.push(letter),
            }
        }
        relaxed.push_str("\r\n");
    }
    let text = relaxed.trim_end_matches("\r\n").len();
    relaxed.truncate(if text == 0 { 0 } else { text + 2 });
    relaxed
}

/// Base64 in lines, which may be broken anywhere.
fn folded(base64: &str) -> String {
    let mut folded = String::with_capacity(base64.len() + base64.len() / LINE * 3);
    for (at, letter) in base64.chars().enumerate() {
        if at > 0 && at % LINE == 0 {
            folded.push_str("\r\n ");
        }
        folded.push(letter);
    }
    folded
}

/// A label of a name in the DNS; keys live below `_domainkey`, and some selectors have an underscore, too.
fn is_label(label: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=63).contains(&label.len()) && label.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6376, 3.4.5 and 3.4.6.
    #[test]
    fn the_examples_of_the_standard_are_relaxed_as_it_says() {
        assert_eq!(relaxed_header("A", " X "), "a:X");
        assert_eq!(relaxed_header("B ", " Y\t\r\n\tZ  "), "b:Y Z");
        assert_eq!(relaxed_body(" C \r\nD \t E\r\n\r\n\r\n"), " C\r\nD E\r\n");
    }

    #[test]
    fn an_empty_body_stays_empty_and_the_last_line_always_ends() {
        assert_eq!(relaxed_body(""), "");
        assert_eq!(relaxed_body(" \r\n\t\r\n"), "");
        assert_eq!(relaxed_body("a"), "a\r\n");
    }

    #[test]
    fn a_folded_signature_loses_nothing() {
        let long = "a".repeat(LINE) + "b";
        assert_eq!(folded(&long), format!("{}\r\n b", "a".repeat(LINE)));
        assert_eq!(folded(&long[..LINE]), long[..LINE]);
    }
}
