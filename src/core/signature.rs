//! Signatures by which a receiver knows that a request is ours.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::hex::hex;

/// HMAC-SHA-256 of the parts, one after the other, as hexadecimal digits.
#[must_use]
pub fn sign(secret: &str, parts: &[&str]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() }; // takes any length
    for part in parts {
        mac.update(part.as_bytes());
    }
    hex(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn the_parts_are_signed_as_one() {
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(sign("Jefe", &["what do ya want for nothing?"]), expected);
        assert_eq!(sign("Jefe", &["what do ya ", "want for ", "nothing?"]), expected);
    }
}
