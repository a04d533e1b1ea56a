//! Review of templates.

use poem::web::Data;
use poem_openapi::{
    ApiResponse, OpenApi,
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
    core::template::Audit,
    http::{JsonBody, Text},
    service::{Error, Service},
};

mod wire;

use wire::{Rejection, TemplateDetail, TemplateList, TemplateSummary};

#[derive(ApiResponse)]
enum Deleted {
    /// There is no such template, now or before.
    #[oai(status = 204)]
    Deleted,
}

pub(super) struct Api;

#[OpenApi(prefix_path = "/admin/v1", tag = "Tag::Templates")]
impl Api {
    /// List templates.
    ///
    /// Without their texts.
    #[oai(path = "/apps/:app_id/templates", method = "get", operation_id = "listAppTemplates")]
    async fn list(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the application.
        app_id: Path<String>,
        /// The `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// Entries at most; 50 unless said otherwise.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u16>>,
    ) -> Result<Json<TemplateList>, ApiError> {
        let templates = service.app_templates(app(&service, &app_id).await?.id).await?;
        let page = page(templates, |template| template.definition.id.clone(), cursor.as_deref(), *limit);
        let items = page.items.iter().map(|template| TemplateSummary::of(template)).collect();
        Ok(Json(TemplateList { items, next_cursor: page.next_cursor }))
    }

    /// Show a template.
    ///
    /// With its texts, for a reviewer.
    #[oai(path = "/apps/:app_id/templates/:template_id", method = "get", operation_id = "getAppTemplate")]
    async fn get(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the application.
        app_id: Path<String>,
        /// Name of the template.
        template_id: Path<String>,
    ) -> Result<Json<TemplateDetail>, ApiError> {
        detail(&service, app(&service, &app_id).await?.id, &template_id).await
    }

    /// Let a template be used.
    #[oai(path = "/apps/:app_id/templates/:template_id/approve", method = "post", operation_id = "approveTemplate")]
    async fn approve(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the application.
        app_id: Path<String>,
        /// Name of the template.
        template_id: Path<String>,
    ) -> Result<Json<TemplateDetail>, ApiError> {
        audit(&service, &app_id, &template_id, Audit::Approved, "").await
    }

    /// Forbid a template, and say why.
    #[oai(path = "/apps/:app_id/templates/:template_id/reject", method = "post", operation_id = "rejectTemplate")]
    async fn reject(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the application.
        app_id: Path<String>,
        /// Name of the template.
        template_id: Path<String>,
        body: JsonBody<Rejection>,
    ) -> Result<Json<TemplateDetail>, ApiError> {
        let Text(remark) = given("remark", body.0.remark)?;
        audit(&service, &app_id, &template_id, Audit::Rejected, &remark).await
    }

    /// Delete a template.
    ///
    /// Codes sent from it stay alive.
    #[oai(path = "/apps/:app_id/templates/:template_id", method = "delete", operation_id = "deleteAppTemplate")]
    async fn delete(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the application.
        app_id: Path<String>,
        /// Name of the template.
        template_id: Path<String>,
    ) -> Result<Deleted, ApiError> {
        match service.delete_app_template(app(&service, &app_id).await?.id, &template_id).await {
            Ok(()) | Err(Error::NoTemplate) => Ok(Deleted::Deleted),
            Err(err) => Err(err.into()),
        }
    }
}

async fn audit(
    service: &Service,
    app_id: &str,
    template_id: &str,
    status: Audit,
    remark: &str,
) -> Result<Json<TemplateDetail>, ApiError> {
    let owner = app(service, app_id).await?;
    service.app_template(owner.id, template_id).await?; // keeps names away from the database that it could not store
    service.audit_template(owner.id, template_id, status, remark).await?;
    detail(service, owner.id, template_id).await
}

async fn detail(service: &Service, app: i64, template_id: &str) -> Result<Json<TemplateDetail>, ApiError> {
    Ok(Json(TemplateDetail::of(&*service.app_template(app, template_id).await?)))
}
