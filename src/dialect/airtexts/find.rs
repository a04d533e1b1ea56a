//! Which OTP a request is about: nobody sees one of an appid that the credentials do not own.

use super::{
    NAME,
    error::{self, ApiError},
};
use crate::{
    core::recipient::Recipient,
    service::{Caller, Error, Service, Session, Which},
};

/// What every id begins with.
pub(super) const PREFIX: &str = "otp_";
/// Hexadecimal digits that follow.
const DIGITS: usize = 16;

/// What a request says of the OTP that it is about.
pub(super) struct Sought {
    /// Name of the application; must be there where there is no id.
    pub(super) appid: Option<String>,
    /// Its id.
    pub(super) id: Option<String>,
    /// Whose it is. Without an id it is the newest one of that recipient, with one it must be that recipient's.
    pub(super) recipient: Option<Recipient>,
}

impl Sought {
    /// The OTP; [`error::OTP_NOT_FOUND`] where there is none, or it is somebody else's.
    pub(super) async fn find(&self, service: &Service, caller: &Caller) -> Result<Session, ApiError> {
        let session = service.session(caller, &self.which(caller)?).await?;
        if self.is(caller, &session) { Ok(session) } else { Err(Error::NoVerification.into()) }
    }

    /// Where it has to be looked for.
    pub(super) fn which(&self, caller: &Caller) -> Result<Which<'_>, ApiError> {
        if let Some(appid) = &self.appid {
            own(caller, appid)?;
        }
        match (&self.id, &self.recipient) {
            (Some(id), _) if !is_id(id) => Err(Error::NoVerification.into()),
            (Some(id), _) => Ok(Which::Id { dialect: NAME, public_id: id }),
            (None, Some(recipient)) => {
                let scope = self.appid.as_deref().ok_or_else(|| ApiError::missing("appid"))?;
                Ok(Which::Newest { dialect: NAME, scope, recipient })
            }
            (None, None) => Err(ApiError::missing("verification_id")),
        }
    }

    /// Whether it is the one, and the caller's.
    pub(super) fn is(&self, caller: &Caller, session: &Session) -> bool {
        caller.owns_scope(&session.scope)
            && self.appid.as_ref().is_none_or(|appid| *appid == session.scope)
            && (self.recipient.is_none() || self.recipient == session.recipient)
    }
}

/// Refuses a name that the credentials do not own (403).
pub(super) fn own(caller: &Caller, appid: &str) -> Result<(), ApiError> {
    // A key that owns any name owns those that can be one.
    let is_name = (1..=64).contains(&appid.len()) && appid.bytes().all(|byte| byte.is_ascii_graphic());
    if is_name && caller.owns_scope(appid) { Ok(()) } else { Err(ApiError::forbidden(error::INVALID_APPID)) }
}

/// Whether we may have given it out: anything else is not looked for.
pub(super) fn is_id(text: &str) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.strip_prefix(PREFIX).is_some_and(|digits| digits.len() == DIGITS && digits.bytes().all(digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_we_give_out_is_an_id() {
        assert!(is_id("otp_67890abcdef12345"));
        for text in
            ["", "otp_", "otp_67890ABCDEF12345", "otp_67890abcdef1234", "67890abcdef12345", "otp_67890abcdef1234\0"]
        {
            assert!(!is_id(text), "{text:?}");
        }
    }
}
