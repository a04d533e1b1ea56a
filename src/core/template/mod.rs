//! Message templates (spec section 4): what an application's messages say, and over which channels they go.

mod channels;
mod definition;
mod draft;
mod fault;
mod mail;
mod rules;
mod strategy;

use serde::{Deserialize, Serialize};

use super::clock::Timestamp;

pub use definition::{
    CodeConfig, CustomSms, DefaultText, Definition, EmailConfig, MailText, PwaConfig, SmsConfig, SmsSubType,
};
pub use draft::{CodeDraft, CustomSmsDraft, DefaultTextDraft, Draft, EmailDraft, MailDraft, SmsDraft, SpokenDraft};
pub use fault::TemplateFault;
pub use rules::MAX_TTL;
pub use strategy::Strategy;

/// Where the review of a template stands (spec 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
pub enum Audit {
    /// Nobody has looked at it; it cannot be used.
    Pending,
    /// It may be used.
    Approved,
    /// It may not be used; the remark says why.
    Rejected,
}

impl Audit {
    /// The number on the wire: 1, 2 or 3.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Pending => 1,
            Self::Approved => 2,
            Self::Rejected => 3,
        }
    }
}

impl From<Audit> for u8 {
    fn from(audit: Audit) -> Self {
        audit.number()
    }
}

impl TryFrom<u8> for Audit {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        let audits = [Self::Pending, Self::Approved, Self::Rejected];
        audits.into_iter().find(|audit| audit.number() == number).ok_or("a template status is 1, 2 or 3")
    }
}

/// A template as an application has it. `Serialize` is the shape of the database, not of the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// What the application asked for.
    pub definition: Definition,
    /// Whether it may be used.
    pub status: Audit,
    /// The reviewer's words, often empty.
    pub audit_remark: String,
    /// When it was made.
    pub created_at: Timestamp,
}
