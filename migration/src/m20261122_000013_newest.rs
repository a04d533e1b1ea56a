//! The newest session of a recipient is found by its send window, which outlives its end for that.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The windows of codes that are over had gone.
const WAYS: &str = "
INSERT INTO send_window (slot, message_id, until, ended)
  SELECT s.slot, s.message_id, m.expires_at + 86400000, TRUE FROM session AS s JOIN message AS m ON m.id = s.message_id
  WHERE s.slot <> 0
    AND NOT EXISTS (SELECT 1 FROM session AS newer WHERE newer.slot = s.slot AND newer.message_id > s.message_id)
  ON CONFLICT (slot) DO NOTHING";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection
            .execute_unprepared("ALTER TABLE send_window ADD COLUMN ended boolean NOT NULL DEFAULT FALSE")
            .await?;
        connection.execute_unprepared(WAYS).await?;
        connection.execute_unprepared("DROP INDEX session_slot").await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared("DELETE FROM send_window WHERE ended").await?;
        connection.execute_unprepared("ALTER TABLE send_window DROP COLUMN ended").await?;
        let sql = "CREATE INDEX session_slot ON session (slot, id) WHERE slot <> 0";
        connection.execute_unprepared(sql).await.map(drop)
    }
}
