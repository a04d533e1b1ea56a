//! Who used the management API, or tried to. It is the whole installation's: every application that asked to hear of it does.

use std::{
    collections::HashSet,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    core::{
        callback::{Notice, Operator, Topic},
        clock::Timestamp,
    },
    service::{Error, Service, directory::first_eight},
};

/// Of the uses of a token from one address in so long, counted from midnight UTC, the first is told.
const USES: Duration = Duration::from_hours(12);
/// Of the wrong tokens from one address, likewise.
const FAILURES: Duration = Duration::from_mins(1);

/// What somebody did at the door of the management API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::service) enum Login {
    /// Showed the token of this id.
    With(i64),
    /// Showed a wrong one.
    Failed,
}

/// What was told before, so that a busy script asks the database for nothing. The database knows it all: what is
/// forgotten here costs a look, and is not told twice.
#[derive(Debug, Default)]
pub struct ToldLogins(Mutex<HashSet<i64>>);

impl ToldLogins {
    const KEPT: usize = 4096;

    fn knows(&self, once: i64) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&once)
    }

    fn note(&self, once: i64) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() >= Self::KEPT {
            told.clear();
        }
        told.insert(once);
    }
}

impl Service {
    /// Tells of a login from `address`; `origin` is the network that counts as that address.
    pub(in crate::service) async fn note_login(
        &self,
        login: Login,
        address: Option<IpAddr>,
        origin: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let parts = self.parts();
        for app in parts.directory.load().apps_that_want(Topic::AccountLogin) {
            let once = self.login_once(app, login, origin, now);
            if parts.told_logins.knows(once) {
                continue;
            }
            parts.store.add_notice(self.sealed(app, &notice(login, address), Some(once))?).await?;
            parts.told_logins.note(once);
        }
        Ok(())
    }

    /// The same for all that is to be told once, on every node.
    fn login_once(&self, app: i64, login: Login, origin: Option<IpAddr>, now: Timestamp) -> i64 {
        let (token, window) = match login {
            Login::With(token) => (token, USES),
            Login::Failed => (0, FAILURES),
        };
        let window = now.millis() / i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
        let origin = origin.map(|origin| origin.to_string()).unwrap_or_default();
        let known_by = [&app.to_be_bytes()[..], &token.to_be_bytes(), origin.as_bytes(), &window.to_be_bytes()];
        first_eight(&self.parts().keys.load().digest("account-login", &known_by))
    }
}

fn notice(login: Login, address: Option<IpAddr>) -> Notice {
    let (action, fail_reason) = match login {
        Login::With(_) => ("login_success", None),
        Login::Failed => ("login_failed", Some("the token is wrong or has expired".to_owned())),
    };
    let operator = Operator { api_key: None, ip_address: address.map(|address| address.to_string()) };
    Notice::AccountLogin { operator, action: action.to_owned(), fail_reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_bounded() {
        let told = ToldLogins::default();
        for once in 0..10_000 {
            told.note(once);
            assert!(told.knows(once));
        }
        assert!(told.0.lock().unwrap().len() <= ToldLogins::KEPT);
    }
}
