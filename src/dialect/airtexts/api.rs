//! Sending, verifying and sending again: credentials, translate, one call, translate back (spec 2.2).

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{OpenApi, Tags};
use serde_json::{Map, Value};

use super::{
    NAME, Settings,
    auth::Account,
    error::{self, ApiError},
    find::{PREFIX, own},
    wire::{
        otp::OtpSent,
        requests::{ResendOtp, Send, SendOtp, Verify, VerifyOtp, Wish},
        verified::{self, OtpVerified},
    },
};
use crate::{
    core::{channel::Channel, plan::Content, session::SessionState, session_ids::IdForm},
    http::{Answer, JsonOrForm},
    service::{Again, Draft, Error, Service, Session, SessionSpec, Telling, Which},
};

#[derive(Tags)]
enum Tag {
    /// Sending OTPs and verifying them.
    Otp,
}

pub(super) struct Api;

/// Language of a text where nobody names one.
const LANGUAGE: &str = "en";
/// What is kept with an OTP: the number of its text, and who is told what becomes of it.
const TEMPLATE: &str = "template";
const WEBHOOK: &str = "webhook_url";

#[OpenApi(prefix_path = "/otp")]
impl Api {
    /// Send an OTP.
    ///
    /// Answers when a provider has taken or refused the message. An older OTP of the same recipient and appid ends.
    #[oai(path = "/send", method = "post", operation_id = "sendOtp", tag = "Tag::Otp")]
    async fn send(
        &self,
        caller: Account,
        service: Data<&Service>,
        settings: Data<&Arc<Settings>>,
        body: JsonOrForm<SendOtp>,
    ) -> Result<Answer<OtpSent>, ApiError> {
        let send = body.0.into_command()?;
        own(&caller.0, &send.appid)?;
        let from = sender(&settings, send.wish.from.as_deref())?;
        if send.template.is_some_and(|number| !settings.texts.has(number)) {
            return Err(ApiError::not_found(error::TEMPLATE_NOT_FOUND));
        }
        let told = send.webhook_url.as_deref().filter(|_| settings.webhooks);
        if told.is_some_and(|url| !service.may_tell(Telling::UntilTaken, url)) {
            return Err(ApiError::unreadable(WEBHOOK));
        }
        let session = begin(&service, &settings, &caller, &send, from).await?;
        if let Some(url) = told {
            service.keep_telling(&caller.0, &session, url).await?;
        }
        Ok(Answer(OtpSent::of("OTP sent successfully", &session, service.now())))
    }

    /// Verify a code.
    ///
    /// The right code is accepted once. A wrong one is answered with `INVALID_OTP` and counts; when too many came, the
    /// OTP has failed.
    #[oai(path = "/verify", method = "post", operation_id = "verifyOtp", tag = "Tag::Otp")]
    async fn verify(
        &self,
        caller: Account,
        service: Data<&Service>,
        body: JsonOrForm<VerifyOtp>,
    ) -> Result<Answer<OtpVerified>, ApiError> {
        let Verify { sought, code } = body.0.into_command()?;
        let code_for = |session: &Session| {
            if !sought.is(&caller.0, session) {
                return Err(Error::NoVerification);
            }
            // A code that came as a number has lost the zeros that it began with.
            Ok(format!("{code:0>width$}", width = session.code_length.into()))
        };
        let judged = service.judge(&caller.0, &sought.which(&caller.0)?, &code_for).await?;
        verified::answer(&judged).map(Answer)
    }

    /// Send an OTP again.
    ///
    /// With a new code under the same `verification_id`: the old code ends, its wrong guesses count on, the time starts
    /// anew. A few times, and not too soon after the last one; until a day after the OTP has expired.
    #[oai(path = "/resend", method = "post", operation_id = "resendOtp", tag = "Tag::Otp")]
    async fn resend(
        &self,
        caller: Account,
        service: Data<&Service>,
        settings: Data<&Arc<Settings>>,
        body: JsonOrForm<ResendOtp>,
    ) -> Result<Answer<OtpSent>, ApiError> {
        let (sought, wish) = body.0.into_command()?;
        let session = sought.find(&service, &caller.0).await?;
        let from = wish.from.as_deref().map(|from| sender(&settings, Some(from))).transpose()?;
        if let SessionState::Verified { .. } = session.state {
            return Err(Error::CodeUsed.into());
        }
        let session = again(&service, &settings, &caller, &session, (wish, from)).await?;
        if let Some(url) = session.extra.get(WEBHOOK).and_then(Value::as_str).filter(|_| settings.webhooks) {
            service.keep_telling(&caller.0, &session, url).await?;
        }
        Ok(Answer(OtpSent::of("OTP resent successfully", &session, service.now())))
    }
}

async fn begin(
    service: &Service,
    settings: &Settings,
    caller: &Account,
    send: &Send,
    from: String,
) -> Result<Arc<Session>, ApiError> {
    let mut extra = Map::new();
    extra.extend(send.template.map(|number| (TEMPLATE.to_owned(), number.into())));
    extra.extend(send.webhook_url.clone().map(|url| (WEBHOOK.to_owned(), url.into())));
    let template = send.template.map_or_else(|| "built-in".to_owned(), |number| number.to_string());
    let spec = SessionSpec {
        dialect: NAME,
        id_form: IdForm::Narrow { prefix: PREFIX },
        scope: &send.appid,
        recipient: send.recipient.clone(),
        channel: send.wish.channel.unwrap_or(Channel::Sms),
        spec: send.code,
        policy: &settings.policy(),
        sender: Some(from),
        language: send.wish.lang.clone().unwrap_or_else(|| LANGUAGE.to_owned()),
        template: &template,
        with_link: false,
        extra,
        compose: &|draft| write(settings, draft),
    };
    Ok(service.begin(&caller.0, spec).await?)
}

async fn again(
    service: &Service,
    settings: &Settings,
    caller: &Account,
    session: &Session,
    (wish, from): (Wish, Option<String>),
) -> Result<Arc<Session>, ApiError> {
    let which = Which::Id { dialect: NAME, public_id: &session.public_id };
    let compose = &|draft: &Draft<'_>| write(settings, draft);
    let change = Again { channel: wish.channel, sender: from, language: wish.lang, compose };
    Ok(service.resend(&caller.0, &which, &settings.policy(), change).await?)
}

fn write(settings: &Settings, draft: &Draft<'_>) -> Content {
    settings.texts.write(draft.extra.get(TEMPLATE).and_then(Value::as_i64), draft)
}

/// In whose name a message goes: up to 11 letters and digits, and one of those that the configuration lists, if it does.
fn sender(settings: &Settings, asked: Option<&str>) -> Result<String, ApiError> {
    let Some(name) = asked else { return Ok(settings.default_from.clone()) };
    let is_name = (1..=11).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let listed = settings.senders.is_empty() || settings.senders.iter().any(|known| known == name);
    if name == settings.default_from || is_name && listed {
        return Ok(name.to_owned());
    }
    Err(ApiError::forbidden(error::SENDER_NOT_APPROVED))
}
