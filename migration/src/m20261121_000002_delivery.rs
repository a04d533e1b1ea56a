//! Fallback and receipts: what providers took, what they told of it, and how often a delivery was claimed.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, small_integer, small_integer_null, string, string_null},
    sea_orm::DbBackend,
};

use crate::m20261121_000001_core::{index, row_id, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        for column in ["claims", "done"] {
            let column = small_integer(column).default(0).take();
            manager.alter_table(Table::alter().table("outbox").add_column(column).take()).await?;
        }
        for column in [big_integer_null("delivery"), small_integer_null("attempt")] {
            manager.alter_table(Table::alter().table("event").add_column(column).take()).await?;
        }
        manager.create_table(hand_over(backend)).await?;
        manager.create_index(index("hand_over_delivery", "hand_over", &["delivery"])).await?;
        manager.create_table(early_receipt(backend)).await?;
        manager.create_index(index("early_receipt_due", "early_receipt", &["due_at"])).await?;
        // What is due is looked for application by application, so that none waits behind another's backlog.
        manager.drop_index(Index::drop().name("outbox_due").table("outbox").to_owned()).await?;
        manager.create_index(index("outbox_app_due", "outbox", &["app_id", "due_at"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("outbox_app_due").table("outbox").to_owned()).await?;
        manager.create_index(index("outbox_due", "outbox", &["due_at"])).await?;
        for table in ["early_receipt", "hand_over"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        for (table, column) in [("event", "attempt"), ("event", "delivery"), ("outbox", "done"), ("outbox", "claims")] {
            manager.alter_table(Table::alter().table(table).drop_column(column).take()).await?;
        }
        Ok(())
    }
}

fn hand_over(backend: DbBackend) -> TableCreateStatement {
    table("hand_over")
        .col(row_id("key", backend))
        .col(big_integer("delivery"))
        .col(big_integer("message_id"))
        .col(big_integer("app_id"))
        .col(small_integer("hop"))
        .col(string("channel"))
        .col(string("provider"))
        .col(small_integer("fate"))
        .col(big_integer("at"))
        .take()
}

fn early_receipt(backend: DbBackend) -> TableCreateStatement {
    table("early_receipt")
        .col(row_id("key", backend))
        .col(string("provider"))
        .col(small_integer("fate"))
        .col(small_integer("error_code"))
        .col(string_null("detail"))
        .col(big_integer("at"))
        .col(big_integer("due_at"))
        .take()
}
