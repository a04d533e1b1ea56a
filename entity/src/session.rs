//! Verifications that can be sent again and asked about; `EngageLab`'s have none.

use sea_orm::entity::prelude::*;

/// One verification, under the id that its dialect gave out.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// Id of its first message.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Name of the dialect.
    pub dialect: String,
    /// The id that callers know; it says which session it is, to whoever has the key.
    pub public_id: String,
    /// Owner.
    pub app_id: i64,
    /// A part of the application that callers name (`AirTexts`' appid), else empty.
    pub scope: String,
    /// Keyed digest of dialect, application, scope and recipient.
    pub slot: i64,
    /// The message whose code counts.
    pub message_id: i64,
    /// How often it was sent.
    pub sends: i16,
    /// When it was sent last.
    pub sent_at: i64,
    /// SHA-256 of the token of its link.
    pub link: Option<Vec<u8>>,
    /// Begun at.
    pub created_at: i64,
}

/// No relations are mapped: queries name what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
