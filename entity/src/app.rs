//! Applications: each owns its keys, templates and messages.

use sea_orm::entity::prelude::*;

/// One application.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "app")]
pub struct Model {
    /// Snowflake.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Unique name.
    #[sea_orm(unique)]
    pub name: String,
    /// Made at.
    pub created_at: i64,
    /// What it may spend in all, in millionths of a US dollar.
    pub spend_limit: Option<i64>,
    /// Tell when less than this is left, in the same unit.
    pub balance_alert: Option<i64>,
    /// Whether that was told since limit or alert were last changed.
    pub balance_told: bool,
    /// Tell when fewer codes than this, in percent, come back.
    pub verification_rate_alert: Option<i16>,
}

/// No relations are mapped: queries name what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
