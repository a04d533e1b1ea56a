//! Recipients that get nothing.

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
    list::{cut, length},
    words::given,
};
use crate::{
    core::recipient::Recipient,
    http::{JsonBody, Required, Text},
    service::{BlockedRow, Service},
};

/// A blocked recipient.
#[derive(Debug, Clone, Object)]
#[oai(rename = "BlockedRecipient")]
struct Blocked {
    /// Names the block; the same for every spelling of the recipient.
    id: String,
    /// The recipient, its middle hidden.
    recipient: String,
    /// Blocked since.
    created_at: String,
}

#[derive(Debug, Clone, Object)]
#[oai(rename = "BlockedRecipientList", skip_serializing_if_is_none)]
struct BlockedList {
    /// In the order of their ids.
    items: Vec<Blocked>,
    /// How many there are in all.
    total: u64,
    /// Where the next page begins; absent on the last one.
    next_cursor: Option<String>,
}

#[derive(Debug, Clone, Object)]
#[oai(rename = "NewBlock", deny_unknown_fields)]
struct NewBlock {
    /// A phone number in international form, or an email address.
    recipient: Required<Text>,
}

#[derive(ApiResponse)]
enum Deleted {
    /// There is no such block, now or before.
    #[oai(status = 204)]
    Deleted,
}

impl From<BlockedRow> for Blocked {
    fn from(row: BlockedRow) -> Self {
        Self { id: row.target.to_string(), recipient: row.masked, created_at: row.created_at.rfc3339() }
    }
}

pub(super) struct Api;

#[OpenApi(prefix_path = "/admin/v1", tag = "Tag::BlockedRecipients")]
impl Api {
    /// List blocked recipients.
    #[oai(path = "/blocked-recipients", method = "get", operation_id = "listBlockedRecipients")]
    async fn list(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// The `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// Entries at most; 50 unless said otherwise.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u16>>,
    ) -> Result<Json<BlockedList>, ApiError> {
        let after = cursor.as_deref().map(|id| id.parse().map_err(|_| ApiError::bad_parameter())).transpose()?;
        Ok(Json(blocked(&service, after, *limit).await?))
    }

    /// Block a recipient.
    ///
    /// It gets nothing from now on, by any spelling of its address. May be repeated.
    #[oai(path = "/blocked-recipients", method = "post", operation_id = "blockRecipient")]
    async fn create(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        body: JsonBody<NewBlock>,
    ) -> Result<Json<Blocked>, ApiError> {
        let Text(text) = given("recipient", body.0.recipient)?;
        let wrong = |_| ApiError::invalid("recipient must be a phone number such as +6591234567, or an email address");
        let recipient = Recipient::parse(&text).map_err(wrong)?;
        service.block(&recipient).await?;
        let row = service.blocked(&recipient).await?;
        Ok(Json(row.ok_or_else(|| ApiError::missing("no_such_block", "block"))?.into()))
    }

    /// Lift a block.
    #[oai(path = "/blocked-recipients/:id", method = "delete", operation_id = "unblockRecipient")]
    async fn delete(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the block.
        id: Path<String>,
    ) -> Result<Deleted, ApiError> {
        if let Ok(id) = id.parse() {
            service.unblock_target(id).await?;
        }
        Ok(Deleted::Deleted)
    }
}

async fn blocked(service: &Service, after: Option<i64>, limit: Option<u16>) -> Result<BlockedList, ApiError> {
    let rows = service.blocked_after(after, length(limit) + 1).await?; // one more says whether there are more
    let page = cut(rows, |row| row.target.to_string(), limit);
    let total = service.status().await?.blocked.try_into().unwrap_or(u64::MAX);
    Ok(BlockedList { items: page.items.into_iter().map(Blocked::from).collect(), total, next_cursor: page.next_cursor })
}
