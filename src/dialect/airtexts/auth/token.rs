//! JSON Web Tokens, where the configuration has a secret for them (spec 2.1): HS256, `sub` is the key.

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    crypto::{CryptoProvider, JwtVerifier, KeyUtils},
    decode,
    errors::{Error, ErrorKind},
    signature::{self, Verifier},
};
use serde::Deserialize;
use sha2::Sha256;

use crate::core::clock::Timestamp;

/// The only algorithm there is: neither RSA nor elliptic curves come into the server for it.
static HS256: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(ErrorKind::InvalidAlgorithm.into()),
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

/// What tokens are believed by. No `Debug`.
pub struct Signer {
    secret: DecodingKey,
    rules: Validation,
}

/// What is read of a token.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: Option<i64>,
    nbf: Option<i64>,
}

impl Signer {
    /// Believes what is signed with `secret`.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        let _ = HS256.install_default(); // the second one finds the first one's
        let mut rules = Validation::new(Algorithm::HS256);
        rules.required_spec_claims.clear();
        rules.validate_exp = false; // by the machine's clock; ours is looked at below
        rules.validate_aud = false; // nobody told anybody what to write there
        Self { secret: DecodingKey::from_secret(secret.as_bytes()), rules }
    }

    /// The key that a token speaks for; `None` where its signature is wrong, or `exp` or `nbf` say not now.
    pub(super) fn key_of(&self, token: &str, now: Timestamp) -> Option<String> {
        let claims = decode::<Claims>(token, &self.secret, &self.rules).ok()?.claims;
        let seconds = now.seconds();
        let live = claims.exp.is_none_or(|end| seconds < end) && claims.nbf.is_none_or(|begin| seconds >= begin);
        live.then_some(claims.sub)
    }
}

struct Hs256(Hmac<Sha256>);

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        self.0.clone().chain_update(message).verify_slice(signature).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "this is the shape that the library asks for")]
fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    if *algorithm != Algorithm::HS256 {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    let mac = Hmac::new_from_slice(key.try_get_as_bytes()?).map_err(|_| ErrorKind::InvalidKeyFormat)?;
    Ok(Box::new(Hs256(mac)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_516_239_022_000);
    /// The token that every introduction to them shows: `sub` is 1234567890, signed with `your-256-bit-secret`.
    const KNOWN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";

    #[test]
    fn a_token_of_others_is_believed_by_its_signature_alone() {
        assert_eq!(Signer::new("your-256-bit-secret").key_of(KNOWN, NOW).as_deref(), Some("1234567890"));
        assert_eq!(Signer::new("another").key_of(KNOWN, NOW), None);
        let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMjM0NTY3ODkwIn0.";
        assert_eq!(Signer::new("your-256-bit-secret").key_of(unsigned, NOW), None);
        let (head, _) = KNOWN.rsplit_once('.').unwrap();
        for token in [format!("{head}."), format!("{head}.AAAA"), "a.b.c".to_owned(), "..".to_owned()] {
            assert_eq!(Signer::new("your-256-bit-secret").key_of(&token, NOW), None, "{token}");
        }
    }
}
