//! Which template and target may not be sent to again yet (3004).

use sea_orm::entity::prelude::*;

/// One window.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "send_window")]
pub struct Model {
    /// Keyed digest of application, template and recipient.
    #[sea_orm(primary_key, auto_increment = false)]
    pub slot: i64,
    /// The message that opened it.
    pub message_id: i64,
    /// When it ends by itself.
    pub until: i64,
    /// Whether nobody holds it any more, and it only leads to the newest session of its slot.
    pub ended: bool,
}

/// No relations are mapped: queries name what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
