//! The shapes of keys.

use poem_openapi::{Enum, Object, types::MaybeUndefined};

use crate::{
    admin::{
        error::ApiError,
        words::{change, given, networks, time},
    },
    core::access::{self, ApiKey, Permissions},
    http::{Int, Required, Text},
    service::{self, KeyUpdate, NewSecret},
};

/// Longest time that an old secret may go on.
const MAX_OVERLAP_HOURS: i64 = 24 * 365;

/// What a key may do; templates may be managed with any key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename = "Permission", rename_all = "lowercase")]
enum Permission {
    Send,
    Verify,
}

/// A key, without its secret.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Key", skip_serializing_if_is_none)]
pub(super) struct Key {
    /// The public half.
    dev_key: String,
    /// Free text.
    description: String,
    /// What it may do; templates may be managed with any key.
    permissions: Vec<Permission>,
    /// Networks it may be used from; empty for anywhere.
    allowed_ips: Vec<String>,
    /// Refused from then on; absent for never.
    expires_at: Option<String>,
    /// Off when false.
    enabled: bool,
    /// Made at.
    created_at: String,
}

#[derive(Debug, Clone, Object)]
#[oai(rename = "KeyList", skip_serializing_if_is_none)]
pub(super) struct KeyList {
    /// In the order of their public halves.
    pub(super) items: Vec<Key>,
    /// Where the next page begins; absent on the last one.
    pub(super) next_cursor: Option<String>,
}

/// Both halves of a key; the secret one is shown only now.
#[derive(Clone, Object)]
#[oai(rename = "KeySecret")]
pub(super) struct KeySecret {
    /// The public half.
    dev_key: String,
    /// The secret half.
    dev_secret: String,
}

#[derive(Debug, Clone, Object)]
#[oai(rename = "NewKey", deny_unknown_fields)]
pub(super) struct NewKey {
    /// What it may do; templates may be managed with any key.
    permissions: Required<Vec<Permission>>,
    /// Free text.
    description: Option<Text>,
    /// Networks and addresses it may be used from; anywhere where there are none.
    allowed_ips: Option<Vec<Text>>,
    /// Refuse it from then on (RFC 3339).
    expires_at: Option<Text>,
}

/// What is to be otherwise.
#[derive(Debug, Clone, Object)]
#[oai(rename = "KeyChange", deny_unknown_fields)]
pub(super) struct KeyChange {
    /// What it may do.
    permissions: Option<Vec<Permission>>,
    /// Free text.
    description: Option<Text>,
    /// Networks and addresses it may be used from; an empty list for anywhere.
    allowed_ips: Option<Vec<Text>>,
    /// Refuse it from then on (RFC 3339); null for never.
    expires_at: MaybeUndefined<Text>,
    /// Switch it on or off.
    enabled: Option<bool>,
}

#[derive(Debug, Clone, Object)]
#[oai(rename = "Rotation", deny_unknown_fields)]
pub(super) struct Rotation {
    /// How long the old secret still works, in hours; 24 unless said otherwise.
    overlap_hours: Option<Int>,
}

impl From<ApiKey> for Key {
    fn from(key: ApiKey) -> Self {
        let word = |permission| match permission {
            access::Permission::Send => Permission::Send,
            access::Permission::Verify => Permission::Verify,
        };
        Self {
            dev_key: key.dev_key,
            description: key.description,
            permissions: key.permissions.iter().map(word).collect(),
            allowed_ips: key.allowed_ips.iter().map(ToString::to_string).collect(),
            expires_at: key.expires_at.map(crate::core::clock::Timestamp::rfc3339),
            enabled: key.enabled,
            created_at: key.created_at.rfc3339(),
        }
    }
}

impl From<NewSecret> for KeySecret {
    fn from(secret: NewSecret) -> Self {
        Self { dev_key: secret.dev_key, dev_secret: secret.dev_secret.to_string() }
    }
}

fn permissions(words: &[Permission]) -> Permissions {
    Permissions::of(words.iter().map(|word| match word {
        Permission::Send => access::Permission::Send,
        Permission::Verify => access::Permission::Verify,
    }))
}

impl NewKey {
    pub(super) fn into_command(self) -> Result<service::NewKey, ApiError> {
        Ok(service::NewKey {
            permissions: permissions(&given("permissions", self.permissions)?),
            description: self.description.map(String::from).unwrap_or_default(),
            allowed_ips: networks("allowed_ips", &self.allowed_ips.unwrap_or_default())?,
            expires_at: self.expires_at.map(|end| time("expires_at", &end)).transpose()?,
        })
    }
}

impl KeyChange {
    pub(super) fn into_command(self) -> Result<KeyUpdate, ApiError> {
        Ok(KeyUpdate {
            permissions: self.permissions.map(|words| permissions(&words)),
            description: self.description.map(String::from),
            allowed_ips: self.allowed_ips.map(|nets| networks("allowed_ips", &nets)).transpose()?,
            expires_at: change(self.expires_at, |end| time("expires_at", &end))?,
            enabled: self.enabled,
        })
    }
}

impl Rotation {
    pub(super) fn overlap_hours(&self) -> Result<u64, ApiError> {
        let Int(hours) = self.overlap_hours.unwrap_or(Int(24));
        let wrong = || ApiError::invalid(format!("overlap_hours must be 0 to {MAX_OVERLAP_HOURS}"));
        u64::try_from(hours).ok().filter(|_| hours <= MAX_OVERLAP_HOURS).ok_or_else(wrong)
    }
}
