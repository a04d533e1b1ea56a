//! Callbacks: the addresses, what is still to be told, and the requests that wait.

mod batches;
mod endings;
mod load;
mod news;

use entity::{callback, callback_batch};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
};

use super::{Store, StoreError};
use crate::core::{
    callback::{Callback, Health, Topics},
    clock::Timestamp,
};

pub use batches::{ClaimRules, DueBatch, NewBatch};
pub(super) use news::insert as keep_notice;
pub use news::{NewNotice, NoticeRow, StepRow, Unpublished};

/// An address as it is kept.
#[derive(Clone)]
pub struct CallbackRow {
    /// All but its secrets.
    pub callback: Callback,
    /// Its secrets, encrypted.
    pub credentials: Vec<u8>,
}

impl Store {
    /// Adds an address; its URL must be new in the application.
    pub async fn add_callback(&self, row: &CallbackRow) -> Result<(), StoreError> {
        let change = self.change().await?;
        let health = &row.callback.health;
        let new = callback::ActiveModel {
            created_at: Set(row.callback.created_at.millis()),
            last_status: Set(health.last_status.map(u16::cast_signed)),
            delivered: Set(health.delivered),
            failed: Set(health.failed),
            failing_since: Set(None),
            ..settings(row, Set(row.callback.id))
        };
        callback::Entity::insert(new).exec_without_returning(&change).await?;
        self.changed(change).await
    }

    /// Replaces what an operator decides about an address, and forgives what it did wrong; false when it is gone.
    pub async fn change_callback(&self, row: &CallbackRow) -> Result<bool, StoreError> {
        let change = self.change().await?;
        let new = callback::ActiveModel { failing_since: Set(None), ..settings(row, Unchanged(row.callback.id)) };
        let known = match new.update(&change).await {
            Ok(_) => true,
            Err(sea_orm::DbErr::RecordNotUpdated) => false,
            Err(err) => return Err(err.into()),
        };
        self.changed(change).await?;
        Ok(known)
    }

    /// Removes an address and the requests that wait for it; false when there is none.
    pub async fn delete_callback(&self, id: i64) -> Result<bool, StoreError> {
        let change = self.change().await?;
        let rows = callback::Entity::delete_by_id(id).exec(&change).await?.rows_affected;
        let waiting = callback_batch::Entity::delete_many().filter(callback_batch::Column::CallbackId.eq(id));
        waiting.exec(&change).await?;
        self.changed(change).await?;
        Ok(rows == 1)
    }

    /// All addresses, the oldest first, as they stand in the database now.
    pub async fn callbacks(&self) -> Result<Vec<CallbackRow>, StoreError> {
        let rows = callback::Entity::find().order_by_asc(callback::Column::Id).all(&self.read).await?;
        rows.into_iter().map(CallbackRow::try_from).collect()
    }

    /// Switches an address off for a reason of the server's own.
    pub async fn disable_callback(&self, id: i64, reason: &str) -> Result<(), StoreError> {
        let change = self.change().await?;
        let off = callback::ActiveModel {
            id: Unchanged(id),
            enabled: Set(false),
            steps: Set(false),
            disabled_reason: Set(reason.to_owned()),
            ..Default::default()
        };
        match off.update(&change).await {
            Ok(_) | Err(sea_orm::DbErr::RecordNotUpdated) => self.changed(change).await,
            Err(err) => Err(err.into()),
        }
    }
}

/// What an operator decides.
fn settings(row: &CallbackRow, id: sea_orm::ActiveValue<i64>) -> callback::ActiveModel {
    let callback = &row.callback;
    callback::ActiveModel {
        id,
        app_id: Set(callback.app),
        description: Set(callback.description.clone()),
        url: Set(callback.url.clone()),
        username: Set(callback.username.clone()),
        credentials: Set(row.credentials.clone()),
        topics: Set(callback.topics.bits().into()),
        enabled: Set(callback.enabled),
        steps: Set(callback.enabled && callback.topics.contains_steps()),
        disabled_reason: Set(callback.health.disabled_reason.clone()),
        failing_since: NotSet,
        last_status: NotSet,
        delivered: NotSet,
        failed: NotSet,
        created_at: NotSet,
    }
}

fn health(row: &callback::Model) -> Health {
    Health {
        failing_since: row.failing_since.map(Timestamp::from_millis),
        last_status: row.last_status.map(i16::cast_unsigned),
        delivered: row.delivered,
        failed: row.failed,
        disabled_reason: row.disabled_reason.clone(),
    }
}

impl TryFrom<callback::Model> for CallbackRow {
    type Error = StoreError;

    fn try_from(row: callback::Model) -> Result<Self, StoreError> {
        let broken = |_| StoreError::Broken { table: "callback", reason: "topics".to_owned() };
        let callback = Callback {
            id: row.id,
            app: row.app_id,
            health: health(&row),
            topics: Topics::from_bits(u32::try_from(row.topics).map_err(broken)?),
            description: row.description,
            url: row.url,
            username: row.username,
            enabled: row.enabled,
            created_at: Timestamp::from_millis(row.created_at),
        };
        Ok(Self { callback, credentials: row.credentials })
    }
}
