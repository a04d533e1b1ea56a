//! Looking at many sessions, and telling those who were named with one.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, binary, small_integer},
};

use crate::m20261121_000001_core::{index, row_id, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_index(index("session_app", "session", &["app_id", "dialect", "id"])).await?;
        let hook = table("hook")
            .col(row_id("message_id", manager.get_database_backend()))
            .col(binary("body"))
            .col(small_integer("told"))
            .col(small_integer("attempt"))
            .col(big_integer("due_at"))
            .col(big_integer("until"))
            .take();
        manager.create_table(hook).await?;
        manager.create_index(index("hook_until", "hook", &["until"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("hook").take()).await?;
        manager.drop_index(Index::drop().name("session_app").table("session").to_owned()).await
    }
}
