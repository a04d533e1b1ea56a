//! What messages cost, what applications have spent, and what they are held to.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, boolean, small_integer_null},
    sea_orm::DbBackend,
};

use crate::m20261121_000001_core::{row_id, table};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "event", big_integer_null("cost")).await?;
        for column in app_columns() {
            add(manager, "app", column).await?;
        }
        manager.create_table(spend(manager.get_database_backend())).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("spend").take()).await?;
        for column in app_columns().iter().rev() {
            let column = column.get_column_name();
            manager.alter_table(Table::alter().table("app").drop_column(column).take()).await?;
        }
        manager.alter_table(Table::alter().table("event").drop_column("cost").take()).await
    }
}

async fn add(manager: &SchemaManager<'_>, to: &'static str, column: ColumnDef) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(to).add_column(column).take()).await
}

fn app_columns() -> [ColumnDef; 4] {
    [
        big_integer_null("spend_limit"),
        big_integer_null("balance_alert"),
        boolean("balance_told").default(false).take(),
        small_integer_null("verification_rate_alert"),
    ]
}

/// Beside `app`, whose rows are read by every node: these are written with every flush of what costs something.
fn spend(backend: DbBackend) -> TableCreateStatement {
    table("spend").col(row_id("app_id", backend)).col(big_integer("spent")).take()
}
