//! Requests to callbacks that wait.

use sea_orm::entity::prelude::*;

/// One request, the same at every attempt.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "callback_batch")]
pub struct Model {
    /// Snowflake; the receiver sees it as `webhook-id`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Where it goes.
    pub callback_id: i64,
    /// The body, encrypted.
    pub body: Vec<u8>,
    /// Attempts so far.
    pub attempt: i16,
    /// Who works on it: a token that only its holder knows.
    pub claim: i64,
    /// When it may be claimed (again).
    pub due_at: i64,
}

/// No relations are mapped: queries name what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
