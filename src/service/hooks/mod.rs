//! Webhooks: whoever a request named is told what becomes of what it began.

mod once;
mod until_taken;

use std::{sync::Arc, time::Duration};

use super::Service;
use crate::{
    channel::web::{Post, Web},
    core::callback::Ending,
};

pub use once::{Hook, Hooks};

/// How somebody is told. Operators open the network for each of them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// At once, whether they listen or not.
    Once,
    /// Until they have taken it.
    UntilTaken,
}

/// A receiver answers within that.
const DEADLINE: Duration = Duration::from_secs(5);

impl Service {
    /// Whether an address may be told at all. Names are looked at when it is told (security D1).
    #[must_use]
    pub fn may_tell(&self, telling: Telling, url: &str) -> bool {
        self.web_for(telling).check(url).is_ok()
    }

    fn web_for(&self, telling: Telling) -> &Arc<Web> {
        match telling {
            Telling::Once => &self.parts().hooks.web,
            Telling::UntilTaken => &self.parts().web,
        }
    }
}

async fn post(web: &Web, url: &str, headers: &[(&'static str, String)], body: String) -> Ending {
    web.post(Post { url, headers, body, deadline: DEADLINE }).await
}
