//! API keys: who may call, and how.

use sea_orm::entity::prelude::*;

/// One key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_key")]
pub struct Model {
    /// The public half.
    #[sea_orm(primary_key, auto_increment = false)]
    pub dev_key: String,
    /// Owner.
    pub app_id: i64,
    /// Free text.
    pub description: String,
    /// Bit mask: 1 send, 2 verify, 4 otp.
    pub permissions: i16,
    /// Comma-separated CIDRs; empty allows any address.
    pub allowed_ips: String,
    /// Refused from then on.
    pub expires_at: Option<i64>,
    /// Off when false.
    pub enabled: bool,
    /// Keyed digest of the secret.
    pub secret: Vec<u8>,
    /// Keyed digest of the secret before the last rotation.
    pub old_secret: Option<Vec<u8>>,
    /// Until when the old secret works.
    pub old_secret_until: Option<i64>,
    /// Made at.
    pub created_at: i64,
    /// The API that it opens, by the name of its dialect.
    pub dialect: String,
    /// Comma-separated names of applications; `*` is any. Empty where the API has none.
    pub scopes: String,
}

/// No relations are mapped: queries name what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
