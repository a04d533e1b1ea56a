//! API keys as rows.

use entity::api_key;
use ipnet::IpNet;
use sea_orm::ActiveValue::{NotSet, Set};

use super::StoreError;
use crate::core::{
    access::{ApiKey, OldSecret, Permissions, Pool, Scopes},
    clock::Timestamp,
    keyring::Digest,
};

/// What of a key is to be otherwise; `None` leaves it.
#[derive(Clone, Debug, Default)]
pub struct KeyUpdate {
    /// Free text.
    pub description: Option<String>,
    /// What it may do.
    pub permissions: Option<Permissions>,
    /// Where it may be used from; empty for anywhere.
    pub allowed_ips: Option<Vec<IpNet>>,
    /// Refused from then on; the inner `None` is never.
    pub expires_at: Option<Option<Timestamp>>,
    /// Off when false.
    pub enabled: Option<bool>,
    /// Which names of applications it may use.
    pub scopes: Option<Scopes>,
}

impl TryFrom<api_key::Model> for ApiKey {
    type Error = StoreError;

    fn try_from(row: api_key::Model) -> Result<Self, StoreError> {
        let broken = |reason: &str| StoreError::Broken { table: "api_key", reason: reason.to_owned() };
        let digest = |bytes: Vec<u8>| Digest::try_from(bytes).map_err(|_| broken("a secret's digest is not 32 bytes"));
        let nets = words(&row.allowed_ips).map(str::parse);
        let old_secret = match (row.old_secret, row.old_secret_until) {
            (Some(old), Some(until)) => Some(OldSecret { digest: digest(old)?, until: Timestamp::from_millis(until) }),
            _ => None,
        };
        Ok(Self {
            dev_key: row.dev_key,
            app: row.app_id,
            pool: Pool::parse(&row.dialect).ok_or_else(|| broken("dialect"))?,
            scopes: Scopes::parse(words(&row.scopes)).map_err(|_| broken("scopes"))?,
            description: row.description,
            permissions: Permissions::from_bits(u8::try_from(row.permissions).map_err(|_| broken("permissions"))?),
            allowed_ips: nets.collect::<Result<_, _>>().map_err(|_| broken("allowed_ips is not a list of CIDRs"))?,
            expires_at: row.expires_at.map(Timestamp::from_millis),
            enabled: row.enabled,
            secret: digest(row.secret)?,
            old_secret,
            created_at: Timestamp::from_millis(row.created_at),
        })
    }
}

pub(super) fn key_row(key: &ApiKey) -> api_key::ActiveModel {
    api_key::ActiveModel {
        dev_key: Set(key.dev_key.clone()),
        app_id: Set(key.app),
        description: Set(key.description.clone()),
        permissions: Set(key.permissions.bits().into()),
        allowed_ips: Set(listed(&key.allowed_ips)),
        expires_at: Set(key.expires_at.map(Timestamp::millis)),
        enabled: Set(key.enabled),
        secret: Set(key.secret.to_vec()),
        old_secret: Set(None),
        old_secret_until: Set(None),
        created_at: Set(key.created_at.millis()),
        dialect: Set(key.pool.as_str().to_owned()),
        scopes: Set(listed(key.scopes.iter())),
    }
}

impl From<KeyUpdate> for api_key::ActiveModel {
    fn from(update: KeyUpdate) -> Self {
        Self {
            description: update.description.map_or(NotSet, Set),
            permissions: update.permissions.map_or(NotSet, |permissions| Set(permissions.bits().into())),
            allowed_ips: update.allowed_ips.map_or(NotSet, |nets| Set(listed(&nets))),
            expires_at: update.expires_at.map_or(NotSet, |end| Set(end.map(Timestamp::millis))),
            enabled: update.enabled.map_or(NotSet, Set),
            scopes: update.scopes.map_or(NotSet, |scopes| Set(listed(scopes.iter()))),
            ..Default::default()
        }
    }
}

fn listed<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(",")
}

fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').filter(|word| !word.is_empty())
}
