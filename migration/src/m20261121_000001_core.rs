//! Applications, keys, templates, messages, their outbox and events.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, binary, binary_null, boolean, small_integer, string, string_null},
    sea_orm::DbBackend,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[fn(DbBackend) -> TableCreateStatement] =
    &[setting, worker, app, api_key, blocked, template, message, outbox, event, send_window];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            manager.create_table(table(manager.get_database_backend())).await?;
        }
        manager.create_index(index("outbox_due", "outbox", &["due_at"])).await?;
        manager.create_index(index("send_window_until", "send_window", &["until"])).await?;
        manager.create_index(index("api_key_app", "api_key", &["app_id"])).await?;
        manager.create_index(index("template_name", "template", &["app_id", "template_id"]).unique().take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES.iter().rev() {
            let statement = table(manager.get_database_backend());
            let Some(name) = statement.get_table_name() else { continue };
            manager.drop_table(Table::drop().table(name.clone()).take()).await?;
        }
        Ok(())
    }
}

pub(crate) fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).take()
}

pub(crate) fn index(name: &str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create().name(name).table(table).take();
    for column in columns {
        index.col(*column);
    }
    index
}

/// A 64-bit primary key. In SQLite only the exact word `INTEGER` makes the key the row itself, without a second tree.
pub(crate) fn row_id(name: &'static str, backend: DbBackend) -> ColumnDef {
    let mut column = big_integer(name);
    if backend == DbBackend::Sqlite {
        column.custom("INTEGER");
    }
    column.primary_key().take()
}

fn setting(_: DbBackend) -> TableCreateStatement {
    table("setting").col(string("name").primary_key()).col(big_integer("value")).take()
}

fn worker(backend: DbBackend) -> TableCreateStatement {
    table("worker")
        .col(row_id("id", backend))
        .col(big_integer("holder"))
        .col(big_integer("lease_until"))
        .col(big_integer("high_water"))
        .take()
}

fn app(backend: DbBackend) -> TableCreateStatement {
    table("app").col(row_id("id", backend)).col(string("name").unique_key()).col(big_integer("created_at")).take()
}

fn api_key(_: DbBackend) -> TableCreateStatement {
    table("api_key")
        .col(string("dev_key").primary_key())
        .col(big_integer("app_id"))
        .col(string("description"))
        .col(small_integer("permissions"))
        .col(string("allowed_ips"))
        .col(big_integer_null("expires_at"))
        .col(boolean("enabled"))
        .col(binary("secret"))
        .col(binary_null("old_secret"))
        .col(big_integer_null("old_secret_until"))
        .col(big_integer("created_at"))
        .take()
}

fn blocked(backend: DbBackend) -> TableCreateStatement {
    table("blocked").col(row_id("target", backend)).col(string("masked")).col(big_integer("created_at")).take()
}

fn template(backend: DbBackend) -> TableCreateStatement {
    table("template")
        .col(row_id("id", backend))
        .col(big_integer("app_id"))
        .col(string("template_id"))
        .col(ColumnDef::new("definition").text().not_null())
        .col(small_integer("status"))
        .col(ColumnDef::new("audit_remark").text().not_null())
        .col(big_integer("created_at"))
        .take()
}

fn message(backend: DbBackend) -> TableCreateStatement {
    table("message")
        .col(row_id("id", backend))
        .col(big_integer("app_id"))
        .col(string("template_id"))
        .col(big_integer("target"))
        .col(binary("recipient"))
        .col(big_integer_null("slot"))
        .col(string("channel"))
        .col(binary_null("tag"))
        .col(small_integer("attempts"))
        .col(small_integer("max_attempts"))
        .col(big_integer_null("verified_at"))
        .col(big_integer_null("last_guess"))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .col(ColumnDef::new("custom_args").text())
        .take()
}

fn outbox(backend: DbBackend) -> TableCreateStatement {
    table("outbox")
        .col(row_id("id", backend))
        .col(big_integer("message_id"))
        .col(big_integer("app_id"))
        .col(binary("body"))
        .col(small_integer("hop"))
        .col(small_integer("attempt"))
        .col(big_integer("claim"))
        .col(big_integer("due_at"))
        .col(big_integer("expires_at"))
        .take()
}

fn event(_: DbBackend) -> TableCreateStatement {
    table("event")
        .col(big_integer("message_id"))
        .col(big_integer("id"))
        .col(big_integer("app_id"))
        .col(string("kind"))
        .col(string_null("channel"))
        .col(string_null("provider"))
        .col(small_integer("error_code"))
        .col(string_null("detail"))
        .col(big_integer("at"))
        .primary_key(Index::create().col("message_id").col("id"))
        .take()
}

fn send_window(backend: DbBackend) -> TableCreateStatement {
    table("send_window").col(row_id("slot", backend)).col(big_integer("message_id")).col(big_integer("until")).take()
}
