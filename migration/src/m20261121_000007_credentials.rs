//! Keys of several APIs, and how often something was asked for.

use sea_orm_migration::{prelude::*, schema::string, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Counts of the last day at most: little is lost with them in a crash, so nothing waits for the disk because of them.
const RATE_WINDOW: &str = "CREATE UNLOGGED TABLE rate_window
    (key BIGINT PRIMARY KEY, until BIGINT NOT NULL, used BIGINT NOT NULL);
    CREATE INDEX rate_window_until ON rate_window (until)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in key_columns() {
            manager.alter_table(Table::alter().table("api_key").add_column(column).take()).await?;
        }
        // A server on SQLite is alone and counts in memory.
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared(RATE_WINDOW).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.drop_table(Table::drop().table("rate_window").take()).await?;
        }
        for column in key_columns().iter().rev() {
            let column = column.get_column_name();
            manager.alter_table(Table::alter().table("api_key").drop_column(column).take()).await?;
        }
        Ok(())
    }
}

/// Keys from before are `EngageLab`'s, and so are those that an older server makes beside this one.
fn key_columns() -> [ColumnDef; 2] {
    [string("dialect").default("engagelab").take(), string("scopes").default("").take()]
}
