//! Why a use case said no. Closed: every dialect answers every variant in its own words.

use std::time::Duration;

use crate::{
    channel::Refusal,
    core::{access::AuthFailure, channel::Channel, template::TemplateFault},
    store::StoreError,
};

/// Why a use case said no. `Display` is safe to show; causes are for the log only.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Who is calling?
    #[error("{0}")]
    Unauthenticated(AuthFailure),
    /// The key may not do this, or not from there.
    #[error("no permission to call this api")]
    Forbidden,
    /// A value is out of its range; the text names the field.
    #[error("{0}")]
    Invalid(String),
    /// A template that breaks a rule.
    #[error("{0}")]
    Template(#[from] TemplateFault),
    /// A template of that name exists.
    #[error("template_id already exist")]
    TemplateExists,
    /// No such template.
    #[error("config not exist")]
    NoTemplate,
    /// The template is pending or was rejected.
    #[error("template status is not approved, can not use")]
    TemplateNotApproved,
    /// The template makes no codes.
    #[error("template is not a verification code template")]
    NotACodeTemplate,
    /// An email address for a phone template, or the other way round.
    #[error("template does not support this kind of target")]
    WrongTarget,
    /// No such verification, or somebody else's.
    #[error("message not exist")]
    NoVerification,
    /// The code is too old.
    #[error("verify code has expired")]
    CodeExpired,
    /// The code was used.
    #[error("verify code has been verified")]
    CodeUsed,
    /// Too many wrong codes.
    #[error("verify code has expired")]
    GuessesUsedUp,
    /// The last code for this template and target is still alive.
    #[error("exceeded frequency limit, cannot resend to the same template and target user within the validity period")]
    TooSoon {
        /// When to come back, if that is known.
        retry_after: Option<Duration>,
    },
    /// A code was sent again as often as it may be.
    #[error("the code was sent as often as it may be")]
    SendsUsedUp,
    /// A limit of the recipient or of the caller.
    #[error("exceeded frequency limit, cannot resend to the same template and target user within the validity period")]
    OverLimit {
        /// When to come back; `None` when only an operator can lift it.
        retry_after: Option<Duration>,
    },
    /// The recipient gets nothing.
    #[error("Blacklisted")]
    Blocked,
    /// The application has spent what it may spend.
    #[error("insufficient balance")]
    InsufficientBalance,
    /// Nothing carries the message.
    #[error("{} send fail", .channel.as_str())]
    Refused {
        /// The channel that was to carry it.
        channel: Channel,
        /// Which kind of no.
        refusal: Refusal,
    },
    /// Too much is going on; try again shortly.
    #[error("service is overloaded, try again later")]
    Overloaded,
    /// Our fault.
    #[error("internal error")]
    Internal(#[source] Cause),
}

/// What went wrong inside.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No id could be given out.
    #[error("no id: {0}")]
    Id(String),
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] crate::core::entropy::NoEntropy),
    /// What the configuration gives an API without keys is no application, or none yet.
    #[error("`{setting}` names the application {app:?}, which is not there: make it, or name another")]
    NoApplication {
        /// The key of the configuration.
        setting: &'static str,
        /// What it says.
        app: String,
    },
    /// A callback's secrets cannot be used.
    #[error("callback: {0}")]
    Callback(String),
    /// Something of ours could not be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

impl From<StoreError> for Error {
    fn from(err: StoreError) -> Self {
        match err {
            StoreError::Overloaded => Self::Overloaded,
            err => Self::Internal(err.into()),
        }
    }
}

impl From<Cause> for Error {
    fn from(cause: Cause) -> Self {
        Self::Internal(cause)
    }
}

impl From<crate::core::entropy::NoEntropy> for Error {
    fn from(err: crate::core::entropy::NoEntropy) -> Self {
        Self::Internal(err.into())
    }
}
