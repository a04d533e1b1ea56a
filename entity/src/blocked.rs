//! Recipients that get nothing (5013).

use sea_orm::entity::prelude::*;

/// One blocked recipient.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "blocked")]
pub struct Model {
    /// Keyed digest of the recipient.
    #[sea_orm(primary_key, auto_increment = false)]
    pub target: i64,
    /// The address with its middle hidden, for people.
    pub masked: String,
    /// Made at.
    pub created_at: i64,
}

/// No relations are mapped: queries name what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
