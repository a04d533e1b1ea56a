//! The ids and links of sessions say where their sessions are: no index has to.

use sea_orm_migration::prelude::*;

use crate::m20261121_000001_core::index;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["session_public", "session_link"] {
            manager.drop_index(Index::drop().name(name).table("session").to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_index(index("session_public", "session", &["dialect", "public_id"]).unique().take()).await?;
        let sql = "CREATE UNIQUE INDEX session_link ON session (link) WHERE link IS NOT NULL";
        manager.get_connection().execute_unprepared(sql).await.map(drop)
    }
}
