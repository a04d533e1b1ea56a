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

/// At least two labels, the last of which is no number: an IPv4 address is not a host name.
fn is_host(domain: &str) -> bool {
    let last = domain.rsplit_once('.').map(|(_, last)| last);
    last.is_some_and(|last| !last.is_empty() && !last.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        Email::parse(text).ok().map(String::from)
    }

    #[test]
    fn good_addresses_are_kept_with_a_canonical_domain() {
        for (text, kept) in [
            ("j@example.com", "j@example.com"),
            ("Jane.Roe@Example.COM", "Jane.Roe@example.com"),
            ("jane+tag@example.com", "jane+tag@example.com"),
            ("o'neil@example.ie", "o'neil@example.ie"),
            ("!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"),
            ("1234567890@qq.com", "1234567890@qq.com"),
            ("a@b.co", "a@b.co"),
            ("a@bücher.example", "a@xn--bcher-kva.example"),
            ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
            ("a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example"),
            ("a@例え.jp", "a@xn--r8jz45g.jp"),
            ("a@example\u{3002}com", "a@example.com"),
            ("a@\u{ff45}xample.com", "a@example.com"),
            ("a@a-b.example", "a@a-b.example"),
            ("a@1.example", "a@1.example"),
            ("a@mail.sub.example.co.uk", "a@mail.sub.example.co.uk"),
        ] {
            assert_eq!(read(text).as_deref(), Some(kept), "{text:?}");
        }
    }

    #[test]
    fn bad_addresses_are_refused() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let label = "a".repeat(63);
        let long_total = format!("a@{label}.{label}.{label}.{label}.com");
        let long_label = format!("a@{}.com", "a".repeat(64));
        for text in [
            "",
            "@",
            "a@",
            "@b.com",
            "a",
            "a@b",
            "a@localhost",
            "a@.com",
            "a@b.",
            "a@b.com.",
            "a@b..com",
            "a@@b.com",
            "a@b@c.com",
            "\"a b\"@b.com",
            "\"a\"@b.com",
            "a b@b.com",
            " a@b.com",
            "a@b.com ",
            "a@ b.com",
            "a@[127.0.0.1]",
            "a@[IPv6:::1]",
            "a@127.0.0.1",
            "a@b.1",
            "ä@b.com",
            "用户@例え.jp",
            "a@b_c.com",
            "a@-b.com",
            "a@b-.com",
            "a@b.com\r\n",
            "a\r\n@b.com",
            "a@b.com\r\nRCPT TO:<x@y.z>",
            "a\0@b.com",
            "a@b\0.com",
            "a@b.com\u{7f}",
            "a\u{200b}@b.com",
            "a\u{202e}@b.com",
            ".a@b.com",
            "a.@b.com",
            "a..b@b.com",
            "a,b@b.com",
            "a@b.com,c@d.com",
            "Jane <a@b.com>",
            "<a@b.com>",
            "a(b)@b.com",
            "a@b.com(c)",
            "a;b@b.com",
            "a:b@b.com",
            "a\\b@b.com",
            "mailto:a@b.com",
            "a@xn--a.com",
            "a@b%00.com",
            &long_local,
            &long_total,
            &long_label,
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_longest_local_part_is_read() {
        assert!(read(&format!("{}@example.com", "a".repeat(64))).is_some());
    }

    #[test]
    fn aliases_of_a_person_share_a_counter() {
        for (text, key) in [
            ("Jane@Example.com", "jane@example.com"),
            ("jane+1@example.com", "jane@example.com"),
            ("jane+a+b@EXAMPLE.com", "jane@example.com"),
            ("jane.+a@example.com", "jane@example.com"),
            ("+a@example.com", "+a@example.com"),
            ("jane.roe@example.com", "jane.roe@example.com"),
            ("J.a.n.e@gmail.com", "jane@gmail.com"),
            ("jane+x@GoogleMail.com", "jane@gmail.com"),
            ("a@bücher.example", "a@xn--bcher-kva.example"),
        ] {
            assert_eq!(Email::parse(text).map(|email| email.counter_key()).as_deref(), Ok(key), "{text:?}");
        }
    }

    #[test]
    fn masks_show_a_letter_and_the_domain() {
        let mask = |text: &str| Email::parse(text).unwrap().masked();
        assert_eq!(mask("jane@example.com"), "j•••@example.com");
        assert_eq!(mask("j@example.com"), "•••@example.com");
    }
}
