//! How this node is.

use poem::web::Data;
use poem_openapi::{Object, OpenApi, payload::Json};

use super::{Tag, auth::Admin, error::ApiError};
use crate::service::{self, Service};

/// How a node is, and how much there is. What it counts by outcome is on `/metrics`.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Status")]
struct Status {
    /// Version of the server.
    version: String,
    /// Whether the database answers and takes messages.
    ready: bool,
    /// Deliveries that wait.
    outbox_waiting: u64,
    /// Whole seconds for which the oldest of them is overdue.
    outbox_overdue_seconds: u64,
    /// Applications.
    applications: u64,
    /// Blocked recipients.
    blocked_recipients: u64,
}

impl From<service::Status> for Status {
    fn from(status: service::Status) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ready: status.ready,
            outbox_waiting: status.waiting,
            outbox_overdue_seconds: status.overdue.as_secs(),
            applications: status.apps.try_into().unwrap_or(u64::MAX),
            blocked_recipients: status.blocked.try_into().unwrap_or(u64::MAX),
        }
    }
}

pub(super) struct Api;

#[OpenApi(prefix_path = "/admin/v1", tag = "Tag::Server")]
impl Api {
    /// Show how this node is.
    #[oai(path = "/status", method = "get", operation_id = "getStatus")]
    async fn get(&self, _admin: Admin, service: Data<&Service>) -> Result<Json<Status>, ApiError> {
        Ok(Json(service.status().await?.into()))
    }
}
