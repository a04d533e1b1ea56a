//! Messages and the codes they carry.

use sea_orm::entity::prelude::*;

/// One accepted message.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    /// Snowflake.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// Owner.
    pub app_id: i64,
    /// Name of the template it was made from.
    pub template_id: String,
    /// Keyed digest of the recipient.
    pub target: i64,
    /// The recipients, encrypted.
    pub recipient: Vec<u8>,
    /// Which send window it holds, if any.
    pub slot: Option<i64>,
    /// First channel.
    pub channel: String,
    /// Keyed digest of the code; none where the server does not verify.
    pub tag: Option<Vec<u8>>,
    /// Guesses compared so far.
    pub attempts: i16,
    /// Wrong guesses that end the code.
    pub max_attempts: i16,
    /// When the right code came.
    pub verified_at: Option<i64>,
    /// Event id of the last guess that was compared.
    pub last_guess: Option<i64>,
    /// Accepted at.
    pub created_at: i64,
    /// First instant at which the code is dead.
    pub expires_at: i64,
    /// JSON object to echo in callbacks (spec 10, row 22).
    pub custom_args: Option<String>,
    /// The session it was sent for, if any.
    pub session_id: Option<i64>,
    /// ISO 3166 code of the recipient's country, where its coming back is counted.
    pub country: Option<String>,
}

/// No relations are mapped: queries name what they join.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
