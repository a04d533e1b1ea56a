//! Receipts that came before our own note of what they are about.

use sea_orm::entity::prelude::*;

/// One receipt.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "early_receipt")]
pub struct Model {
    /// That of the hand-over it is about.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: i64,
    /// Name of the provider.
    pub provider: String,
    /// 1 failed, 2 delivered.
    pub fate: i16,
    /// 50xx of spec 2.1, 0 for none.
    pub error_code: i16,
    /// The provider's reason.
    pub detail: Option<String>,
    /// When it came.
    pub at: i64,
    /// When its hand-over is looked for again.
    pub due_at: i64,
}

/// No relations are mapped: queries name what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
