//! Sessions that nobody looks up by whom they are for take no room in that index.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const DROP: &str = "DROP INDEX session_slot";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = "CREATE INDEX session_slot ON session (slot, id) WHERE slot <> 0";
        replace(manager, sql).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        replace(manager, "CREATE INDEX session_slot ON session (slot, id)").await
    }
}

async fn replace(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    connection.execute_unprepared(DROP).await?;
    connection.execute_unprepared(sql).await.map(drop)
}
