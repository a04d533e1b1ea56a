//! What happened to messages (spec 5.5a).

use sea_orm::entity::prelude::*;

/// One step of a message.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    /// The message.
    #[sea_orm(primary_key, auto_increment = false)]
    pub message_id: i64,
    /// Snowflake; orders the steps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Owner.
    pub app_id: i64,
    /// Word of spec 5.5(a).
    pub kind: String,
    /// Channel of this step.
    pub channel: Option<String>,
    /// Name of the provider.
    pub provider: Option<String>,
    /// 50xx of spec 2.1, 0 for none.
    pub error_code: i16,
    /// Reason or reference, free of recipient and code.
    pub detail: Option<String>,
    /// When.
    pub at: i64,
    /// Which of the message's deliveries, where it is about one. That of `plan` is its id.
    pub delivery: Option<i64>,
    /// Which try of this channel it was, from 1.
    pub attempt: Option<i16>,
    /// 0 while a callback is to be told of it, 1 afterwards.
    pub published: Option<i16>,
    /// What it cost, in millionths of a US dollar; of `sent` where there is a price.
    pub cost: Option<i64>,
}

/// No relations are mapped: queries name what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
