//! Message templates.

use sea_orm::entity::prelude::*;

/// One template of one application.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "template")]
pub struct Model {
    /// Snowflake; orders the list.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Owner.
    pub app_id: i64,
    /// Name, unique in the application.
    pub template_id: String,
    /// The definition as JSON.
    pub definition: String,
    /// 1 pending, 2 approved, 3 rejected.
    pub status: i16,
    /// Reason of a rejection.
    pub audit_remark: String,
    /// Made at.
    pub created_at: i64,
}

/// No relations are mapped: queries name what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
