//! Keys of an application.

use std::time::Duration;

use poem::web::Data;
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
    payload::Json,
};

use super::{Tag, auth::Admin, error::ApiError, list::page, words::app};
use crate::{core::access::ApiKey, http::JsonBody, service::Service};

mod wire;

use wire::{Key, KeyChange, KeyList, KeySecret, NewKey, Rotation};

#[derive(ApiResponse)]
enum Made {
    /// The key was made; its secret is not shown again.
    #[oai(status = 201)]
    Made(Json<KeySecret>),
}

#[derive(ApiResponse)]
enum Deleted {
    /// There is no such key, now or before.
    #[oai(status = 204)]
    Deleted,
}

pub(super) struct Api;

#[OpenApi(prefix_path = "/admin/v1", tag = "Tag::Keys")]
impl Api {
    /// List keys.
    ///
    /// Without their secrets.
    #[oai(path = "/apps/:app_id/keys", method = "get", operation_id = "listKeys")]
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
    ) -> Result<Json<KeyList>, ApiError> {
        let keys = service.keys(app(&service, &app_id).await?.id).await?;
        let page = page(keys, |key| key.dev_key.clone(), cursor.as_deref(), *limit);
        let items = page.items.into_iter().map(Key::from).collect();
        Ok(Json(KeyList { items, next_cursor: page.next_cursor }))
    }

    /// Make a key.
    #[oai(path = "/apps/:app_id/keys", method = "post", operation_id = "createKey")]
    async fn create(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the application.
        app_id: Path<String>,
        body: JsonBody<NewKey>,
    ) -> Result<Made, ApiError> {
        let owner = app(&service, &app_id).await?;
        let secret = service.create_key(owner.id, body.0.into_command()?).await?;
        Ok(Made::Made(Json(secret.into())))
    }

    /// Show a key.
    #[oai(path = "/apps/:app_id/keys/:dev_key", method = "get", operation_id = "getKey")]
    async fn get(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the application.
        app_id: Path<String>,
        /// The public half of the key.
        dev_key: Path<String>,
    ) -> Result<Json<Key>, ApiError> {
        Ok(Json(key(&service, &app_id, &dev_key).await?.into()))
    }

    /// Change a key.
    ///
    /// What is not named stays. In force on every node within five seconds.
    #[oai(path = "/apps/:app_id/keys/:dev_key", method = "patch", operation_id = "updateKey")]
    async fn update(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the application.
        app_id: Path<String>,
        /// The public half of the key.
        dev_key: Path<String>,
        body: JsonBody<KeyChange>,
    ) -> Result<Json<Key>, ApiError> {
        key(&service, &app_id, &dev_key).await?;
        service.update_key(&dev_key, body.0.into_command()?).await?;
        Ok(Json(key(&service, &app_id, &dev_key).await?.into()))
    }

    /// Give a key a new secret.
    #[oai(path = "/apps/:app_id/keys/:dev_key/rotate", method = "post", operation_id = "rotateKey")]
    async fn rotate(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the application.
        app_id: Path<String>,
        /// The public half of the key.
        dev_key: Path<String>,
        body: JsonBody<Rotation>,
    ) -> Result<Json<KeySecret>, ApiError> {
        key(&service, &app_id, &dev_key).await?;
        let overlap = Duration::from_hours(body.0.overlap_hours()?);
        let secret = service.rotate_key(&dev_key, overlap).await?;
        Ok(Json(secret.ok_or_else(unknown)?.into()))
    }

    /// Delete a key.
    #[oai(path = "/apps/:app_id/keys/:dev_key", method = "delete", operation_id = "deleteKey")]
    async fn delete(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the application.
        app_id: Path<String>,
        /// The public half of the key.
        dev_key: Path<String>,
    ) -> Result<Deleted, ApiError> {
        let owner = app(&service, &app_id).await?;
        if service.key(owner.id, &dev_key).await?.is_some() {
            service.delete_key(&dev_key).await?;
        }
        Ok(Deleted::Deleted)
    }
}

/// The key of that name, if it is this application's.
async fn key(service: &Service, app_id: &str, dev_key: &str) -> Result<ApiKey, ApiError> {
    let owner = app(service, app_id).await?;
    service.key(owner.id, dev_key).await?.ok_or_else(unknown)
}

fn unknown() -> ApiError {
    ApiError::missing("no_such_key", "key")
}
