//! Addresses that applications want told of events (spec 5.1).

use sea_orm::entity::prelude::*;

/// One address of one application.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "callback")]
pub struct Model {
    /// Snowflake.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Owner.
    pub app_id: i64,
    /// Free text.
    pub description: String,
    /// Where requests go; unique in the application.
    pub url: String,
    /// Name in `X-CALLBACK-ID`; empty for none.
    pub username: String,
    /// Its secrets, encrypted.
    pub credentials: Vec<u8>,
    /// Bit mask of what it is told.
    pub topics: i64,
    /// Off when false.
    pub enabled: bool,
    /// Whether it is enabled and wants steps of messages: what every new event asks.
    pub steps: bool,
    /// Why the server switched it off; empty when it did not.
    pub disabled_reason: String,
    /// First failure after the last success.
    pub failing_since: Option<i64>,
    /// Status of the last answer.
    pub last_status: Option<i16>,
    /// Requests that were taken.
    pub delivered: i64,
    /// Requests that were not.
    pub failed: i64,
    /// Made at.
    pub created_at: i64,
}

/// No relations are mapped: queries name what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
