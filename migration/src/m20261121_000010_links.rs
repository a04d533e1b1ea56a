//! Most sessions have no link, and take no room in the index of links.

use sea_orm_migration::prelude::*;

use crate::m20261121_000001_core::index;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(link()).await?;
        let sql = "CREATE UNIQUE INDEX session_link ON session (link) WHERE link IS NOT NULL";
        manager.get_connection().execute_unprepared(sql).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(link()).await?;
        manager.create_index(index("session_link", "session", &["link"]).unique().take()).await
    }
}

fn link() -> IndexDropStatement {
    Index::drop().name("session_link").table("session").to_owned()
}
