//! The tokens of the management API; part of the directory, so that every node hears of a change.

use entity::admin_token;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{Store, StoreError};
use crate::core::{admin_token::AdminToken, clock::Timestamp};

impl Store {
    /// Adds a token; its name must be new.
    pub async fn add_admin_token(&self, token: &AdminToken) -> Result<(), StoreError> {
        let row = admin_token::ActiveModel {
            id: Set(token.id),
            name: Set(token.name.clone()),
            digest: Set(token.digest.to_vec()),
            expires_at: Set(token.expires_at.map(Timestamp::millis)),
            created_at: Set(token.created_at.millis()),
        };
        let change = self.change().await?;
        admin_token::Entity::insert(row).exec_without_returning(&change).await?;
        self.changed(change).await
    }

    /// Removes the token of that name; false when there is none.
    pub async fn delete_admin_token(&self, name: &str) -> Result<bool, StoreError> {
        let change = self.change().await?;
        let delete = admin_token::Entity::delete_many().filter(admin_token::Column::Name.eq(name));
        let rows = delete.exec(&change).await?.rows_affected;
        self.changed(change).await?;
        Ok(rows == 1)
    }

    pub(super) async fn admin_tokens(&self) -> Result<Vec<AdminToken>, StoreError> {
        let rows = admin_token::Entity::find().order_by_asc(admin_token::Column::Id).all(&self.read).await?;
        rows.into_iter().map(AdminToken::try_from).collect()
    }
}

impl TryFrom<admin_token::Model> for AdminToken {
    type Error = StoreError;

    fn try_from(row: admin_token::Model) -> Result<Self, StoreError> {
        let reason = "the digest is not 32 bytes".to_owned();
        let digest = row.digest.try_into().map_err(|_| StoreError::Broken { table: "admin_token", reason })?;
        let expires_at = row.expires_at.map(Timestamp::from_millis);
        let created_at = Timestamp::from_millis(row.created_at);
        Ok(Self { id: row.id, name: row.name, digest, expires_at, created_at })
    }
}
