//! Sessions that this node sent lately and whose code has not come back: whoever brings a code back to the node that sent it costs
//! no look into the database.
//!
//! Others send and verify as well, so that what is remembered may be old. It only says at which message a guess is aimed; the
//! database accepts it or does not, and then the session is looked up.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Session, Which};
use crate::{
    core::{
        id::MessageId,
        policy::{OnRepeat, Policy},
    },
    service::{Caller, Service},
};

/// 16,384 sessions under two keys each, about 10 MB, or twice as many under one; most codes come back within a minute.
const MOST: usize = 2 * 16_384;

/// See the module.
pub struct Recall {
    memory: Mutex<Memory>,
    hasher: RandomState,
    #[cfg(feature = "controls")]
    pub(super) flaw: super::control::Flaw,
}

/// Sessions under their keys. A look makes nothing younger: what was sent first is forgotten first.
#[derive(Default)]
struct Memory {
    sessions: HashMap<Key, Arc<Remembered>>,
    /// Under which keys messages were put there, the oldest first; some have been forgotten since.
    order: VecDeque<(Key, MessageId)>,
}

impl Memory {
    fn put(&mut self, key: Key, remembered: &Arc<Remembered>) {
        self.order.push_back((key, remembered.message));
        self.sessions.insert(key, Arc::clone(remembered));
        while self.sessions.len() > MOST || self.order.len() > 2 * MOST {
            let Some((key, message)) = self.order.pop_front() else { return };
            self.forget(key, message);
        }
    }

    /// What took its place in the meantime stays.
    fn forget(&mut self, key: Key, message: MessageId) {
        if let Entry::Occupied(kept) = self.sessions.entry(key)
            && kept.get().message == message
        {
            kept.remove();
        }
    }
}

/// A session as it was when it was sent.
pub(super) struct Remembered {
    app: i64,
    /// Under which it is known.
    keys: [Option<Key>; 2],
    /// The message whose code counted.
    pub(super) message: MessageId,
    /// Whether it is the newest of a slot.
    leads: bool,
    /// What its caller was told.
    pub(super) session: Arc<Session>,
}

impl Remembered {
    /// The message, and whether its window leads to the newest session of whom it is for.
    pub(super) const fn aim(&self) -> (MessageId, bool) {
        (self.message, self.leads)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    /// Hash of the dialect and the id, which is compared when it is found.
    Id(u64),
    /// Whom it is for.
    Slot(i64),
}

impl Default for Recall {
    fn default() -> Self {
        Self {
            memory: Mutex::default(),
            hasher: RandomState::new(),
            #[cfg(feature = "controls")]
            flaw: super::control::Flaw::default(),
        }
    }
}

impl Recall {
    fn key(&self, dialect: &str, public_id: &str) -> Key {
        Key::Id(self.hasher.hash_one((dialect, public_id)))
    }

    fn put(&self, remembered: Remembered) {
        let remembered = Arc::new(remembered);
        let mut memory = self.lock();
        for key in remembered.keys.iter().flatten() {
            memory.put(*key, &remembered);
        }
    }

    fn get(&self, key: &Key) -> Option<Arc<Remembered>> {
        self.lock().sessions.get(key).cloned()
    }

    fn forget(&self, remembered: &Remembered) {
        let mut memory = self.lock();
        for key in remembered.keys.iter().flatten() {
            memory.forget(*key, remembered.message);
        }
    }

    /// No code runs under the lock that could leave it half changed.
    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// Remembers a session that was just sent, and that it is the newest of its slot; 0 stands for none. Where the same code is
    /// sent again, the recipient is what it is brought back with.
    pub(super) fn remember(
        &self,
        caller: &Caller,
        (dialect, slot): (&str, i64),
        (message, policy): (MessageId, &Policy),
        session: &Arc<Session>,
    ) {
        let recall = &self.parts().recall;
        let leads = slot != 0;
        let by_id = (policy.on_repeat != OnRepeat::ReuseLive).then(|| recall.key(dialect, &session.public_id));
        let keys = [by_id, leads.then_some(Key::Slot(slot))];
        recall.put(Remembered { app: caller.app, keys, message, leads, session: Arc::clone(session) });
    }

    /// What is remembered of a session of the caller's application.
    pub(super) fn recall(&self, app: i64, which: &Which<'_>) -> Option<Arc<Remembered>> {
        let recall = &self.parts().recall;
        let found = match which {
            Which::Id { dialect, public_id } => {
                recall.get(&recall.key(dialect, public_id)).filter(|found| found.session.public_id == *public_id)
            }
            Which::Newest { dialect, scope, recipient } => {
                recall.get(&Key::Slot(self.session_slot(app, dialect, scope, recipient)))
            }
        };
        found.filter(|remembered| remembered.app == app)
    }

    /// Forgets a session that is over, or not what is remembered of it.
    pub(super) fn forget(&self, remembered: &Remembered) {
        self.parts().recall.forget(remembered);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;
    use crate::core::{
        channel::Channel,
        clock::Timestamp,
        session::{DeliveryState, SessionState},
    };

    const SLOT: Key = Key::Slot(7);

    /// Sent with this message, as the newest of [`SLOT`].
    fn sent(recall: &Recall, public_id: &str, message: i64) -> Arc<Remembered> {
        let now = Timestamp::default();
        let session = Session {
            id: 1,
            public_id: public_id.to_owned(),
            scope: String::new(),
            recipient: None,
            channel: Channel::Sms,
            state: SessionState::Pending,
            delivery: DeliveryState::Sent,
            created_at: now,
            sent_at: now,
            expires_at: now,
            attempts: 0,
            max_attempts: 5,
            resends: 0,
            code_length: 6,
            sender: None,
            language: "en".to_owned(),
            extra: Map::new(),
        };
        let session = Arc::new(session);
        let keys = [Some(recall.key("sample", public_id)), Some(SLOT)];
        recall.put(Remembered { app: 1, keys, message: MessageId(message), leads: true, session });
        recall.get(&SLOT).unwrap()
    }

    fn message(recall: &Recall, key: &Key) -> Option<i64> {
        recall.get(key).map(|remembered| remembered.message.0)
    }

    #[test]
    fn what_is_forgotten_is_found_neither_by_its_id_nor_by_whom_it_is_for() {
        let recall = Recall::default();
        let over = sent(&recall, "a", 1);
        recall.forget(&over);
        assert_eq!((message(&recall, &recall.key("sample", "a")), message(&recall, &SLOT)), (None, None));
    }

    #[test]
    fn what_was_sent_since_is_not_forgotten() {
        let recall = Recall::default();
        let over = sent(&recall, "a", 1);
        let newer = sent(&recall, "b", 2);
        recall.forget(&over);
        assert_eq!((message(&recall, &recall.key("sample", "a")), message(&recall, &SLOT)), (None, Some(2)));
        sent(&recall, "b", 3);
        recall.forget(&newer);
        assert_eq!((message(&recall, &recall.key("sample", "b")), message(&recall, &SLOT)), (Some(3), Some(3)));
    }

    #[test]
    fn what_was_sent_first_goes_when_there_is_no_more_room() {
        let recall = Recall::default();
        let newest = i64::try_from(MOST).unwrap();
        for message in 0..=newest {
            sent(&recall, &message.to_string(), message); // each takes the place of the one before in its slot
        }
        let known = |message: i64| super::tests::message(&recall, &recall.key("sample", &message.to_string()));
        assert_eq!((known(0), known(1), known(2), known(newest)), (None, None, Some(2), Some(newest)));
        let memory = recall.lock();
        assert_eq!(memory.sessions.len(), MOST);
        assert!(memory.order.len() <= 2 * MOST, "{}", memory.order.len());
    }

    #[test]
    fn what_is_forgotten_makes_room_for_others() {
        let recall = Recall::default();
        let (kept, most) = (sent(&recall, "kept", -1), i64::try_from(MOST).unwrap());
        // With its own and that of the slot these are one too many, unless they are forgotten.
        for message in 1..most {
            let over = sent(&recall, &message.to_string(), message);
            recall.forget(&over);
        }
        assert_eq!(message(&recall, &recall.key("sample", "kept")), Some(kept.message.0));
        for message in most..2 * most {
            let over = sent(&recall, &message.to_string(), message);
            recall.forget(&over);
        }
        assert_eq!(message(&recall, &recall.key("sample", "kept")), None, "the list of what was sent has an end, too");
    }
}
