//! What there is to tell.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Topic;
use crate::core::{channel::Channel, clock::Timestamp, event::EventKind, id::MessageId, money::Usd, template::Audit};

/// One row of a callback. It names people: no `Debug`.
#[derive(Clone)]
pub struct News {
    /// Whose.
    pub app: i64,
    /// When it happened.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// See [`News`].
#[derive(Clone)]
pub enum What {
    /// A step of a message.
    Status(Box<Status>),
    /// Anything else.
    Notice(Box<Notice>),
}

/// One step of a message's life.
#[derive(Clone)]
pub struct Status {
    /// The message.
    pub message: MessageId,
    /// Its recipient; empty once that is forgotten.
    pub to: String,
    /// What happened.
    pub kind: EventKind,
    /// On which channel.
    pub channel: Channel,
    /// From which template.
    pub template_id: String,
    /// When the message was accepted.
    pub accepted_at: Timestamp,
    /// To be echoed.
    pub custom_args: Option<Map<String, Value>>,
    /// 50xx of spec 2.1, 0 for none.
    pub error_code: i16,
    /// Reason of a failure.
    pub detail: Option<String>,
    /// What it cost.
    pub cost: Option<Usd>,
}

/// What is no step of a message. Kept sealed until it is told.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// A template was approved or rejected.
    TemplateAudit {
        /// Which.
        template_id: String,
        /// 2 approved, 3 rejected.
        status: u8,
        /// Why.
        reason: String,
    },
    /// Little is left of what the application may spend.
    InsufficientBalance {
        /// What is left; negative when more was spent.
        remain_balance: Usd,
        /// It was to be told when less than this is left.
        balance_threshold: Usd,
    },
    /// Few codes come back.
    InsufficientVerificationRate {
        /// How many of a hundred, in hundredths.
        rate: i64,
        /// It was to be told when fewer of a hundred do.
        threshold: u8,
    },
    /// Somebody wrote to us.
    Uplink {
        /// The provider's id of it.
        message_sid: String,
        /// Our account at the provider.
        account_sid: String,
        /// Who.
        from: String,
        /// To which of our numbers.
        to: String,
        /// What.
        body: String,
    },
    /// A key was made, changed or deleted.
    KeyManage {
        /// Who did it.
        operator: Operator,
        /// What was done.
        action: String,
        /// To which key.
        api_key: String,
        /// Its description.
        description: String,
    },
    /// A template was made or deleted.
    TemplateManage {
        /// Who did it.
        operator: Operator,
        /// What was done.
        action: String,
        /// To which template.
        template_id: String,
        /// Its description.
        template_name: String,
    },
    /// An API was called.
    ApiCall {
        /// Who did it.
        operator: Operator,
        /// The path.
        api_path: String,
        /// The method.
        method: String,
    },
    /// Somebody used the management API, or tried to.
    AccountLogin {
        /// Who did it.
        operator: Operator,
        /// What was done.
        action: String,
        /// Why not.
        fail_reason: Option<String>,
    },
}

/// Who did something to an application; the command line has neither key nor address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// The key that was used.
    pub api_key: Option<String>,
    /// Where from.
    pub ip_address: Option<String>,
}

impl Notice {
    /// A review of a template.
    #[must_use]
    pub fn audit(template_id: &str, status: Audit, reason: &str) -> Self {
        Self::TemplateAudit { template_id: template_id.to_owned(), status: status.number(), reason: reason.to_owned() }
    }

    /// What one subscribes to for it.
    #[must_use]
    pub const fn topic(&self) -> Topic {
        match self {
            Self::TemplateAudit { .. } => Topic::TemplateAuditResult,
            Self::InsufficientBalance { .. } => Topic::InsufficientBalance,
            Self::InsufficientVerificationRate { .. } => Topic::InsufficientVerificationRate,
            Self::Uplink { .. } => Topic::UplinkMessage,
            Self::KeyManage { .. } => Topic::KeyManage,
            Self::TemplateManage { .. } => Topic::TemplateManage,
            Self::ApiCall { .. } => Topic::ApiCall,
            Self::AccountLogin { .. } => Topic::AccountLogin,
        }
    }
}

impl What {
    /// What one subscribes to for it.
    #[must_use]
    pub fn topic(&self) -> Topic {
        match self {
            Self::Status(status) => Topic::Status(status.kind),
            Self::Notice(notice) => notice.topic(),
        }
    }
}
