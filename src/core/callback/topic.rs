//! What can be subscribed to: the events of the four families (spec 5.5).

use std::fmt;

use crate::core::event::EventKind;

/// The shape of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Steps of messages, spec 5.5(a).
    MessageStatus,
    /// Notifications, spec 5.5(b).
    Notification,
    /// What people write back, spec 5.5(c).
    Uplink,
    /// What happens to the application itself, spec 5.5(d).
    System,
}

/// One event that can be subscribed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// A step of a message.
    Status(EventKind),
    /// A template was approved or rejected.
    TemplateAuditResult,
    /// Somebody wrote back.
    UplinkMessage,
    /// A template was made or deleted.
    TemplateManage,
    /// A key was made, changed or deleted.
    KeyManage,
    /// An API was called.
    ApiCall,
    /// Somebody used the management API, or tried to.
    AccountLogin,
    /// Little is left of what the application may spend.
    InsufficientBalance,
    /// Few codes come back.
    InsufficientVerificationRate,
}

/// Those that are no steps of messages, in the order of their bits.
const OTHERS: [Topic; 8] = [
    Topic::TemplateAuditResult,
    Topic::UplinkMessage,
    Topic::TemplateManage,
    Topic::KeyManage,
    Topic::ApiCall,
    Topic::AccountLogin,
    Topic::InsufficientBalance,
    Topic::InsufficientVerificationRate,
];

impl Topic {
    /// Every topic.
    pub fn all() -> impl Iterator<Item = Self> {
        EventKind::ALL.into_iter().map(Self::Status).chain(OTHERS)
    }

    /// The topic of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::all().find(|topic| topic.as_str() == word)
    }

    /// The word of spec 5.5.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Status(kind) => kind.as_str(),
            Self::TemplateAuditResult => "template_audit_result",
            Self::UplinkMessage => "uplink_message",
            Self::TemplateManage => "template_manage",
            Self::KeyManage => "key_manage",
            Self::ApiCall => "api_call",
            Self::AccountLogin => "account_login",
            Self::InsufficientBalance => "insufficient_balance",
            Self::InsufficientVerificationRate => "insufficient_verification_rate",
        }
    }

    /// Its family.
    #[must_use]
    pub const fn family(self) -> Family {
        match self {
            Self::Status(_) => Family::MessageStatus,
            Self::TemplateAuditResult | Self::InsufficientBalance | Self::InsufficientVerificationRate => {
                Family::Notification
            }
            Self::UplinkMessage => Family::Uplink,
            Self::TemplateManage | Self::KeyManage | Self::ApiCall | Self::AccountLogin => Family::System,
        }
    }

    const fn bit(self) -> u32 {
        match self {
            Self::Status(kind) => 1 << kind as u32,
            Self::TemplateAuditResult => 1 << 20,
            Self::UplinkMessage => 1 << 21,
            Self::TemplateManage => 1 << 22,
            Self::KeyManage => 1 << 23,
            Self::ApiCall => 1 << 24,
            Self::AccountLogin => 1 << 25,
            Self::InsufficientBalance => 1 << 26,
            Self::InsufficientVerificationRate => 1 << 27,
        }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Topics(u32);

impl Topics {
    /// The set of these.
    pub fn of(topics: impl IntoIterator<Item = Topic>) -> Self {
        Self(topics.into_iter().fold(0, |set, topic| set | topic.bit()))
    }

    /// Everything but what is for those who ask for it: `api_call` costs a write for every request, `account_login` is about
    /// the whole installation and not about one application.
    #[must_use]
    pub fn usual() -> Self {
        Self::of(Topic::all().filter(|topic| !matches!(topic, Topic::ApiCall | Topic::AccountLogin)))
    }

    /// From the bit mask that the database keeps.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The bit mask that the database keeps.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether it is in the set.
    #[must_use]
    pub const fn contains(self, topic: Topic) -> bool {
        self.0 & topic.bit() != 0
    }

    /// Whether any step of a message is in the set.
    #[must_use]
    pub fn contains_steps(self) -> bool {
        self.iter().any(|topic| topic.family() == Family::MessageStatus)
    }

    /// What is in the set.
    pub fn iter(self) -> impl Iterator<Item = Topic> {
        Topic::all().filter(move |topic| self.contains(*topic))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_has_its_own_word_and_its_own_place_in_the_set() {
        let topics: Vec<_> = Topic::all().collect();
        assert_eq!(topics.len(), 18);
        for topic in &topics {
            assert_eq!(Topic::parse(topic.as_str()), Some(*topic));
            assert_eq!(Topics::of([*topic]).iter().collect::<Vec<_>>(), [*topic]);
        }
        let all = Topics::of(topics);
        assert_eq!(Topics::from_bits(all.bits()), all);
        assert_eq!(all.bits().count_ones(), 18);
    }

    #[test]
    fn calls_and_logins_are_told_to_those_only_who_ask() {
        assert!(!Topics::usual().contains(Topic::ApiCall) && !Topics::usual().contains(Topic::AccountLogin));
        assert_eq!(Topics::usual().iter().count(), 16);
        assert!(Topics::usual().contains_steps() && !Topics::of([Topic::KeyManage]).contains_steps());
    }
}
