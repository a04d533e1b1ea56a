//! Sessions that this node sent lately: whoever brings a code back to the node that sent it costs no look into the database.
//!
//! Others send and verify as well, so that what is remembered may be old. It only says at which message a guess is aimed; the
//! database accepts it or does not, and then the session is looked up.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use lru::LruCache;

use super::{Session, Which};
use crate::{
    core::id::MessageId,
    service::{Caller, Service},
};

/// 16,384 sessions under two keys each, about 10 MB; most codes come back within a minute.
const MOST: NonZeroUsize = NonZeroUsize::new(2 * 16_384).unwrap();

/// See the module.
pub struct Recall(Mutex<LruCache<Key, Arc<Remembered>>>);

/// A session as it was when it was sent.
pub(super) struct Remembered {
    app: i64,
    key: Key,
    /// The message whose code counted.
    pub(super) message: MessageId,
    /// What its caller was told.
    pub(super) session: Session,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    /// Dialect and id.
    Id(String),
    /// Whom it is for.
    Slot(i64),
}

impl Key {
    fn of(dialect: &str, public_id: &str) -> Self {
        Self::Id(format!("{dialect}/{public_id}"))
    }
}

impl Default for Recall {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MOST)))
    }
}

impl Recall {
    /// No code runs under the lock that could leave it half changed.
    fn lock(&self) -> MutexGuard<'_, LruCache<Key, Arc<Remembered>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// Remembers a session that was just sent, and that it is the newest of its slot.
    pub(super) fn remember(
        &self,
        caller: &Caller,
        (dialect, slot): (&str, i64),
        message: MessageId,
        session: &Session,
    ) {
        let key = Key::of(dialect, &session.public_id);
        let remembered = Remembered { app: caller.app, key: key.clone(), message, session: session.clone() };
        let remembered = Arc::new(remembered);
        let mut sessions = self.parts().recall.lock();
        sessions.put(key, remembered.clone());
        sessions.put(Key::Slot(slot), remembered);
    }

    /// What is remembered of a session of the caller's application.
    pub(super) fn recall(&self, app: i64, which: &Which<'_>) -> Option<Arc<Remembered>> {
        let key = match which {
            Which::Id { dialect, public_id } => Key::of(dialect, public_id),
            Which::Newest { dialect, scope, recipient } => Key::Slot(self.session_slot(app, dialect, scope, recipient)),
        };
        self.parts().recall.lock().get(&key).filter(|remembered| remembered.app == app).cloned()
    }

    /// Forgets a session that is over, or not what is remembered of it.
    pub(super) fn forget(&self, remembered: &Remembered) {
        self.parts().recall.lock().pop(&remembered.key);
    }
}
