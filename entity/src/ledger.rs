//! What recipients were sent, and how often somebody guessed wrong.

use sea_orm::entity::prelude::*;

/// One recipient.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger")]
pub struct Model {
    /// Keyed digest of the recipient.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: i64,
    /// Another with every change, and an id of that time; whoever read another one reads again.
    pub version: i64,
    /// The version that this one followed.
    pub previous: i64,
    /// The ledger, in the form that its first byte says; it names applications, messages and times only.
    pub log: Vec<u8>,
}

/// No relations are mapped: queries name what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
