//! Applications.

use poem::web::Data;
use poem_openapi::{
    ApiResponse, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};

use super::{
    Tag,
    auth::Admin,
    error::ApiError,
    list::page,
    words::{app, given},
};
use crate::{
    core::access,
    http::{JsonBody, Required, Text},
    service::Service,
};

/// An application.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Application")]
struct Application {
    /// Its id.
    id: String,
    /// Its name, unique.
    name: String,
    /// Made at.
    created_at: String,
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

#[derive(ApiResponse)]
enum Made {
    /// The application was made.
    #[oai(status = 201)]
    Made(Json<Application>),
}

impl From<access::App> for Application {
    fn from(app: access::App) -> Self {
        Self { id: app.id.to_string(), name: app.name, created_at: app.created_at.rfc3339() }
    }
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
        let items = page.items.into_iter().map(Application::from).collect();
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
        Ok(Made::Made(Json(made.into())))
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
        Ok(Json(app(&service, &app_id).await?.into()))
    }
}
