//! Email addresses (security C4).

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Serialize};

use super::RecipientError;

/// Longest local part (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// Longest address (RFC 5321, 4.5.3.1.3 less the angle brackets).
const MAX_TOTAL: usize = 254;
/// One mail service under two names, which does not look at dots.
const GMAIL: [&str; 2] = ["gmail.com", "googlemail.com"];

/// An address: the local part as given, the domain in lower-case ASCII.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Email(String);

impl Email {
    /// Reads a plain address. Quoted or non-ASCII local parts, address literals and hosts without a dot are refused.
    pub fn parse(text: &str) -> Result<Self, RecipientError> {
        canonical(text).map(Self).ok_or(RecipientError::BadEmail)
    }

    /// The address mail goes to.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Local part lower-cased and without `+tag`; for Gmail also without dots, under its one name.
    #[must_use]
    pub fn counter_key(&self) -> String {
        let (local, domain) = self.parts();
        let person = local.split_once('+').map_or(local, |(person, _)| person).trim_end_matches('.');
        let person = if person.is_empty() { local } else { person }.to_ascii_lowercase();
        if GMAIL.contains(&domain) {
            format!("{}@{}", person.replace('.', ""), GMAIL[0])
        } else {
            format!("{person}@{domain}")
        }
    }

    /// The first letter and the domain: `j•••@example.com`.
    #[must_use]
    pub fn masked(&self) -> String {
        let (local, domain) = self.parts();
        let first = if local.len() > 1 { &local[..1] } else { "" };
        format!("{first}•••@{domain}")
    }

    fn parts(&self) -> (&str, &str) {
        self.0.rsplit_once('@').unwrap_or((&self.0, ""))
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl TryFrom<String> for Email {
    type Error = RecipientError;

    fn try_from(text: String) -> Result<Self, RecipientError> {
        let whole = text.split_once('@').is_some_and(|(local, domain)| is_local(local) && !domain.is_empty());
        if whole && text.is_ascii() { Ok(Self(text)) } else { Err(RecipientError::BadEmail) }
    }
}

fn canonical(text: &str) -> Option<String> {
    let (local, domain) = text.split_once('@')?;
    if text.len() > MAX_TOTAL || !is_local(local) {
        return None;
    }
    let uts46 = Uts46::new();
    let domain =
        uts46.to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify).ok()?;
    let total = local.len() + 1 + domain.len();
    (is_host(&domain) && total <= MAX_TOTAL).then(|| format!("{local}@{domain}"))
}

/// A dot-atom of RFC 5321 of at most 64 octets.
fn is_local(local: &str) -> bool {
    let atom = |atom: &str| !atom.is_empty() && atom.bytes().all(is_atom_text);
    local.len() <= MAX_LOCAL && local.split('.').all(atom)
}

const fn is_atom_text(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'/'
                | b'='
                | b'?'
                | b'^'
                | b'_'
                | b'`'
                | b'{'
                | b'|'
                | b'}'
                | b'~'
        )
}

/// At least two labels, the last of which begins with a letter: an IPv4 address in any notation is not a host name.
fn is_host(domain: &str) -> bool {
    domain.rsplit_once('.').is_some_and(|(_, last)| last.starts_with(|first: char| first.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests;
