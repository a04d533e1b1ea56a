//! What callbacks are told beside the steps of messages (spec 5.5 b to d).

use sea_orm::entity::prelude::*;

/// One notice.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notice")]
pub struct Model {
    /// Snowflake.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Whose.
    pub app_id: i64,
    /// Keyed digest of what may be told twice and is to be kept once.
    pub once: Option<i64>,
    /// What happened, encrypted.
    pub body: Vec<u8>,
    /// When.
    pub at: i64,
    /// 0 while callbacks are to be told of it, 1 afterwards.
    pub published: i16,
}

/// No relations are mapped: queries name what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
