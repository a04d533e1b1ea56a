//! Whose API a key opens. The same header means different credentials in different APIs, so that keys are looked for in the
//! pool of the API that was called and in no other (one-port 5.2, point 4).

use std::sync::{Arc, LazyLock};

use super::permission::{Permission, Permissions};

/// The keys of one API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pool {
    /// `EngageLab`'s: a user name and a password.
    Engagelab,
    /// `MailPass`': one token.
    Mailpass,
    /// `AirTexts`': a key, a secret, and the names of applications that they may use.
    Airtexts,
}

impl Pool {
    /// Every pool.
    pub const ALL: [Self; 3] = [Self::Engagelab, Self::Mailpass, Self::Airtexts];

    /// The name of the API's dialect.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Engagelab => "engagelab",
            Self::Mailpass => "mailpass",
            Self::Airtexts => "airtexts",
        }
    }

    /// Reads the exact word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pool| pool.as_str() == word)
    }

    /// What its keys may be allowed to do.
    #[must_use]
    pub fn permissions(self) -> Permissions {
        match self {
            Self::Engagelab => Permissions::of([Permission::Send, Permission::Verify]),
            Self::Mailpass | Self::Airtexts => Permissions::of([Permission::Otp]),
        }
    }

    /// Whether its callers name an application of theirs, which the key must own.
    #[must_use]
    pub const fn has_scopes(self) -> bool {
        matches!(self, Self::Airtexts)
    }

    /// Whether its callers may name receivers that are told what becomes of a send.
    #[must_use]
    pub const fn has_webhooks(self) -> bool {
        matches!(self, Self::Airtexts)
    }
}

/// The names of applications that a key may use. Every caller has a copy: they share the names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(Arc<[String]>);

/// A text is no name of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an appid has 1 to 64 printable ASCII characters without blanks and commas; `*` is any")]
pub struct BadScope;

impl Scopes {
    /// Stands for every name.
    const ANY: &str = "*";
    const LONGEST: usize = 64;

    /// These names; `*` is any.
    pub fn parse(names: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, BadScope> {
        let names: Arc<[String]> = names.into_iter().map(Into::into).collect();
        if names.iter().all(|name| is_name(name)) { Ok(Self(names)) } else { Err(BadScope) }
    }

    /// Every name.
    #[must_use]
    pub fn any() -> Self {
        static ANY: LazyLock<Scopes> = LazyLock::new(|| Scopes(Arc::new([Scopes::ANY.to_owned()])));
        ANY.clone()
    }

    /// Whether the name may be used.
    #[must_use]
    pub fn owns(&self, name: &str) -> bool {
        self.0.iter().any(|own| own == Self::ANY || own == name)
    }

    /// The names that may be used; `None` where that is every one.
    #[must_use]
    pub fn names(&self) -> Option<impl Iterator<Item = &str>> {
        (!self.owns(Self::ANY)).then(|| self.iter())
    }

    /// The names, as they were given.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none may be used.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Without commas, because so they are kept.
fn is_name(name: &str) -> bool {
    (1..=Scopes::LONGEST).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_pools_are_read_back() {
        for pool in Pool::ALL {
            assert_eq!(Pool::parse(pool.as_str()), Some(pool));
        }
        assert_eq!((Pool::parse("optora"), Pool::parse("MailPass"), Pool::parse("")), (None, None, None));
    }

    #[test]
    fn a_scope_owns_its_names_and_the_star_owns_all() {
        let one = Scopes::parse(["shop", "app_2"]).unwrap();
        assert!(one.owns("shop") && one.owns("app_2"));
        assert!(!one.owns("Shop") && !one.owns("") && !one.owns("*"));
        assert!(Scopes::any().owns("shop") && Scopes::any().owns(""));
        assert!(!Scopes::default().owns("shop"));
        assert_eq!(one.names().map(Iterator::count), Some(2));
        assert!(Scopes::any().names().is_none());
    }

    #[test]
    fn what_cannot_be_kept_is_no_name() {
        for name in ["", "a,b", "a b", "ü", "a\n", &"x".repeat(65)] {
            assert_eq!(Scopes::parse([name]), Err(BadScope), "{name:?}");
        }
        assert!(Scopes::parse(["x".repeat(64)]).is_ok());
    }
}
