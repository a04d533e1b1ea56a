//! The ids under which callers know sessions, and the tokens of links: each says where its session is, to us alone.
//!
//! The contracts want ids of 64 and 128 random bits. To whoever does not have the key, an encrypted id cannot be told from a random
//! one, and what decodes to a session is still compared with what was given out for it: nothing is easier to guess. An id that says
//! where its session is needs no index; the pages of one over random texts were the larger part of what a session cost to write.

use std::sync::Arc;

use aes::{
    Aes128,
    cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use blowfish::Blowfish;
use zeroize::Zeroizing;

use super::{
    entropy::{Entropy, NoEntropy},
    hex::{hex, unhex},
};

/// Bytes of the ids of the two forms: one block of a cipher each.
const WIDE: usize = 16;
const NARROW: usize = 8;
/// Random bytes in an id of the wide form.
const SALT: usize = 8;
/// Bytes of a link's token.
const TOKEN: usize = 32;

/// What the ids of a dialect look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdForm {
    /// 32 hexadecimal digits; a session can have many such ids.
    Wide,
    /// 16 hexadecimal digits; a session has one such id.
    Narrow {
        /// What stands before the digits: nothing, or a word that ends with `_`.
        prefix: &'static str,
    },
}

/// The keys that make ids and tokens of sessions, and read them. No `Debug`.
#[derive(Clone)]
pub struct SessionIds {
    wide: Aes128,
    /// Its tables take 4 kB.
    narrow: Arc<Blowfish>,
}

impl SessionIds {
    /// From keys that never change, because what was given out must be understood after a rotation.
    #[must_use]
    pub fn new(wide: &[u8; 16], narrow: &[u8; 56]) -> Self {
        Self { wide: Aes128::new(&(*wide).into()), narrow: Arc::new(Blowfish::new(&(*narrow).into())) }
    }

    /// An id for a session, and a token for its link if it is to have one.
    pub fn names(
        &self,
        session: i64,
        form: IdForm,
        with_link: bool,
        entropy: &dyn Entropy,
    ) -> Result<(String, Option<String>), NoEntropy> {
        let mut random = [[0; SALT]; 4];
        if with_link || form == IdForm::Wide {
            entropy.fill(random.as_flattened_mut())?; // for both at once: each call is one of the operating system's
        }
        let [salt, of_token @ ..] = random;
        Ok((self.id(session, form, salt), with_link.then(|| self.token(session, of_token))))
    }

    fn id(&self, session: i64, form: IdForm, salt: [u8; SALT]) -> String {
        match form {
            IdForm::Wide => hex(&self.wide(session, salt)),
            IdForm::Narrow { prefix } => format!("{prefix}{}", hex(&self.narrow(session))),
        }
    }

    /// 43 characters: a wide id of its own and 128 random bits, 192 together (security E5).
    fn token(&self, session: i64, [salt, rest @ ..]: [[u8; SALT]; 3]) -> String {
        let token = Zeroizing::new([&self.wide(session, salt), rest.as_flattened()].concat());
        BASE64_URL_SAFE_NO_PAD.encode(&*token)
    }

    /// The session that has this id, if there is one: any text of a fitting length leads somewhere, mostly to a session that never was.
    #[must_use]
    pub fn session_of(&self, id: &str) -> Option<i64> {
        let digits = id.rsplit_once('_').map_or(id, |(_, digits)| digits);
        match digits.len() / 2 {
            WIDE => unhex(digits).map(|block| self.open_wide(block)),
            NARROW => unhex(digits).map(|block| self.open_narrow(block)),
            _ => None,
        }
    }

    /// The session whose link has this token, if there is one.
    #[must_use]
    pub fn session_of_token(&self, token: &str) -> Option<i64> {
        let token = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let token: [u8; TOKEN] = token.try_into().ok()?;
        token.first_chunk().map(|block| self.open_wide(*block))
    }

    fn wide(&self, session: i64, salt: [u8; SALT]) -> [u8; WIDE] {
        let plain = u128::from(session.cast_unsigned()) << 64 | u128::from(u64::from_be_bytes(salt));
        let mut block = plain.to_be_bytes().into();
        self.wide.encrypt_block(&mut block);
        block.into()
    }

    fn open_wide(&self, block: [u8; WIDE]) -> i64 {
        let mut block = block.into();
        self.wide.decrypt_block(&mut block);
        let plain = u128::from_be_bytes(block.into());
        ((plain >> 64) as u64).cast_signed()
    }

    fn narrow(&self, session: i64) -> [u8; NARROW] {
        let mut block = session.to_be_bytes().into();
        self.narrow.encrypt_block(&mut block);
        block.into()
    }

    fn open_narrow(&self, block: [u8; NARROW]) -> i64 {
        let mut block = block.into();
        self.narrow.decrypt_block(&mut block);
        i64::from_be_bytes(block.into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::core::entropy::SeededEntropy;

    const OTP: IdForm = IdForm::Narrow { prefix: "otp_" };
    const SESSION: i64 = 1_725_407_449_772_531_712;

    fn ids() -> SessionIds {
        SessionIds::new(&[1; 16], &[2; 56])
    }

    /// One of each kind for this session, with what reads it.
    fn given(ids: &SessionIds, session: i64, entropy: &dyn Entropy) -> [String; 3] {
        let (wide, token) = ids.names(session, IdForm::Wide, true, entropy).unwrap();
        let (narrow, none) = ids.names(session, OTP, false, entropy).unwrap();
        assert_eq!(none, None);
        [wide, narrow, token.unwrap()]
    }

    /// What [`given`] gave, read again.
    fn read(ids: &SessionIds, [wide, narrow, token]: &[String; 3]) -> [Option<i64>; 3] {
        [ids.session_of(wide), ids.session_of(narrow), ids.session_of_token(token)]
    }

    /// With another character at a place.
    fn changed(text: &str, at: usize) -> String {
        let other = if &text[at..=at] == "0" { "1" } else { "0" };
        format!("{}{other}{}", &text[..at], &text[at + 1..])
    }

    proptest! {
        #[test]
        fn each_leads_to_its_session_and_to_no_other(session: i64, other: i64, seed: u64) {
            let entropy = SeededEntropy::new(seed);
            let given_out = given(&ids(), session, &entropy);
            prop_assert_eq!(read(&ids(), &given_out), [Some(session); 3]);
            if other != session {
                let others = given(&ids(), other, &entropy);
                prop_assert!(given_out.iter().zip(&others).all(|(one, another)| one != another));
            }
        }
    }

    #[test]
    fn they_look_as_the_contracts_want() {
        let [wide, narrow, token] = given(&ids(), SESSION, &SeededEntropy::new(1));
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        assert!(wide.len() == 32 && wide.bytes().all(digit), "{wide}");
        assert!(narrow.strip_prefix("otp_").is_some_and(|id| id.len() == 16 && id.bytes().all(digit)), "{narrow}");
        assert!(token.len() == 43 && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    }

    #[test]
    fn neither_ids_nor_tokens_of_a_session_say_anything_about_each_other() {
        let entropy = SeededEntropy::new(1);
        let ids = ids();
        let ([first, _, token], [second, _, other]) = (given(&ids, SESSION, &entropy), given(&ids, SESSION, &entropy));
        assert_ne!(first, second);
        let blocks = [token, other].map(|token| hex(&BASE64_URL_SAFE_NO_PAD.decode(token).unwrap()));
        assert_ne!(blocks[0][..32], blocks[1][..32]);
        assert_ne!(blocks[0][32..], blocks[1][32..]);
        assert!(blocks.iter().all(|block| block[..32] != first && block[..32] != second));
    }

    #[test]
    fn with_other_keys_they_lead_elsewhere() {
        let given = given(&ids(), SESSION, &SeededEntropy::new(1));
        let others = SessionIds::new(&[3; 16], &[4; 56]);
        assert!(read(&others, &given).iter().all(|session| *session != Some(SESSION)));
    }

    #[test]
    fn a_changed_digit_leads_elsewhere() {
        let ids = ids();
        let [wide, narrow, token] = given(&ids, SESSION, &SeededEntropy::new(1));
        for at in 0..32 {
            assert_ne!(ids.session_of(&changed(&wide, at)), Some(SESSION), "{at}");
        }
        for at in 4..20 {
            assert_ne!(ids.session_of(&changed(&narrow, at)), Some(SESSION), "{at}");
        }
        // 22 characters hold the id; what follows is compared by its digest alone.
        for at in 0..21 {
            assert_ne!(ids.session_of_token(&changed(&token, at)), Some(SESSION), "{at}");
        }
    }

    #[test]
    fn what_none_of_ours_looks_like_leads_nowhere() {
        let ids = ids();
        let [wide, narrow, token] = given(&ids, SESSION, &SeededEntropy::new(1));
        let capitals = wide.to_uppercase();
        let long = format!("{wide}0");
        for text in [
            "",
            "otp_",
            "_",
            "x",
            &capitals,
            &long,
            &wide[1..],
            &narrow[..19],
            "+123456789abcdef",
            "é".repeat(8).as_str(),
        ] {
            assert_eq!(ids.session_of(text), None, "{text:?}");
        }
        let long = format!("{token}A");
        for text in ["", "\0", &long, &token[1..], &wide, &format!("{}=", &token[..42])] {
            assert_eq!(ids.session_of_token(text), None, "{text:?}");
        }
    }
}
