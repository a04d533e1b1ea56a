//! What providers took and will report on.

use sea_orm::entity::prelude::*;

/// One try of one delivery that a provider took.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "hand_over")]
pub struct Model {
    /// Keyed digest of the provider's name and its reference.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: i64,
    /// The delivery.
    pub delivery: i64,
    /// Its message.
    pub message_id: i64,
    /// Owner.
    pub app_id: i64,
    /// Which hop of the plan it was.
    pub hop: i16,
    /// Channel of that hop.
    pub channel: String,
    /// Name of the provider.
    pub provider: String,
    /// 0 taken, 1 failed, 2 delivered; it only grows.
    pub fate: i16,
    /// When the fate was last changed.
    pub at: i64,
}

/// No relations are mapped: queries name what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
