//! Verifications that can be sent again and asked about, and what recipients were sent.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, binary, binary_null, small_integer, string},
    sea_orm::DbBackend,
};

use crate::m20261121_000001_core::{index, row_id, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        manager.create_table(session(backend)).await?;
        manager.create_index(index("session_public", "session", &["dialect", "public_id"]).unique().take()).await?;
        manager.create_index(index("session_link", "session", &["link"]).unique().take()).await?;
        manager.create_index(index("session_slot", "session", &["slot", "id"])).await?;
        manager.create_table(ledger(backend)).await?;
        let column = big_integer_null("session_id");
        manager.alter_table(Table::alter().table("message").add_column(column).take()).await?;
        // Most messages belong to no session: they take no room in this one.
        let sql = "CREATE INDEX message_session ON message (session_id, id) WHERE session_id IS NOT NULL";
        manager.get_connection().execute_unprepared(sql).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop().name("message_session").table("message").to_owned();
        manager.drop_index(index).await?;
        manager.alter_table(Table::alter().table("message").drop_column("session_id").take()).await?;
        manager.drop_table(Table::drop().table("ledger").take()).await?;
        manager.drop_table(Table::drop().table("session").take()).await
    }
}

fn session(backend: DbBackend) -> TableCreateStatement {
    table("session")
        .col(row_id("id", backend))
        .col(string("dialect"))
        .col(string("public_id"))
        .col(big_integer("app_id"))
        .col(string("scope"))
        .col(big_integer("slot"))
        .col(big_integer("message_id"))
        .col(small_integer("sends"))
        .col(big_integer("sent_at"))
        .col(binary("details"))
        .col(binary_null("link"))
        .col(big_integer("created_at"))
        .take()
}

fn ledger(backend: DbBackend) -> TableCreateStatement {
    table("ledger")
        .col(row_id("key", backend))
        .col(big_integer("version"))
        .col(big_integer("previous"))
        .col(ColumnDef::new("log").text().not_null())
        .col(big_integer("until"))
        .take()
}
