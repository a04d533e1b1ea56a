//! Applications, keys, templates and blocked recipients: few, read often, kept in memory by every node.
//!
//! Every change counts up one number in the same transaction, so that a node sees by one small read whether its copy is old.

use entity::{api_key, app, blocked, template};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};

use super::{CallbackRow, KeyUpdate, NewNotice, Store, StoreError, callbacks, key_rows::key_row};
use crate::core::{
    access::{ApiKey, App},
    admin_token::AdminToken,
    clock::Timestamp,
    keyring::Digest,
};

/// A template as it is kept; the definition is JSON of the core's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateRow {
    /// Snowflake.
    pub id: i64,
    /// Owner.
    pub app: i64,
    /// Name, unique in the application.
    pub template_id: String,
    /// The definition.
    pub definition: String,
    /// 1 pending, 2 approved, 3 rejected.
    pub status: i16,
    /// Reason of a rejection.
    pub audit_remark: String,
    /// Made at.
    pub created_at: Timestamp,
}

/// A template to keep.
pub type NewTemplate = TemplateRow;

/// Everything that is kept in memory.
#[derive(Default)]
pub struct Directory {
    /// Counts changes.
    pub revision: i64,
    /// All applications.
    pub apps: Vec<App>,
    /// All keys.
    pub keys: Vec<ApiKey>,
    /// All templates, the newest first.
    pub templates: Vec<TemplateRow>,
    /// Digests of blocked recipients.
    pub blocked: Vec<i64>,
    /// All callbacks, the oldest first.
    pub callbacks: Vec<CallbackRow>,
    /// All tokens of the management API, the oldest first.
    pub admin_tokens: Vec<AdminToken>,
}

/// A change to one key.
pub enum KeyChange {
    /// What an operator says about it.
    Update(KeyUpdate),
    /// A new secret; the old one works until then.
    Rotate {
        /// Keyed digest of the new one.
        secret: Digest,
        /// End of the old one.
        old_until: Timestamp,
    },
    /// Remove it.
    Delete,
}

impl Store {
    /// How often the directory has changed.
    pub async fn directory_revision(&self) -> Result<i64, StoreError> {
        let sql = "SELECT value FROM setting WHERE name = 'directory'";
        let row = self.read.query_one_raw(Statement::from_string(self.backend, sql)).await?;
        Ok(row.map_or(Ok(0), |row| row.try_get_by_index(0))?)
    }

    /// All of it. The revision is read first, so that a change in between is seen at the next look.
    pub async fn directory(&self) -> Result<Directory, StoreError> {
        let revision = self.directory_revision().await?;
        let apps = app::Entity::find().order_by_asc(app::Column::Id).all(&self.read).await?;
        let keys = api_key::Entity::find().order_by_asc(api_key::Column::CreatedAt).all(&self.read).await?;
        let templates = template::Entity::find().order_by_desc(template::Column::Id).all(&self.read).await?;
        let blocked = blocked::Entity::find().all(&self.read).await?;
        Ok(Directory {
            revision,
            apps: apps.into_iter().map(App::try_from).collect::<Result<_, _>>()?,
            keys: keys.into_iter().map(ApiKey::try_from).collect::<Result<_, _>>()?,
            templates: templates.into_iter().map(TemplateRow::from).collect(),
            blocked: blocked.into_iter().map(|row| row.target).collect(),
            callbacks: self.callbacks().await?,
            admin_tokens: self.admin_tokens().await?,
        })
    }

    /// Adds a key.
    pub async fn add_key(&self, key: &ApiKey, notice: Option<NewNotice>) -> Result<(), StoreError> {
        let change = self.change().await?;
        api_key::Entity::insert(key_row(key)).exec_without_returning(&change).await?;
        self.told(change, notice).await
    }

    /// Changes a key; false when there is none of that name.
    pub async fn change_key(
        &self,
        dev_key: &str,
        step: KeyChange,
        notice: Option<NewNotice>,
    ) -> Result<bool, StoreError> {
        let change = self.change().await?;
        let rows = match step {
            KeyChange::Delete => api_key::Entity::delete_by_id(dev_key).exec(&change).await?.rows_affected,
            KeyChange::Update(update) => {
                let row = api_key::ActiveModel { dev_key: Unchanged(dev_key.to_owned()), ..update.into() };
                let known = api_key::Entity::find_by_id(dev_key).one(&change).await?.is_some();
                if known && row.is_changed() {
                    api_key::Entity::update(row).exec(&change).await?;
                }
                u64::from(known)
            }
            KeyChange::Rotate { secret, old_until } => {
                let sql =
                    "UPDATE api_key SET old_secret = secret, old_secret_until = $3, secret = $2 WHERE dev_key = $1";
                let values = [dev_key.into(), secret.to_vec().into(), old_until.millis().into()];
                change.execute_raw(Statement::from_sql_and_values(self.backend, sql, values)).await?.rows_affected()
            }
        };
        self.told(change, notice.filter(|_| rows == 1)).await?;
        Ok(rows == 1)
    }

    /// Adds a template; its name must be new in the application.
    pub async fn add_template(&self, new: &NewTemplate, notice: Option<NewNotice>) -> Result<(), StoreError> {
        let row = template::ActiveModel {
            id: Set(new.id),
            app_id: Set(new.app),
            template_id: Set(new.template_id.clone()),
            definition: Set(new.definition.clone()),
            status: Set(new.status),
            audit_remark: Set(new.audit_remark.clone()),
            created_at: Set(new.created_at.millis()),
        };
        let change = self.change().await?;
        template::Entity::insert(row).exec_without_returning(&change).await?;
        self.told(change, notice).await
    }

    /// Removes a template; false when there is none. Codes sent from it stay alive (spec 10, row 32).
    pub async fn delete_template(
        &self,
        app: i64,
        template_id: &str,
        notice: Option<NewNotice>,
    ) -> Result<bool, StoreError> {
        let change = self.change().await?;
        let delete = template::Entity::delete_many()
            .filter(template::Column::AppId.eq(app))
            .filter(template::Column::TemplateId.eq(template_id));
        let rows = delete.exec(&change).await?.rows_affected;
        self.told(change, notice.filter(|_| rows == 1)).await?;
        Ok(rows == 1)
    }

    /// Approves or rejects a template; false when there is none.
    pub async fn audit_template(
        &self,
        app: i64,
        template_id: &str,
        status: i16,
        remark: &str,
        notice: Option<NewNotice>,
    ) -> Result<bool, StoreError> {
        let change = self.change().await?;
        let update = template::Entity::update_many()
            .filter(template::Column::AppId.eq(app))
            .filter(template::Column::TemplateId.eq(template_id))
            .col_expr(template::Column::Status, status.into())
            .col_expr(template::Column::AuditRemark, remark.into());
        let rows = update.exec(&change).await?.rows_affected;
        self.told(change, notice.filter(|_| rows == 1)).await?;
        Ok(rows == 1)
    }

    /// Blocks a recipient; doing it twice is fine.
    pub async fn block(&self, target: i64, masked: &str, now: Timestamp) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO blocked (target, masked, created_at) VALUES ($1, $2, $3) ON CONFLICT (target) DO NOTHING";
        let change = self.change().await?;
        let values = [target.into(), masked.into(), now.millis().into()];
        change.execute_raw(Statement::from_sql_and_values(self.backend, sql, values)).await?;
        self.changed(change).await
    }

    /// Unblocks a recipient; false when it was not blocked.
    pub async fn unblock(&self, target: i64) -> Result<bool, StoreError> {
        let change = self.change().await?;
        let rows = blocked::Entity::delete_by_id(target).exec(&change).await?.rows_affected;
        self.changed(change).await?;
        Ok(rows == 1)
    }

    /// A transaction that SQLite opens for writing at once: a deferred one can fail half-way.
    pub(super) async fn change(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.write.begin_with_options(options).await?)
    }

    /// Ends a change with the notice of it.
    async fn told(&self, change: DatabaseTransaction, notice: Option<NewNotice>) -> Result<(), StoreError> {
        if let Some(notice) = notice {
            callbacks::keep_notice(&change, notice).await?;
        }
        self.changed(change).await
    }

    pub(super) async fn changed(&self, change: DatabaseTransaction) -> Result<(), StoreError> {
        let sql = "INSERT INTO setting (name, value) VALUES ('directory', 1)
            ON CONFLICT (name) DO UPDATE SET value = setting.value + 1";
        change.execute_raw(Statement::from_string(self.backend, sql)).await?;
        Ok(change.commit().await?)
    }
}

impl From<template::Model> for TemplateRow {
    fn from(row: template::Model) -> Self {
        Self {
            id: row.id,
            app: row.app_id,
            template_id: row.template_id,
            definition: row.definition,
            status: row.status,
            audit_remark: row.audit_remark,
            created_at: Timestamp::from_millis(row.created_at),
        }
    }
}
