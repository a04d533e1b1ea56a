//! The tokens of the management API.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, binary, string},
    sea_orm::DbBackend,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(admin_token(manager.get_database_backend())).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("admin_token").take()).await
    }
}

fn admin_token(backend: DbBackend) -> TableCreateStatement {
    let mut id = big_integer("id");
    if backend == DbBackend::Sqlite {
        id.custom("INTEGER"); // the exact word that makes the key the row itself
    }
    Table::create()
        .table("admin_token")
        .col(id.primary_key())
        .col(string("name").unique_key())
        .col(binary("digest"))
        .col(big_integer_null("expires_at"))
        .col(big_integer("created_at"))
        .take()
}
