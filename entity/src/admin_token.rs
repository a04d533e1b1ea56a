//! Tokens of the management API.

use sea_orm::entity::prelude::*;

/// One token.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "admin_token")]
pub struct Model {
    /// Snowflake.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// What the operator calls it.
    #[sea_orm(unique)]
    pub name: String,
    /// Keyed digest of the token.
    pub digest: Vec<u8>,
    /// Refused from then on.
    pub expires_at: Option<i64>,
    /// Made at.
    pub created_at: i64,
}

/// No relations are mapped: queries name what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
