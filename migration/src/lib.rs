//! Schema migrations, one file each, never edited after release.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

mod m20261121_000001_core;
mod m20261121_000002_delivery;
mod m20261121_000003_callbacks;
mod m20261121_000004_admin;
mod m20261121_000005_billing;
mod m20261121_000006_sessions;
mod m20261121_000007_credentials;
mod m20261121_000008_reports;
mod m20261121_000009_countries;
mod m20261121_000010_links;
mod m20261122_000011_slots;
mod m20261122_000012_session_ids;
mod m20261122_000013_newest;
mod m20261122_000014_details;
mod m20261122_000015_ledgers;

/// Runs the migrations in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_core::Migration),
            Box::new(m20261121_000002_delivery::Migration),
            Box::new(m20261121_000003_callbacks::Migration),
            Box::new(m20261121_000004_admin::Migration),
            Box::new(m20261121_000005_billing::Migration),
            Box::new(m20261121_000006_sessions::Migration),
            Box::new(m20261121_000007_credentials::Migration),
            Box::new(m20261121_000008_reports::Migration),
            Box::new(m20261121_000009_countries::Migration),
            Box::new(m20261121_000010_links::Migration),
            Box::new(m20261122_000011_slots::Migration),
            Box::new(m20261122_000012_session_ids::Migration),
            Box::new(m20261122_000013_newest::Migration),
            Box::new(m20261122_000014_details::Migration),
            Box::new(m20261122_000015_ledgers::Migration),
        ]
    }
}
