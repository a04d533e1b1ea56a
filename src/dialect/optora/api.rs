//! The five endpoints (spec 3.1). The link in a mail is a page for a person: a browser asks for it, and so may a scanner.

use std::sync::Arc;

use poem::{Request, Result, web::Data};
use poem_openapi::{
    OpenApi, Tags,
    param::{Path, Query},
    payload::Json,
};

use super::{
    DIALECT,
    error::ApiError,
    guest::Guest,
    link::{LinkAnswer, Links},
    sending::{Form, Order},
    settings::{LinkMode, Settings},
    wire::{
        answers::{Sent, Status, Verified},
        entire::Entire,
        requests::{Generate, SendLink, Verify, recipient},
    },
};
use crate::{
    core::{code::Alphabet, verification::Guess},
    http::{Answer, LooseJsonBody, Rejection},
    service::{Error, Service, Telling, Which},
};

#[derive(Tags)]
enum Tag {
    /// Codes by email.
    Codes,
    /// Links by email.
    Links,
    /// How a request stands.
    Status,
}

pub(super) struct Api;

#[OpenApi(prefix_path = "/api/otp")]
impl Api {
    /// Send a code by email.
    ///
    /// While an earlier code or link of this address is alive, the same code is sent again under the same `requestId`, up to
    /// three times.
    #[oai(path = "/generate", method = "post", operation_id = "generateOtp", tag = "Tag::Codes")]
    async fn generate(&self, guest: Guest, body: LooseJsonBody<Entire<Generate>>) -> Result<Answer<Sent>, ApiError> {
        let Entire { fields, whole } = body.0;
        guest.count(fields.email.given().map(|email| email.0.as_str())).await?;
        let to = recipient(&fields.email, &guest.settings)?;
        guest.refuse_spam(&to, &whole).await?;
        let (heading, alphabet) = (fields.heading(), fields.alphabet());
        let session = guest.send(&Order { to, heading, form: Form::Code, alphabet, webhook: None }).await?;
        Ok(Answer(Sent::code(&session, &guest.settings)))
    }

    /// Send a link by email.
    ///
    /// It belongs to the same request as a code that is alive, and each of them verifies it. Who is named in `webhookUrl` is
    /// told once when the link has been followed; a newer address takes the place of an older one.
    #[oai(path = "/send-link", method = "post", operation_id = "sendLink", tag = "Tag::Links")]
    async fn send_link(&self, guest: Guest, body: LooseJsonBody<Entire<SendLink>>) -> Result<Answer<Sent>, ApiError> {
        let Entire { fields, whole } = body.0;
        guest.count(fields.email.given().map(|email| email.0.as_str())).await?;
        let to = recipient(&fields.email, &guest.settings)?;
        guest.refuse_spam(&to, &whole).await?;
        let form = Form::Link(guest.link_base()?);
        let webhook = fields.webhook_url().filter(|url| guest.service.may_tell(Telling::Once, url)).map(str::to_owned);
        let (heading, alphabet, registered) = (fields.heading(), Some(Alphabet::DIGITS), webhook.is_some());
        let session = guest.send(&Order { to, heading, form, alphabet, webhook }).await?;
        Ok(Answer(Sent::link(&session, &guest.settings, registered)))
    }

    /// Judge a code.
    ///
    /// Of everything that can be wrong with it the answer says only `Invalid OTP`. After five wrong ones the code is dead.
    #[oai(path = "/verify", method = "post", operation_id = "verifyOtp", tag = "Tag::Codes")]
    async fn verify(&self, guest: Guest, body: LooseJsonBody<Verify>) -> Result<Answer<Verified>, ApiError> {
        let (recipient, otp) = body.0.into_command(&guest.settings)?;
        let which = Which::Newest { dialect: DIALECT.name, scope: "", recipient: &recipient };
        match guest.service.judge(&guest.caller, &which, &|_| Ok(otp.clone())).await?.guess {
            Guess::Accepted => Ok(Answer(Verified::new(&guest.settings))),
            Guess::Wrong { .. } | Guess::Expired | Guess::AlreadyVerified | Guess::Exhausted => {
                Err(ApiError::invalid_otp())
            }
        }
    }

    /// Follow a link.
    ///
    /// Answers with a page for the person who opened the mail. As the operator has set it, the address is confirmed at once,
    /// by the page's script, or by its button.
    #[oai(path = "/verify-link", method = "get", operation_id = "verifyLink", tag = "Tag::Links")]
    async fn verify_link(
        &self,
        service: Data<&Service>,
        settings: Data<&Arc<Settings>>,
        request: &Request,
        /// What stands in the link.
        token: Query<Option<String>>,
    ) -> LinkAnswer {
        let links = Links { service: &service, settings: &settings };
        match (Links::token(request, token.0), settings.link) {
            (None, _) => LinkAnswer::malformed(),
            (Some(token), LinkMode::Get) => links.follow(&token).await,
            (Some(token), LinkMode::Auto | LinkMode::Button) => links.ask(&token).await,
        }
    }

    /// Look at a link's headers.
    ///
    /// Changes nothing, and says nothing about the token.
    #[expect(clippy::unused_async, reason = "the framework awaits every operation")]
    #[oai(path = "/verify-link", method = "head", operation_id = "probeLink", tag = "Tag::Links")]
    async fn probe_link(
        &self,
        /// What stands in the link.
        #[oai(name = "token")]
        _token: Query<Option<String>>,
    ) -> LinkAnswer {
        LinkAnswer::nothing()
    }

    /// Confirm a link.
    ///
    /// What the page's button or script sends. It is not there where following the link confirms already.
    #[oai(path = "/verify-link", method = "post", operation_id = "confirmLink", tag = "Tag::Links")]
    async fn confirm_link(
        &self,
        service: Data<&Service>,
        settings: Data<&Arc<Settings>>,
        request: &Request,
        /// What stands in the link.
        token: Query<Option<String>>,
    ) -> Result<LinkAnswer> {
        let links = Links { service: &service, settings: &settings };
        if settings.link == LinkMode::Get {
            return Err(Rejection::NoRoute.into());
        }
        Ok(match Links::token(request, token.0) {
            _ if !links.is_from_our_page(request) => LinkAnswer::elsewhere(),
            None => LinkAnswer::malformed(),
            Some(token) => links.follow(&token).await,
        })
    }

    /// Ask how a request stands.
    ///
    /// An id that nobody knows is no error: `found` is false. Whoever polls may stop when `verified` or `expired` is true.
    #[oai(path = "/status/:request_id", method = "get", operation_id = "getStatus", tag = "Tag::Status")]
    async fn status(
        &self,
        guest: Guest,
        /// What the send was answered with.
        request_id: Path<String>,
    ) -> Result<Json<Status>, ApiError> {
        let which = Which::Id { dialect: DIALECT.name, public_id: &request_id };
        let now = guest.service.parts().clock.now();
        match guest.service.session(&guest.caller, &which).await {
            Ok(session) => Ok(Json(Status::of(session, &guest.settings, now))),
            Err(Error::NoVerification) => Ok(Json(Status::unknown())),
            Err(err) => Err(err.into()),
        }
    }
}
