//! Callbacks of an application: addresses that are told what happens.

use poem::web::Data;
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
    payload::Json,
};

use super::{Tag, auth::Admin, error::ApiError, list::page, words::app};
use crate::{
    core::{callback, id::MessageId},
    http::JsonBody,
    service::{CallbackError, Service},
};

mod wire;

use wire::{Callback, CallbackChange, CallbackList, CallbackSecrets, NewCallback, Probe, Replay, Replayed};

#[derive(ApiResponse)]
enum Made {
    /// The callback was made; its secrets are not shown again.
    #[oai(status = 201)]
    Made(Json<CallbackSecrets>),
}

#[derive(ApiResponse)]
enum Deleted {
    /// There is no such callback, now or before.
    #[oai(status = 204)]
    Deleted,
}

pub(super) struct Api;

#[OpenApi(prefix_path = "/admin/v1", tag = "Tag::Callbacks")]
impl Api {
    /// List callbacks.
    ///
    /// With their health, without their secrets.
    #[oai(path = "/apps/:app_id/callbacks", method = "get", operation_id = "listCallbacks")]
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
    ) -> Result<Json<CallbackList>, ApiError> {
        let callbacks = service.callbacks(app(&service, &app_id).await?.id).await?;
        let page = page(callbacks, |callback| callback.id.to_string(), cursor.as_deref(), *limit);
        let items = page.items.into_iter().map(Callback::from).collect();
        Ok(Json(CallbackList { items, next_cursor: page.next_cursor }))
    }

    /// Add a callback.
    ///
    /// Its address has to answer a signed probe with a 2xx within three seconds.
    #[oai(path = "/apps/:app_id/callbacks", method = "post", operation_id = "createCallback")]
    async fn create(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the application.
        app_id: Path<String>,
        body: JsonBody<NewCallback>,
    ) -> Result<Made, ApiError> {
        let owner = app(&service, &app_id).await?;
        let made = service.create_callback(owner.id, body.0.into_command()?).await?;
        Ok(Made::Made(Json(made.into())))
    }

    /// Show a callback.
    ///
    /// With its health, without its secrets.
    #[oai(path = "/apps/:app_id/callbacks/:callback_id", method = "get", operation_id = "getCallback")]
    async fn get(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the application.
        app_id: Path<String>,
        /// Id of the callback.
        callback_id: Path<String>,
    ) -> Result<Json<Callback>, ApiError> {
        Ok(Json(callback(&service, &app_id, &callback_id).await?.into()))
    }

    /// Change a callback.
    ///
    /// What is not named stays. The changed address has to answer a probe, unless it is only switched on or off. In force
    /// on every node within five seconds.
    #[oai(path = "/apps/:app_id/callbacks/:callback_id", method = "patch", operation_id = "updateCallback")]
    async fn update(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the application.
        app_id: Path<String>,
        /// Id of the callback.
        callback_id: Path<String>,
        body: JsonBody<CallbackChange>,
    ) -> Result<Json<Callback>, ApiError> {
        let known = callback(&service, &app_id, &callback_id).await?;
        service.change_callback(known.id, body.0.into_command()?).await?;
        Ok(Json(service.callback(known.id).await?.into()))
    }

    /// Probe a callback again.
    ///
    /// The answer is noted in its health.
    #[oai(path = "/apps/:app_id/callbacks/:callback_id/refresh", method = "post", operation_id = "refreshCallback")]
    async fn refresh(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the application.
        app_id: Path<String>,
        /// Id of the callback.
        callback_id: Path<String>,
    ) -> Result<Json<Probe>, ApiError> {
        let known = callback(&service, &app_id, &callback_id).await?;
        Ok(Json(service.refresh_callback(known.id).await?.into()))
    }

    /// Give a callback new secrets.
    ///
    /// The old ones sign as well for another day.
    #[oai(
        path = "/apps/:app_id/callbacks/:callback_id/rotate-secret",
        method = "post",
        operation_id = "rotateCallbackSecret"
    )]
    async fn rotate_secret(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the application.
        app_id: Path<String>,
        /// Id of the callback.
        callback_id: Path<String>,
    ) -> Result<Json<CallbackSecrets>, ApiError> {
        let known = callback(&service, &app_id, &callback_id).await?;
        Ok(Json(service.rotate_callback(known.id).await?.into()))
    }

    /// Tell a callback once more what happened in a time.
    ///
    /// Ask for a long time in parts: a call ends with `http.request_timeout`, and what was found until then is told.
    #[oai(path = "/apps/:app_id/callbacks/:callback_id/replay", method = "post", operation_id = "replayCallback")]
    async fn replay(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the application.
        app_id: Path<String>,
        /// Id of the callback.
        callback_id: Path<String>,
        body: JsonBody<Replay>,
    ) -> Result<Json<Replayed>, ApiError> {
        let known = callback(&service, &app_id, &callback_id).await?;
        let (from, to) = body.0.into_times()?;
        let rows = service.replay(known.id, from, to).await?;
        Ok(Json(Replayed { rows: rows.try_into().unwrap_or(u64::MAX) }))
    }

    /// Remove a callback and what waits for it.
    #[oai(path = "/apps/:app_id/callbacks/:callback_id", method = "delete", operation_id = "deleteCallback")]
    async fn delete(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the application.
        app_id: Path<String>,
        /// Id of the callback.
        callback_id: Path<String>,
    ) -> Result<Deleted, ApiError> {
        let owner = app(&service, &app_id).await?.id;
        match remove(&service, owner, &callback_id).await {
            Ok(()) | Err(CallbackError::Unknown) => Ok(Deleted::Deleted),
            Err(err) => Err(err.into()),
        }
    }
}

/// The callback that a path names by the ids of its application and its own.
async fn callback(service: &Service, app_id: &str, callback_id: &str) -> Result<callback::Callback, ApiError> {
    let owner = app(service, app_id).await?.id;
    Ok(find(service, owner, callback_id).await?)
}

/// The callback of that id, if it is this application's.
async fn find(service: &Service, owner: i64, callback_id: &str) -> Result<callback::Callback, CallbackError> {
    let MessageId(id) = MessageId::parse(callback_id).ok_or(CallbackError::Unknown)?; // every id of ours is written alike
    let known = service.callback(id).await?;
    if known.app == owner { Ok(known) } else { Err(CallbackError::Unknown) }
}

async fn remove(service: &Service, owner: i64, callback_id: &str) -> Result<(), CallbackError> {
    service.delete_callback(find(service, owner, callback_id).await?.id).await
}
