//! What a session keeps for its dialect is sealed with its recipient.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("ALTER TABLE session DROP COLUMN details").await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let bytes = if manager.get_database_backend() == DbBackend::Postgres { "bytea" } else { "blob" };
        let sql = format!("ALTER TABLE session ADD COLUMN details {bytes} NOT NULL DEFAULT ''");
        manager.get_connection().execute_unprepared(&sql).await.map(drop)
    }
}
