//! What a key may do.

/// What a key may do (EngageLab spec section 8, row 1; MailPass spec 1.0). Template calls need any valid key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// The three send endpoints.
    Send,
    /// The verification endpoint.
    Verify,
    /// Everything of an API that is about codes alone.
    Otp,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 3] = [Self::Send, Self::Verify, Self::Otp];

    /// The word used on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Verify => "verify",
            Self::Otp => "otp",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Send => 1,
            Self::Verify => 2,
            Self::Otp => 4,
        }
    }
}

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions(u8);

impl Permissions {
    /// The set of these.
    pub fn of(permissions: impl IntoIterator<Item = Permission>) -> Self {
        Self(permissions.into_iter().fold(0, |set, permission| set | permission.bit()))
    }

    /// From the bit mask that the database keeps; unknown bits are dropped.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & 7)
    }

    /// The bit mask that the database keeps: 1 send, 2 verify, 4 otp.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether it is in the set.
    #[must_use]
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Whether nothing is in it that is not in `other`.
    #[must_use]
    pub const fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// What is in the set.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |permission| self.contains(*permission))
    }
}
