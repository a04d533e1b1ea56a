//! What recipients were sent, and how often somebody guessed wrong.

use sea_orm::entity::prelude::*;

/// One recipient.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger")]
pub struct Model {
    /// Keyed digest of the recipient.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: i64,
    /// Another with every change; whoever read another one reads again.
    pub version: i64,
    /// The version that this one followed.
    pub previous: i64,
    /// The ledger as JSON; it names applications, messages and times only.
    pub log: String,
    /// Of no use from then on.
    pub until: i64,
}

/// No relations are mapped: queries name what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
