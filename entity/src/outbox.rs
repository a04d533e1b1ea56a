//! Messages that wait for a provider.

use sea_orm::entity::prelude::*;

/// One recipient of one message.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    /// Snowflake.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// The message.
    pub message_id: i64,
    /// Owner.
    pub app_id: i64,
    /// The delivery plan, encrypted.
    pub body: Vec<u8>,
    /// Which hop of the plan is next.
    pub hop: i16,
    /// Tries of this hop so far.
    pub attempt: i16,
    /// Who works on it: a token that only its holder knows.
    pub claim: i64,
    /// When it may be claimed (again).
    pub due_at: i64,
    /// Nothing is handed over later.
    pub expires_at: i64,
    /// How often it was claimed since it was last settled.
    pub claims: i16,
    /// 1 when a receipt has ended the plan while somebody held the claim.
    pub done: i16,
}

/// No relations are mapped: queries name what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
