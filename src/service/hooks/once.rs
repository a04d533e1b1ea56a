//! Requests that nobody waits for: somebody named an address to be told once, and it is told once.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use super::{Telling, post};
use crate::{channel::web::Web, service::Service};

/// Requests at once; what comes on top is not made.
const PLACES: usize = 64;

/// Makes them, beside everything else; cheap to clone.
#[derive(Clone)]
pub struct Hooks {
    pub(super) web: Arc<Web>,
    tasks: TaskTracker,
    places: Arc<Semaphore>,
}

/// One of them.
pub struct Hook {
    /// Where to.
    pub url: String,
    /// Headers beside `content-type: application/json`.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
    /// What stands for it in the log.
    pub session: i64,
}

impl Hooks {
    /// Through this client, which decides whom may be asked; `tasks` are waited for when the process ends.
    #[must_use]
    pub fn new(web: Web, tasks: TaskTracker) -> Self {
        Self { web: Arc::new(web), tasks, places: Arc::new(Semaphore::new(PLACES)) }
    }
}

impl Service {
    /// Tells, and does not wait for it. It is not repeated; what goes wrong is logged only.
    pub fn tell_once(&self, hook: Hook) {
        let hooks = &self.parts().hooks;
        let Ok(place) = hooks.places.clone().try_acquire_owned() else {
            tracing::warn!(session = hook.session, "too many are being told at once: a webhook is left out");
            return;
        };
        let web = self.web_for(Telling::Once).clone();
        hooks.tasks.spawn(async move {
            let Hook { url, headers, body, session } = hook;
            let ending = post(&web, &url, &headers, body).await;
            if !ending.is_success() {
                tracing::warn!(session, status = ending.status, "a webhook did not take what it was told");
            }
            drop(place);
        });
    }
}
