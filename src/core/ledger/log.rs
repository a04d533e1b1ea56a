//! The ledger itself: pure, and small enough to travel with every send.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::limits::{Limits, Pace, Refusal, Rule, Window};
use crate::core::{clock::Timestamp, id::MessageId};

/// How long a message is surely remembered: a code without one, younger than that, was never written. No send counts longer.
const REMEMBERED: Duration = Duration::from_hours(24);

/// What one recipient was sent; the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    entries: Vec<Entry>,
    /// Wrong guesses at codes that have ended since the last right one.
    wrong: u16,
}

/// One code: what it may cost while it lives, and what it cost when it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    message: MessageId,
    sent: Timestamp,
    ends: Timestamp,
    tries: u8,
    open: bool,
}

impl Entry {
    fn is_recent(&self, now: Timestamp) -> bool {
        self.sent + REMEMBERED > now
    }
}

/// How a code that was open stands now.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    /// The message.
    pub message: MessageId,
    /// Guesses that were compared.
    pub attempts: u8,
    /// Guesses that would have been.
    pub max_attempts: u8,
    /// Whether one was right.
    pub verified: bool,
    /// When it dies, or died.
    pub expires_at: Timestamp,
}

impl Ending {
    const fn wrong(&self) -> u8 {
        if self.verified { self.attempts.saturating_sub(1) } else { self.attempts }
    }

    fn is_over(&self, now: Timestamp) -> bool {
        self.verified || self.attempts >= self.max_attempts || now >= self.expires_at
    }
}

impl Ledger {
    /// The messages whose codes may still be guessed at.
    pub fn open(&self) -> impl Iterator<Item = MessageId> {
        self.entries.iter().filter(|entry| entry.open).map(|entry| entry.message)
    }

    /// Takes note of how the open codes stand, and forgets what no window reaches back to. `endings` has those of
    /// [`Ledger::open`] that exist.
    pub fn settle(&mut self, endings: &[Ending], now: Timestamp) {
        let mut entries = std::mem::take(&mut self.entries);
        entries.retain_mut(|entry| {
            if !entry.open {
                return true;
            }
            match endings.iter().find(|ending| ending.message == entry.message) {
                Some(ending) if ending.is_over(now) => self.close(entry, ending),
                Some(_) => {}
                // Its send was refused after this was noted.
                None if entry.is_recent(now) => return false,
                None => {
                    entry.open = false;
                    self.wrong = self.wrong.saturating_add(entry.tries.into());
                }
            }
            true
        });
        entries
            .retain(|entry| entry.open || entry.tries > 0 && entry.ends + Limits::MEMORY > now || entry.is_recent(now));
        self.entries = entries;
        self.shorten();
    }

    /// Sends that cost no try count for a day at most; more of them than any limit may be are not kept.
    fn shorten(&mut self) {
        let idle = |entry: &Entry| !entry.open && entry.tries == 0;
        let mut surplus = self.entries.iter().filter(|entry| idle(entry)).count().saturating_sub(Limits::MOST.into());
        self.entries.retain(|entry| {
            let goes = surplus > 0 && idle(entry);
            surplus -= usize::from(goes);
            !goes
        });
    }

    fn close(&mut self, entry: &mut Entry, ending: &Ending) {
        entry.open = false;
        entry.tries = ending.wrong();
        entry.ends = ending.expires_at;
        self.wrong = if ending.verified { 0 } else { self.wrong.saturating_add(entry.tries.into()) };
    }

    /// Reserves up to `tries` for a code that lives until `ends`, and says how many; a code that nobody judges here takes none.
    pub fn admit(
        &mut self,
        message: MessageId,
        (now, ends): (Timestamp, Timestamp),
        tries: u8,
        (limits, pace): (Limits, Pace),
    ) -> Result<u8, Refusal> {
        self.paced(limits, pace, now)?;
        let counted = tries > 0 && limits.count_guesses();
        let tries = if counted { tries.min(self.left(limits, now)?) } else { tries };
        let reserved = if counted { tries } else { 0 };
        self.entries.push(Entry { message, sent: now, ends, tries: reserved, open: counted });
        Ok(tries)
    }

    /// A code that goes on as another message, wrong guesses included: what was reserved for it stays reserved.
    pub fn renew(
        &mut self,
        (old, new): (MessageId, MessageId),
        (now, ends): (Timestamp, Timestamp),
        (limits, pace): (Limits, Pace),
    ) -> Result<Option<u8>, Refusal> {
        self.paced(limits, pace, now)?;
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.message == old && entry.open) else {
            return Ok(None);
        };
        let tries = entry.tries;
        entry.open = false;
        entry.tries = 0;
        self.entries.push(Entry { message: new, sent: now, ends, tries, open: true });
        Ok(Some(tries))
    }

    fn paced(&self, limits: Limits, pace: Pace, now: Timestamp) -> Result<(), Refusal> {
        limits.sends(pace).try_for_each(|(rule, window)| self.sends_left(rule, window, now))
    }

    fn sends_left(&self, rule: Rule, window: Window, now: Timestamp) -> Result<(), Refusal> {
        let lifts: Vec<_> =
            self.entries.iter().map(|entry| entry.sent + window.span).filter(|lifts_at| *lifts_at > now).collect();
        let (used, limit) = (u16::try_from(lifts.len()).unwrap_or(u16::MAX), window.most);
        if limit == 0 || used < limit {
            return Ok(());
        }
        let lifts_at = lifts.get(usize::from(used - limit)).copied();
        Err(Refusal { rule, used, limit, lifts_at })
    }

    /// Tries that every rule leaves; at least one.
    fn left(&self, limits: Limits, now: Timestamp) -> Result<u8, Refusal> {
        let mut left = u16::from(u8::MAX);
        for window in limits.guesses().into_iter().filter(|window| window.most > 0) {
            left = left.min(self.guesses_left(window, now)?);
        }
        if limits.guesses_since_success > 0 {
            let (used, limit) = (self.wrong.saturating_add(self.reserved()), limits.guesses_since_success);
            let locked = Refusal { rule: Rule::Locked, used, limit, lifts_at: None };
            left = left.min(limit.checked_sub(used).filter(|left| *left > 0).ok_or(locked)?);
        }
        Ok(u8::try_from(left).unwrap_or(u8::MAX))
    }

    fn guesses_left(&self, window: Window, now: Timestamp) -> Result<u16, Refusal> {
        let leaves = |entry: &Entry| entry.ends + window.span;
        let inside: Vec<_> = self.entries.iter().filter(|entry| entry.tries > 0 && leaves(entry) > now).collect();
        let (used, limit) = (inside.iter().map(|entry| u16::from(entry.tries)).sum(), window.most);
        limit.checked_sub(used).filter(|left| *left > 0).ok_or_else(|| Refusal {
            rule: Rule::Guesses,
            used,
            limit,
            lifts_at: inside.iter().map(|entry| leaves(entry)).min(),
        })
    }

    fn reserved(&self) -> u16 {
        self.entries.iter().filter(|entry| entry.open).map(|entry| u16::from(entry.tries)).sum()
    }
}
