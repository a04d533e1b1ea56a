//! Ledgers are kept as bytes. When one was last changed follows from its version.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

type Statements = &'static [&'static str];

/// The JSON stays what it is until the next send.
const POSTGRES: Statements = &[
    "ALTER TABLE ledger ALTER COLUMN log TYPE bytea USING convert_to(log, 'UTF8')",
    "ALTER TABLE ledger DROP COLUMN until",
];
/// A column's type cannot be changed.
const SQLITE: Statements = &[
    "ALTER TABLE ledger RENAME TO old_ledger",
    "CREATE TABLE ledger (key INTEGER NOT NULL PRIMARY KEY, version bigint NOT NULL, previous bigint NOT NULL, log blob NOT NULL)",
    "INSERT INTO ledger (key, version, previous, log) SELECT key, version, previous, CAST(log AS blob) FROM old_ledger ORDER BY key",
    "DROP TABLE old_ledger",
];
/// Whoever reads JSON alone cannot read these: they begin anew.
const POSTGRES_BACK: Statements = &[
    "DELETE FROM ledger",
    "ALTER TABLE ledger ALTER COLUMN log TYPE text USING ''",
    "ALTER TABLE ledger ADD COLUMN until bigint NOT NULL",
];
/// Likewise.
const SQLITE_BACK: Statements = &[
    "DROP TABLE ledger",
    "CREATE TABLE ledger (key INTEGER NOT NULL PRIMARY KEY, version bigint NOT NULL, previous bigint NOT NULL, log text NOT NULL, \
     until bigint NOT NULL)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, POSTGRES, SQLITE).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, POSTGRES_BACK, SQLITE_BACK).await
    }
}

async fn run(manager: &SchemaManager<'_>, postgres: Statements, sqlite: Statements) -> Result<(), DbErr> {
    let statements = if manager.get_database_backend() == DbBackend::Postgres { postgres } else { sqlite };
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}
