//! The four endpoints: credentials, translate, one call, translate back (spec 1.1).

use poem::web::Data;
use poem_openapi::{OpenApi, Tags, param::Path, payload::Json};

use super::{
    Settings,
    auth::ApiKey,
    error::ApiError,
    texts,
    wire::{ResendOtp, ResentAnswer, SendOtp, SentAnswer, StatusAnswer, VerifiedAnswer, VerifyOtp, which},
};
use crate::{
    core::verification::Guess,
    http::{Answer, JsonBody},
    service::{Again, Service},
};

#[derive(Tags)]
enum Tag {
    /// One-time passwords by email.
    Otp,
}

pub(super) struct Api;

#[OpenApi(prefix_path = "/api/v1", tag = "Tag::Otp")]
impl Api {
    /// Send a code by email.
    ///
    /// Answers when a mail server has taken or refused the mail. Every call begins a session of its own: an older one of the
    /// same address goes on.
    #[oai(path = "/otp/send", method = "post", operation_id = "sendOtp")]
    async fn send(
        &self,
        caller: ApiKey,
        service: Data<&Service>,
        settings: Data<&Settings>,
        body: JsonBody<SendOtp>,
    ) -> Result<Answer<SentAnswer>, ApiError> {
        let order = body.0.into_order(settings.default_ttl)?;
        let policy = settings.policy(order.life);
        let spec = order.into_spec(&policy, settings.language);
        Ok(Answer(service.begin(&caller.0, spec).await?.as_ref().into()))
    }

    /// Verify a code.
    ///
    /// The right code is accepted once. A wrong one, an expired or used one, an unknown session and one that was guessed at too
    /// often are all answered alike.
    #[oai(path = "/otp/verify", method = "post", operation_id = "verifyOtp")]
    async fn verify(
        &self,
        caller: ApiKey,
        service: Data<&Service>,
        body: JsonBody<VerifyOtp>,
    ) -> Result<Answer<VerifiedAnswer>, ApiError> {
        let (session_id, code) = body.0.into_parts()?;
        let which = which(&session_id).map_err(ApiError::on_verify)?;
        let judged = service.judge(&caller.0, &which, &|_| Ok(code.clone())).await.map_err(ApiError::on_verify)?;
        match judged.guess {
            Guess::Accepted => Ok(Answer(judged.session.into())),
            Guess::Wrong { .. } | Guess::AlreadyVerified | Guess::Exhausted | Guess::Expired => {
                Err(ApiError::invalid_code())
            }
        }
    }

    /// Send another code for the same session.
    ///
    /// The older code dies, guesses count anew, and the new code lives as long as the first one did. Five times at most.
    #[oai(path = "/otp/resend", method = "post", operation_id = "resendOtp")]
    async fn resend(
        &self,
        caller: ApiKey,
        service: Data<&Service>,
        settings: Data<&Settings>,
        body: JsonBody<ResendOtp>,
    ) -> Result<Json<ResentAnswer>, ApiError> {
        let session_id = body.0.into_session_id()?;
        let policy = settings.policy(settings.default_ttl);
        let again = Again { channel: None, sender: None, language: None, compose: &texts::mail };
        let session = service.resend(&caller.0, &which(&session_id)?, &policy, again).await;
        Ok(Json(session.map_err(ApiError::on_resend)?.as_ref().into()))
    }

    /// Show how a session stands.
    ///
    /// For 24 hours after its end.
    #[oai(path = "/otp/status/:session_id", method = "get", operation_id = "getOtpStatus")]
    async fn status(
        &self,
        caller: ApiKey,
        service: Data<&Service>,
        /// Id of the session.
        session_id: Path<String>,
    ) -> Result<Json<StatusAnswer>, ApiError> {
        let session = service.session(&caller.0, &which(&session_id)?).await?;
        Ok(Json(session.into()))
    }
}
