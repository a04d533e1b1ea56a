//! Blocked recipients, for an operator to look through.

use entity::blocked;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Store, StoreError};
use crate::core::clock::Timestamp;

/// A blocked recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockedRow {
    /// Keyed digest of the recipient.
    pub target: i64,
    /// The address with its middle hidden.
    pub masked: String,
    /// Blocked since.
    pub created_at: Timestamp,
}

impl Store {
    /// Up to `limit` blocked recipients with digests above `after`, in the order of their digests.
    pub async fn blocked_after(&self, after: Option<i64>, limit: u64) -> Result<Vec<BlockedRow>, StoreError> {
        let mut select = blocked::Entity::find().order_by_asc(blocked::Column::Target).limit(limit);
        if let Some(after) = after {
            select = select.filter(blocked::Column::Target.gt(after));
        }
        Ok(select.all(&self.read).await?.into_iter().map(BlockedRow::from).collect())
    }

    /// The blocked recipient with this digest.
    pub async fn blocked(&self, target: i64) -> Result<Option<BlockedRow>, StoreError> {
        Ok(blocked::Entity::find_by_id(target).one(&self.read).await?.map(BlockedRow::from))
    }
}

impl From<blocked::Model> for BlockedRow {
    fn from(row: blocked::Model) -> Self {
        Self { target: row.target, masked: row.masked, created_at: Timestamp::from_millis(row.created_at) }
    }
}
