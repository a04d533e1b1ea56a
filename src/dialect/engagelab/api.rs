//! The eight endpoints: credentials, translate, one call, translate back (spec 1, 4).

use poem::web::Data;
use poem_openapi::{OpenApi, Tags, param::Path, payload::Json};

use super::{
    Settings,
    auth::DevKey,
    error::ApiError,
    wire::{
        Done,
        messages::{MessageAccepted, SendCode, SendCustomMessage, SendMessage},
        template_in::CreateTemplate,
        template_out::{TemplateDetail, TemplateSummary},
        verifications::{Verification, VerifyCode},
    },
};
use crate::{http::JsonBody, service::Service};

#[derive(Tags)]
enum Tag {
    /// Sending messages.
    Messages,
    /// Judging codes.
    Verifications,
    /// Managing templates.
    Templates,
}

pub(super) struct Api;

#[OpenApi(prefix_path = "/v1")]
impl Api {
    /// Send a code that the server makes.
    ///
    /// Answers as soon as the message is on disk, queued on the template's first channel. While the code lives, the same
    /// template is not sent to the same target again (3004).
    #[oai(path = "/messages", method = "post", operation_id = "sendMessage", tag = "Tag::Messages")]
    async fn send_message(
        &self,
        caller: DevKey,
        service: Data<&Service>,
        settings: Data<&Settings>,
        body: JsonBody<SendMessage>,
    ) -> Result<Json<MessageAccepted>, ApiError> {
        let receipt = service.send_code(&caller.0, &settings.policy(), body.0.into_command()?).await?;
        Ok(Json(receipt.into()))
    }

    /// Send a code of your own.
    ///
    /// The server neither makes nor judges this code: its `message_id` cannot be verified here.
    #[oai(path = "/codes", method = "post", operation_id = "sendCode", tag = "Tag::Messages")]
    async fn send_code(
        &self,
        caller: DevKey,
        service: Data<&Service>,
        settings: Data<&Settings>,
        body: JsonBody<SendCode>,
    ) -> Result<Json<MessageAccepted>, ApiError> {
        let receipt = service.send_own_code(&caller.0, &settings.policy(), body.0.into_command()?).await?;
        Ok(Json(receipt.into()))
    }

    /// Send a template's text to one or many.
    ///
    /// A template of the verification-code type needs `params.code`. One `message_id` stands for all recipients.
    #[oai(path = "/custom-messages", method = "post", operation_id = "sendCustomMessage", tag = "Tag::Messages")]
    async fn send_custom_message(
        &self,
        caller: DevKey,
        service: Data<&Service>,
        body: JsonBody<SendCustomMessage>,
    ) -> Result<Json<MessageAccepted>, ApiError> {
        let receipt = service.send_custom(&caller.0, body.0.into_command()?).await?;
        Ok(Json(receipt.into()))
    }

    /// Judge a code.
    ///
    /// A wrong code is answered with 200 and `verified: false`. The right one is accepted once; afterwards, and when the
    /// code has expired or too many wrong ones came, the answer is 3003 and a new message must be sent.
    #[oai(path = "/verifications", method = "post", operation_id = "verifyCode", tag = "Tag::Verifications")]
    async fn verify_code(
        &self,
        caller: DevKey,
        service: Data<&Service>,
        body: JsonBody<VerifyCode>,
    ) -> Result<Json<Verification>, ApiError> {
        let (message_id, message, code) = body.0.into_command()?;
        let verified = service.verify_code(&caller.0, message, &code).await?;
        Ok(Json(Verification { message_id, verify_code: code, verified }))
    }

    /// Create a template.
    ///
    /// Configurations of channels that the strategy does not use are accepted and kept.
    #[oai(path = "/template-configs", method = "post", operation_id = "createTemplate", tag = "Tag::Templates")]
    async fn create_template(
        &self,
        caller: DevKey,
        service: Data<&Service>,
        body: JsonBody<CreateTemplate>,
    ) -> Result<Json<Done>, ApiError> {
        service.create_template(&caller.0, body.0.into_draft()).await?;
        Ok(Json(Done::success()))
    }

    /// List all templates.
    ///
    /// The newest first, without their contents.
    #[oai(path = "/template-configs", method = "get", operation_id = "listTemplates", tag = "Tag::Templates")]
    async fn list_templates(
        &self,
        caller: DevKey,
        service: Data<&Service>,
    ) -> Result<Json<Vec<TemplateSummary>>, ApiError> {
        let templates = service.templates(&caller.0).await?;
        Ok(Json(templates.iter().map(|template| TemplateSummary::of(template)).collect()))
    }

    /// Show a template.
    ///
    /// With the contents of its channels.
    #[oai(
        path = "/template-configs/:template_id",
        method = "get",
        operation_id = "getTemplate",
        tag = "Tag::Templates"
    )]
    async fn get_template(
        &self,
        caller: DevKey,
        service: Data<&Service>,
        /// Name of the template.
        template_id: Path<String>,
    ) -> Result<Json<TemplateDetail>, ApiError> {
        let template = service.template(&caller.0, &template_id).await?;
        Ok(Json(TemplateDetail::of(&template)))
    }

    /// Delete a template.
    ///
    /// Codes sent from it stay alive.
    #[oai(
        path = "/template-configs/:template_id",
        method = "delete",
        operation_id = "deleteTemplate",
        tag = "Tag::Templates"
    )]
    async fn delete_template(
        &self,
        caller: DevKey,
        service: Data<&Service>,
        /// Name of the template.
        template_id: Path<String>,
    ) -> Result<Json<Done>, ApiError> {
        service.delete_template(&caller.0, &template_id).await?;
        Ok(Json(Done::success()))
    }
}
