//! Applications.

use poem::web::Data;
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
    types::MaybeUndefined,
};

use super::{
    Tag,
    auth::Admin,
    error::ApiError,
    list::page,
    words::{app, change, given},
};
use crate::{
    core::{access, money::Usd},
    http::{Int, JsonBody, Required, Text},
    service::{AppUpdate, Service},
};

/// An application.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Application", skip_serializing_if_is_none)]
struct Application {
    /// Its id.
    id: String,
    /// Its name, unique.
    name: String,
    /// Made at.
    created_at: String,
    /// What it has spent in all, in US dollars.
    spent: String,
    /// What it may spend in all; absent for any amount.
    spend_limit: Option<String>,
    /// What is left of the limit; negative when more was spent. Absent without a limit.
    balance: Option<String>,
    /// Its callbacks are told when less than this is left; absent for never.
    balance_alert: Option<String>,
    /// They are told when fewer codes than this, in percent, come back; absent for never.
    verification_rate_alert: Option<u8>,
}

#[derive(Debug, Clone, Object)]
#[oai(rename = "ApplicationList", skip_serializing_if_is_none)]
struct ApplicationList {
    /// In the order of their names.
    items: Vec<Application>,
    /// Where the next page begins; absent on the last one.
    next_cursor: Option<String>,
}

#[derive(Debug, Clone, Object)]
#[oai(rename = "NewApplication", deny_unknown_fields)]
struct NewApplication {
    /// Its name, unique.
    name: Required<Text>,
}

/// What is to be otherwise. Amounts are in US dollars, with up to six decimal places.
#[derive(Debug, Clone, Object)]
#[oai(rename = "ApplicationChange", deny_unknown_fields)]
struct ApplicationChange {
    /// What it may spend in all; null for any amount.
    spend_limit: MaybeUndefined<Text>,
    /// Tell its callbacks when less than this is left of the limit; null for never.
    balance_alert: MaybeUndefined<Text>,
    /// Tell them when fewer codes than this, in percent, come back; null for never.
    verification_rate_alert: MaybeUndefined<Int>,
}

#[derive(ApiResponse)]
enum Made {
    /// The application was made.
    #[oai(status = 201)]
    Made(Json<Application>),
}

impl Application {
    fn of(app: access::App, spent: Usd) -> Self {
        let usd = |amount: Option<Usd>| amount.map(|amount| amount.to_string());
        Self {
            id: app.id.to_string(),
            name: app.name,
            created_at: app.created_at.rfc3339(),
            spent: spent.to_string(),
            spend_limit: usd(app.spend_limit),
            balance: usd(app.spend_limit.map(|limit| limit - spent)),
            balance_alert: usd(app.balance_alert),
            verification_rate_alert: app.verification_rate_alert,
        }
    }
}

impl ApplicationChange {
    fn into_command(self) -> Result<AppUpdate, ApiError> {
        Ok(AppUpdate {
            spend_limit: change(self.spend_limit, |amount| usd("spend_limit", &amount))?,
            balance_alert: change(self.balance_alert, |amount| usd("balance_alert", &amount))?,
            verification_rate_alert: change(self.verification_rate_alert, percent)?,
        })
    }
}

fn usd(field: &str, Text(text): &Text) -> Result<Usd, ApiError> {
    let wrong = || ApiError::invalid(format!("{field} must be an amount in US dollars such as \"100\" or \"0.5\""));
    Usd::parse(text).ok_or_else(wrong)
}

fn percent(Int(percent): Int) -> Result<u8, ApiError> {
    percent.try_into().map_err(|_| ApiError::invalid("verification_rate_alert must be 1 to 100 percent"))
}

pub(super) struct Api;

#[OpenApi(prefix_path = "/admin/v1", tag = "Tag::Applications")]
impl Api {
    /// List applications.
    #[oai(path = "/apps", method = "get", operation_id = "listApplications")]
    async fn list(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// The one of this name only.
        name: Query<Option<String>>,
        /// The `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// Entries at most; 50 unless said otherwise.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u16>>,
    ) -> Result<Json<ApplicationList>, ApiError> {
        let mut apps = service.apps().await?;
        apps.retain(|app| name.as_ref().is_none_or(|name| *name == app.name));
        let page = page(apps, |app| app.name.clone(), cursor.as_deref(), *limit);
        let spent = service.spent().await?;
        let of = |app: access::App| {
            let spent = spent.get(&app.id).copied().unwrap_or_default();
            Application::of(app, spent)
        };
        let items = page.items.into_iter().map(of).collect();
        Ok(Json(ApplicationList { items, next_cursor: page.next_cursor }))
    }

    /// Make an application.
    #[oai(path = "/apps", method = "post", operation_id = "createApplication")]
    async fn create(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        body: JsonBody<NewApplication>,
    ) -> Result<Made, ApiError> {
        let Text(name) = given("name", body.0.name)?;
        let made = service.create_app(&name).await?.ok_or_else(|| ApiError::taken("an application"))?;
        Ok(Made::Made(Json(Application::of(made, Usd::ZERO))))
    }

    /// Show an application.
    #[oai(path = "/apps/:app_id", method = "get", operation_id = "getApplication")]
    async fn get(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the application.
        app_id: Path<String>,
    ) -> Result<Json<Application>, ApiError> {
        let found = app(&service, &app_id).await?;
        shown(&service, found).await
    }

    /// Change what an application is held to.
    ///
    /// What is not named stays. In force on every node within five seconds.
    #[oai(path = "/apps/:app_id", method = "patch", operation_id = "updateApplication")]
    async fn update(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the application.
        app_id: Path<String>,
        body: JsonBody<ApplicationChange>,
    ) -> Result<Json<Application>, ApiError> {
        let update = body.0.into_command()?;
        let found = app(&service, &app_id).await?;
        let changed = service.change_app(found.id, update).await?.unwrap_or(found);
        shown(&service, changed).await
    }
}

async fn shown(service: &Service, app: access::App) -> Result<Json<Application>, ApiError> {
    let spent = service.spent_by(app.id).await?;
    Ok(Json(Application::of(app, spent)))
}
