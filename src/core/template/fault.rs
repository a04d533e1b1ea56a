//! Why a template is refused.

/// A rule of spec 4.1 that a draft breaks. `Display` gives the words for the wire; paths are spelled as there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateFault {
    /// A required field is absent or empty; 3002.
    #[error("{0} is required")]
    Missing(&'static str),
    /// A field is out of its range; 3002.
    #[error("invalid {0}")]
    Invalid(&'static str),
    /// A channel of the strategy has no configuration; 3003 (published words, spec 2.4).
    #[error("not contains any channel config")]
    NoChannelConfig,
    /// Email stands beside other channels; 3003.
    #[error("email can not be combined with other channels")]
    EmailNotAlone,
    /// A strategy with `WhatsApp` asks for a lifetime other than 1, 5 or 10 minutes; 3003.
    #[error("verify_code_ttl must be 1, 5 or 10 when the strategy contains whatsapp")]
    TtlNotForWhatsapp,
    /// An authentication text has no `{{{{code}}}}`; 3003.
    #[error("custom_content must contain {{{{code}}}} when custom_sub_type is authentication")]
    CodeNotInContent,
}

impl TemplateFault {
    /// Whether one field alone is wrong (3002) rather than the whole (3003); spec 10, row 2.
    #[must_use]
    pub const fn is_field(self) -> bool {
        matches!(self, Self::Missing(_) | Self::Invalid(_))
    }
}
