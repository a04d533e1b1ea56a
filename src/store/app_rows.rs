//! Applications as rows.

use entity::app;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set, Unchanged},
    EntityTrait,
};

use super::{Store, StoreError};
use crate::core::{access::App, clock::Timestamp, money::Usd};

/// What of an application is to be otherwise; `None` leaves it, the inner `None` takes it away.
#[derive(Clone, Copy, Debug, Default)]
pub struct AppUpdate {
    /// What it may spend in all.
    pub spend_limit: Option<Option<Usd>>,
    /// Tell when less than this is left of it.
    pub balance_alert: Option<Option<Usd>>,
    /// Tell when fewer codes than this, in percent, come back.
    pub verification_rate_alert: Option<Option<u8>>,
}

impl Store {
    /// Adds an application; its name must be new.
    pub async fn add_app(&self, app: &App) -> Result<(), StoreError> {
        let row = app::ActiveModel {
            id: Set(app.id),
            name: Set(app.name.clone()),
            created_at: Set(app.created_at.millis()),
            balance_told: Set(false),
            ..AppUpdate::default().into()
        };
        let change = self.change().await?;
        app::Entity::insert(row).exec_without_returning(&change).await?;
        self.changed(change).await
    }

    /// Changes an application; false when there is none of that id.
    pub async fn change_app(&self, id: i64, update: AppUpdate) -> Result<bool, StoreError> {
        let change = self.change().await?;
        let row = app::ActiveModel { id: Unchanged(id), ..update.into() };
        let known = app::Entity::find_by_id(id).one(&change).await?.is_some();
        if known && row.is_changed() {
            app::Entity::update(row).exec(&change).await?;
        }
        self.changed(change).await?;
        Ok(known)
    }
}

/// Whoever changes what the balance is held against wants to be told of it anew.
impl From<AppUpdate> for app::ActiveModel {
    fn from(update: AppUpdate) -> Self {
        let usd = |amount: Option<Option<Usd>>| amount.map_or(NotSet, |amount| Set(amount.map(Usd::micros)));
        let of_balance = update.spend_limit.is_some() || update.balance_alert.is_some();
        Self {
            spend_limit: usd(update.spend_limit),
            balance_alert: usd(update.balance_alert),
            balance_told: if of_balance { Set(false) } else { NotSet },
            verification_rate_alert: update.verification_rate_alert.map_or(NotSet, |rate| Set(rate.map(i16::from))),
            ..Default::default()
        }
    }
}

impl TryFrom<app::Model> for App {
    type Error = StoreError;

    fn try_from(row: app::Model) -> Result<Self, StoreError> {
        let broken = |_| StoreError::Broken { table: "app", reason: "verification_rate_alert".to_owned() };
        Ok(Self {
            id: row.id,
            name: row.name,
            created_at: Timestamp::from_millis(row.created_at),
            spend_limit: row.spend_limit.map(Usd::from_micros),
            balance_alert: row.balance_alert.map(Usd::from_micros),
            verification_rate_alert: row.verification_rate_alert.map(u8::try_from).transpose().map_err(broken)?,
        })
    }
}
