//! Callbacks: who is told, what waits to be told, and what is told beside the steps of messages.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, binary, boolean, small_integer, small_integer_null, string},
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::m20261121_000001_core::{index, row_id, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Small: only what is still to be done is in them.
const PARTIAL: [&str; 4] = [
    "CREATE INDEX event_unpublished ON event (id) WHERE published = 0",
    "CREATE INDEX notice_unpublished ON notice (id) WHERE published = 0",
    "CREATE INDEX callback_steps ON callback (app_id) WHERE steps",
    "CREATE INDEX callback_batch_claimed ON callback_batch (callback_id) WHERE claim <> 0",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        if !manager.has_column("event", "delivery").await? {
            add_to_event(manager, big_integer_null("delivery")).await?;
        }
        add_to_event(manager, small_integer_null("published")).await?;
        for made in [callback(backend), callback_batch(backend), notice(backend)] {
            manager.create_table(made).await?;
        }
        manager.create_index(index("callback_url", "callback", &["app_id", "url"]).unique().take()).await?;
        manager.create_index(index("callback_batch_due", "callback_batch", &["callback_id", "due_at", "id"])).await?;
        manager.create_index(index("notice_once", "notice", &["once"]).unique().take()).await?;
        for statement in PARTIAL {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("event_unpublished").table("event").to_owned()).await?;
        for name in ["notice", "callback_batch", "callback"] {
            manager.drop_table(Table::drop().table(name).take()).await?;
        }
        manager.alter_table(Table::alter().table("event").drop_column("published").take()).await
    }
}

async fn add_to_event(manager: &SchemaManager<'_>, column: ColumnDef) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table("event").add_column(column).take()).await
}

fn callback(backend: DbBackend) -> TableCreateStatement {
    table("callback")
        .col(row_id("id", backend))
        .col(big_integer("app_id"))
        .col(ColumnDef::new("description").text().not_null())
        .col(ColumnDef::new("url").text().not_null())
        .col(string("username"))
        .col(binary("credentials"))
        .col(big_integer("topics"))
        .col(boolean("enabled"))
        .col(boolean("steps"))
        .col(string("disabled_reason"))
        .col(big_integer_null("failing_since"))
        .col(small_integer_null("last_status"))
        .col(big_integer("delivered"))
        .col(big_integer("failed"))
        .col(big_integer("created_at"))
        .take()
}

fn callback_batch(backend: DbBackend) -> TableCreateStatement {
    table("callback_batch")
        .col(row_id("id", backend))
        .col(big_integer("callback_id"))
        .col(binary("body"))
        .col(small_integer("attempt"))
        .col(big_integer("claim"))
        .col(big_integer("due_at"))
        .take()
}

fn notice(backend: DbBackend) -> TableCreateStatement {
    table("notice")
        .col(row_id("id", backend))
        .col(big_integer("app_id"))
        .col(big_integer_null("once"))
        .col(binary("body"))
        .col(big_integer("at"))
        .col(small_integer("published"))
        .take()
}
