//! The server's own keys: what tags codes, seals bodies and makes look-up digests.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{
    clock::Timestamp,
    code::Code,
    entropy::{Entropy, NoEntropy, bytes},
    id::MessageId,
    session_ids::SessionIds,
};

const NONCE: usize = 24;

/// What is kept of a code (security B2).
pub type Tag = [u8; 32];
/// A keyed digest under which something is looked up.
pub type Digest = [u8; 32];

/// A sealed value could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It was sealed with a key that has left the ring.
    #[error("the key that sealed this is not in the key ring")]
    UnknownKey,
    /// It was changed, or belongs somewhere else.
    #[error("the sealed value is broken")]
    Broken,
}

/// One generation of the rotating keys, derived from its secret with HKDF labels.
#[derive(Clone)]
struct Generation {
    id: u16,
    since: Timestamp,
    tag: Hmac<Sha256>,
    seal: XChaCha20Poly1305,
}

/// The secret of one generation as it is kept in the key file.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct KeySecret {
    /// Number of the generation, rising.
    #[zeroize(skip)]
    pub id: u16,
    /// When it came or comes into use.
    #[zeroize(skip)]
    pub since: Timestamp,
    /// 256 random bits.
    pub secret: [u8; 32],
}

/// Every key the server holds. No `Debug`.
#[derive(Clone)]
pub struct KeyRing {
    index: Hmac<Sha256>,
    lasting: XChaCha20Poly1305,
    session_ids: SessionIds,
    generations: Vec<Generation>,
}

/// How long a code key is still tried after a newer one came into use (security I1).
const OVERLAP: std::time::Duration = std::time::Duration::from_mins(15);

impl KeyRing {
    /// From the index secret, which never changes, and the rotating secrets, of which there must be one.
    #[must_use]
    pub fn new(index: &[u8; 32], mut secrets: Vec<KeySecret>) -> Option<Self> {
        secrets.sort_by_key(|secret| secret.since);
        let generations: Vec<_> = secrets.iter().map(Generation::derive).collect();
        let lasting = derive::<32>(index, b"verifyd/lasting/v1");
        let lasting = XChaCha20Poly1305::new(&(*lasting).into());
        let wide = derive(index, b"verifyd/session ids/wide/v1");
        let narrow = derive(index, b"verifyd/session ids/narrow/v1");
        (!generations.is_empty()).then(|| Self {
            index: mac(&derive(index, b"verifyd/index/v1")),
            lasting,
            session_ids: SessionIds::new(&wide, &narrow),
            generations,
        })
    }

    /// The tags under which this code may have been stored, the newest key's first.
    ///
    /// `HMAC-SHA-256(key, "otp/v1" ‖ app ‖ message id ‖ code)`, so a tag fits one message only (security A7, B2).
    #[must_use]
    pub fn tags(&self, app: i64, message: MessageId, code: &str, now: Timestamp) -> Vec<Tag> {
        self.live(now).map(|generation| generation.tag(app, message, code)).collect()
    }

    /// The tag to store with a new message.
    #[must_use]
    pub fn tag(&self, app: i64, message: MessageId, code: &Code, now: Timestamp) -> Tag {
        self.current(now).tag(app, message, code.expose())
    }

    /// Encrypts; `place` binds the result to where it is kept.
    pub fn seal(
        &self,
        place: &[u8],
        plain: &[u8],
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, NoEntropy> {
        let generation = self.current(now);
        let sealed = encrypt(&generation.seal, place, plain, entropy)?;
        Ok([&generation.id.to_be_bytes()[..], &sealed].concat())
    }

    /// Decrypts what [`KeyRing::seal`] made for the same `place`.
    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (id, sealed) = sealed.split_first_chunk::<2>().ok_or(SealError::Broken)?;
        let id = u16::from_be_bytes(*id);
        let generation = self.generations.iter().find(|key| key.id == id).ok_or(SealError::UnknownKey)?;
        decrypt(&generation.seal, place, sealed)
    }

    /// Encrypts what may be kept for longer than a generation of the rotating keys lives.
    pub fn seal_lasting(&self, place: &[u8], plain: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, NoEntropy> {
        encrypt(&self.lasting, place, plain, entropy)
    }

    /// Decrypts what [`KeyRing::seal_lasting`] made for the same `place`.
    pub fn open_lasting(&self, place: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        decrypt(&self.lasting, place, sealed)
    }

    /// A keyed digest for look-ups and for API secrets. It does not change with rotation.
    #[must_use]
    pub fn digest(&self, purpose: &str, parts: impl IntoIterator<Item: AsRef<[u8]>>) -> Digest {
        let mut mac = self.index.clone();
        absorb(&mut mac, purpose.as_bytes());
        for part in parts {
            absorb(&mut mac, part.as_ref());
        }
        mac.finalize().into_bytes().into()
    }

    /// What makes and reads the ids of sessions. They do not change with rotation.
    #[must_use]
    pub const fn session_ids(&self) -> &SessionIds {
        &self.session_ids
    }

    fn current(&self, now: Timestamp) -> &Generation {
        self.generations.iter().rev().find(|key| key.since <= now).unwrap_or(&self.generations[0])
    }

    /// The current key, those still inside the overlap, and those that another node may already use.
    fn live(&self, now: Timestamp) -> impl Iterator<Item = &Generation> {
        let replaced_at = |index: usize| self.generations.get(index + 1).map(|newer| newer.since);
        let in_use = move |index| replaced_at(index).is_none_or(|at| now < at + OVERLAP);
        (0..self.generations.len()).rev().filter(move |index| in_use(*index)).map(|index| &self.generations[index])
    }
}

impl Generation {
    fn derive(key: &KeySecret) -> Self {
        let seal = derive::<32>(&key.secret, b"verifyd/seal/v1");
        let tag = mac(&derive(&key.secret, b"verifyd/code-tag/v1"));
        Self { id: key.id, since: key.since, tag, seal: XChaCha20Poly1305::new(&(*seal).into()) }
    }

    fn tag(&self, app: i64, message: MessageId, code: &str) -> Tag {
        let mut mac = self.tag.clone();
        mac.update(b"otp/v1");
        mac.update(&app.to_be_bytes());
        mac.update(&message.0.to_be_bytes());
        mac.update(code.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// The nonce, then the sealed text.
fn encrypt(key: &XChaCha20Poly1305, place: &[u8], plain: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, NoEntropy> {
    let nonce: [u8; NONCE] = bytes(entropy)?;
    let payload = Payload { msg: plain, aad: place };
    let sealed = key.encrypt(&XNonce::from(nonce), payload).map_err(|_| NoEntropy)?;
    Ok([&nonce[..], &sealed].concat())
}

fn decrypt(key: &XChaCha20Poly1305, place: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE>().ok_or(SealError::Broken)?;
    let payload = Payload { msg: body, aad: place };
    key.decrypt(&XNonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| SealError::Broken)
}

/// Length first, so that no two lists of parts look alike.
fn absorb(mac: &mut Hmac<Sha256>, part: &[u8]) {
    mac.update(&(part.len() as u64).to_be_bytes());
    mac.update(part);
}

fn derive<const N: usize>(secret: &[u8; 32], label: &[u8]) -> Zeroizing<[u8; N]> {
    let mut key = Zeroizing::new([0; N]);
    let expanded = Hkdf::<Sha256>::new(None, secret).expand(label, key.as_mut());
    debug_assert!(expanded.is_ok(), "HKDF-SHA-256 can give up to 8160 bytes");
    key
}

/// The key fills one block of SHA-256, so that HMAC takes it as it is.
fn mac(key: &[u8; 64]) -> Hmac<Sha256> {
    Hmac::new(&(*key).into())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::core::{entropy::OsEntropy, session_ids::IdForm};

    const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn key(id: u16, since: Timestamp) -> KeySecret {
        KeySecret { id, since, secret: [u8::try_from(id).unwrap(); 32] }
    }

    fn ring(keys: Vec<KeySecret>) -> KeyRing {
        KeyRing::new(&[9; 32], keys).unwrap()
    }

    #[test]
    fn a_tag_fits_one_code_of_one_message_of_one_application() {
        let ring = ring(vec![key(1, START)]);
        let stored = ring.tag(1, MessageId(2), &Code::given("123456"), START);
        assert_eq!(ring.tags(1, MessageId(2), "123456", START), [stored]);
        for (app, message, code) in [(2, 2, "123456"), (1, 3, "123456"), (1, 2, "123457")] {
            assert_ne!(ring.tags(app, MessageId(message), code, START), [stored]);
        }
    }

    #[test]
    fn an_old_code_key_is_tried_for_fifteen_minutes_after_rotation() {
        let rotated = START + Duration::from_hours(1);
        let ring = ring(vec![key(1, START), key(2, rotated)]);
        let tries = |at| ring.tags(1, MessageId(2), "1234", at).len();
        assert_eq!(tries(rotated), 2);
        assert_eq!(tries(rotated + Duration::from_secs(899)), 2);
        assert_eq!(tries(rotated + Duration::from_mins(15)), 1);
    }

    #[test]
    fn a_key_that_is_not_yet_in_use_is_not_used_but_already_understood() {
        let later = START + Duration::from_mins(1);
        let ring = ring(vec![key(1, START), key(2, later)]);
        let sealed = ring.seal(b"here", b"body", later, &OsEntropy).unwrap();
        assert_eq!(sealed[..2], [0, 2]);
        assert_eq!(ring.seal(b"here", b"body", START, &OsEntropy).unwrap()[..2], [0, 1]);
        let tag = ring.tag(1, MessageId(2), &Code::given("1234"), later);
        assert!(ring.tags(1, MessageId(2), "1234", START).contains(&tag));
    }

    #[test]
    fn what_is_sealed_opens_in_its_own_place_only() {
        let ring_of_one = ring(vec![key(1, START)]);
        let sealed = ring_of_one.seal(b"here", b"body", START, &OsEntropy).unwrap();
        assert_eq!(&**ring_of_one.open(b"here", &sealed).unwrap(), b"body");
        assert_eq!(ring_of_one.open(b"there", &sealed).unwrap_err(), SealError::Broken);
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(ring_of_one.open(b"here", &changed).unwrap_err(), SealError::Broken);
        assert_eq!(ring(vec![key(2, START)]).open(b"here", &sealed).unwrap_err(), SealError::UnknownKey);
        assert_eq!(ring_of_one.open(b"here", &[]).unwrap_err(), SealError::Broken);
    }

    #[test]
    fn what_is_to_last_opens_when_every_generation_has_changed() {
        let sealed = ring(vec![key(1, START)]).seal_lasting(b"here", b"body", &OsEntropy).unwrap();
        let later = ring(vec![key(7, START)]);
        assert_eq!(&**later.open_lasting(b"here", &sealed).unwrap(), b"body");
        assert_eq!(later.open_lasting(b"there", &sealed).unwrap_err(), SealError::Broken);
        let another = KeyRing::new(&[8; 32], vec![key(1, START)]).unwrap();
        assert_eq!(another.open_lasting(b"here", &sealed).unwrap_err(), SealError::Broken);
    }

    #[test]
    fn ids_of_sessions_are_understood_when_every_generation_has_changed() {
        let (_, token) = ring(vec![key(1, START)]).session_ids().names(5, IdForm::Wide, true, &OsEntropy).unwrap();
        let token = token.unwrap();
        assert_eq!(ring(vec![key(7, START)]).session_ids().session_of_token(&token), Some(5));
        let another = KeyRing::new(&[8; 32], vec![key(1, START)]).unwrap();
        assert_ne!(another.session_ids().session_of_token(&token), Some(5));
    }

    #[test]
    fn a_digest_depends_on_purpose_and_on_where_the_parts_end() {
        let ring = ring(vec![key(1, START)]);
        assert_eq!(ring.digest("a", &[b"b"]), ring.digest("a", &[b"b"]));
        assert_ne!(ring.digest("a", &[b"bc"]), ring.digest("a", &[b"b", b"c"]));
        assert_ne!(ring.digest("a", &[b"b"]), ring.digest("b", &[b"b"]));
    }
}
