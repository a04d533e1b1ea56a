//! Reading credentials, however a client writes them (spec 2.1).

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use poem::http::{HeaderMap, header::AUTHORIZATION};

/// What somebody gave; nothing of it is believed yet. No `Debug`.
pub(super) enum Given {
    /// A key or a user's name, and what goes with it.
    Pair { name: String, secret: String },
    /// What may be a JSON Web Token.
    Token(String),
}

/// Takes padding or none, and whatever an encoder left in the last bits.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

impl Given {
    /// The headers of this API come first: where one of them is there, `Authorization` is not looked at.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default().to_owned());
        match (text("x-api-key"), text("x-api-secret")) {
            (Some(name), Some(secret)) => Some(Self::Pair { name, secret }),
            (None, None) => Self::of_authorization(headers.get(AUTHORIZATION)?.to_str().ok()?),
            _ => None,
        }
    }

    fn of_authorization(value: &str) -> Option<Self> {
        let (scheme, rest) = value.trim().split_once(' ')?;
        let rest = rest.trim();
        match scheme.to_ascii_lowercase().as_str() {
            "basic" => pair(&decoded(rest)?, &[':']),
            "bearer" => Self::of_bearer(rest),
            _ => None,
        }
    }

    /// `key:secret` as it is, a token of three parts, or base64 in either alphabet of a pair joined by a colon or dash.
    fn of_bearer(text: &str) -> Option<Self> {
        if text.contains(':') {
            return pair(text, &[':']);
        }
        if text.matches('.').count() == 2 {
            return Some(Self::Token(text.to_owned()));
        }
        pair(&decoded(text)?, &[':', '-'])
    }
}

/// Cut at the first of the separators that is there.
fn pair(text: &str, separators: &[char]) -> Option<Given> {
    let (name, secret) = separators.iter().find_map(|separator| text.split_once(*separator))?;
    Some(Given::Pair { name: name.to_owned(), secret: secret.to_owned() })
}

fn decoded(text: &str) -> Option<String> {
    let standard = text.replace('-', "+").replace('_', "/");
    String::from_utf8(BASE64.decode(standard).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&'static str, &str)]) -> Option<String> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        Given::of(&map).map(|given| match given {
            Given::Pair { name, secret } => format!("{name} {secret}"),
            Given::Token(token) => format!("token {token}"),
        })
    }

    #[test]
    fn every_way_of_writing_a_pair_is_read() {
        // "key:a?b>c" and "key-a?b>c"
        for value in [
            "Basic a2V5OmE/Yj5j",
            "basic  a2V5OmE/Yj5j",
            "Bearer a2V5OmE/Yj5j",
            "Bearer a2V5OmE_Yj5j",
            "Bearer a2V5LWE/Yj5j",
            "bearer key:a?b>c",
        ] {
            assert_eq!(read(&[("authorization", value)]).as_deref(), Some("key a?b>c"), "{value}");
        }
        // "key:ab", with padding and without
        for value in ["Bearer a2V5OmFi", "Basic a2V5OmE=", "Basic a2V5OmE"] {
            assert!(read(&[("authorization", value)]).unwrap().starts_with("key a"), "{value}");
        }
    }

    #[test]
    fn the_headers_of_the_api_come_first_and_belong_together() {
        let basic = ("authorization", "Basic a2V5OmE=");
        assert_eq!(read(&[("x-api-key", "k"), ("x-api-secret", "s"), basic]).as_deref(), Some("k s"));
        assert_eq!(read(&[("x-api-key", "k"), basic]), None);
        assert_eq!(read(&[("x-api-secret", "s"), basic]), None);
    }

    #[test]
    fn what_is_no_pair_is_nothing() {
        for value in ["", "Basic", "Basic !", "Basic a2V5", "Digest a2V5OmE=", "Bearer", "Bearer a2V5", "a2V5OmE="] {
            assert_eq!(read(&[("authorization", value)]), None, "{value}");
        }
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[("authorization", "Bearer a.b.c")]).as_deref(), Some("token a.b.c"));
    }
}
