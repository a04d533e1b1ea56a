//! The shapes of keys.

use poem_openapi::{Enum, Object, types::MaybeUndefined};

use crate::{
    admin::{
        error::ApiError,
        words::{change, given, networks, time},
    },
    core::access::{self, ApiKey, Permissions, Pool, Scopes},
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
    Otp,
}

/// The API that a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename = "Dialect", rename_all = "lowercase")]
enum Dialect {
    Engagelab,
    Mailpass,
    Airtexts,
}

/// A key, without its secret.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Key", skip_serializing_if_is_none)]
pub(super) struct Key {
    /// The public half.
    dev_key: String,
    /// The API that it opens; absent for EngageLab's.
    dialect: Option<Dialect>,
    /// Names of applications that its user may give, `*` for any; absent for an API without such names.
    appids: Option<Vec<String>>,
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
#[oai(rename = "KeySecret", skip_serializing_if_is_none)]
pub(super) struct KeySecret {
    /// The public half.
    dev_key: String,
    /// The secret half.
    dev_secret: String,
    /// What clients of the other APIs send as their key; absent for EngageLab's.
    api_key: Option<String>,
    /// What goes with it where it is not a part of it.
    api_secret: Option<String>,
    /// What signs webhooks for its sends; absent for an API without such.
    webhook_secret: Option<String>,
}

#[derive(Debug, Clone, Object)]
#[oai(rename = "NewKey", deny_unknown_fields)]
pub(super) struct NewKey {
    /// The API that it opens; EngageLab's unless said otherwise.
    dialect: Option<Dialect>,
    /// What it may do: send and verify (engagelab), otp (the others). Templates may be managed with any key.
    permissions: Required<Vec<Permission>>,
    /// Names of applications that its user may give (airtexts); `*` for any.
    appids: Option<Vec<Text>>,
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
    /// Names of applications that its user may give (airtexts); `*` for any.
    appids: Option<Vec<Text>>,
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
            access::Permission::Otp => Permission::Otp,
        };
        let appids = || key.scopes.iter().map(str::to_owned).collect();
        Self {
            dialect: match key.pool {
                Pool::Engagelab => None,
                Pool::Mailpass => Some(Dialect::Mailpass),
                Pool::Airtexts => Some(Dialect::Airtexts),
            },
            appids: key.pool.has_scopes().then(appids),
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
        Self {
            api_key: secret.api_key().map(|key| key.to_string()),
            api_secret: secret.api_secret().map(|secret| secret.to_string()),
            webhook_secret: secret.webhook_secret.as_ref().map(|secret| secret.to_string()),
            dev_key: secret.dev_key,
            dev_secret: secret.dev_secret.to_string(),
        }
    }
}

fn permissions(words: &[Permission]) -> Permissions {
    Permissions::of(words.iter().map(|word| match word {
        Permission::Send => access::Permission::Send,
        Permission::Verify => access::Permission::Verify,
        Permission::Otp => access::Permission::Otp,
    }))
}

fn scopes(names: Vec<Text>) -> Result<Scopes, ApiError> {
    Scopes::parse(names.into_iter().map(String::from)).map_err(|err| ApiError::invalid(err.to_string()))
}

impl NewKey {
    pub(super) fn into_command(self) -> Result<service::NewKey, ApiError> {
        Ok(service::NewKey {
            pool: match self.dialect {
                None | Some(Dialect::Engagelab) => Pool::Engagelab,
                Some(Dialect::Mailpass) => Pool::Mailpass,
                Some(Dialect::Airtexts) => Pool::Airtexts,
            },
            scopes: scopes(self.appids.unwrap_or_default())?,
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
            scopes: self.appids.map(scopes).transpose()?,
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
