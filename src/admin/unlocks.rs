//! Recipients that limits keep from being sent to.

use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi, param::Path};

use super::{
    Tag,
    auth::Admin,
    error::ApiError,
    words::{app, given},
};
use crate::{
    core::recipient::Recipient,
    http::{JsonBody, Required, Text},
    service::Service,
};

#[derive(Debug, Clone, Object)]
#[oai(rename = "NewUnlock", deny_unknown_fields)]
struct NewUnlock {
    /// A phone number in international form, or an email address.
    recipient: Required<Text>,
}

#[derive(ApiResponse)]
enum Unlocked {
    /// Nothing counts against the recipient any more.
    #[oai(status = 204)]
    Unlocked,
}

pub(super) struct Api;

#[OpenApi(prefix_path = "/admin/v1", tag = "Tag::BlockedRecipients")]
impl Api {
    /// Unlock a recipient.
    ///
    /// Forgives it all sends and wrong guesses so far, at once on every node. May be repeated.
    #[oai(path = "/apps/:app_id/unlocks", method = "post", operation_id = "unlockRecipient")]
    async fn unlock(
        &self,
        _admin: Admin,
        service: Data<&Service>,
        /// Id of the application.
        app_id: Path<String>,
        body: JsonBody<NewUnlock>,
    ) -> Result<Unlocked, ApiError> {
        let found = app(&service, &app_id).await?;
        let Text(text) = given("recipient", body.0.recipient)?;
        let wrong = |_| ApiError::invalid("recipient must be a phone number such as +6591234567, or an email address");
        service.unlock(found.id, &Recipient::parse(&text).map_err(wrong)?).await?;
        Ok(Unlocked::Unlocked)
    }
}
