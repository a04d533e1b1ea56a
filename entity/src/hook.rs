//! Who is told what becomes of a message, because its request named them.

use sea_orm::entity::prelude::*;

/// One receiver of one message.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "hook")]
pub struct Model {
    /// The message.
    #[sea_orm(primary_key, auto_increment = false)]
    pub message_id: i64,
    /// Where, by which key, and what names the message, encrypted.
    pub body: Vec<u8>,
    /// Bit mask of what was told: 1 delivered, 2 failed, 4 verified.
    pub told: i16,
    /// Failed tries of what is told next.
    pub attempt: i16,
    /// Not asked before.
    pub due_at: i64,
    /// Nothing is told from then on.
    pub until: i64,
}

/// No relations are mapped: queries name what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
