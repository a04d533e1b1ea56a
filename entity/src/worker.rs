//! Which node gives out ids under which worker number (security G2).

use sea_orm::entity::prelude::*;

/// One leased worker number.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "worker")]
pub struct Model {
    /// 0 to 1023.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Random token of the holder.
    pub holder: i64,
    /// When the lease ends unless renewed.
    pub lease_until: i64,
    /// No id at or before this time may be given out again.
    pub high_water: i64,
}

/// No relations are mapped: queries name what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
