//! The ledger itself: pure, and small enough to travel with every send.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::limits::{Limits, Pace, Window};
use crate::core::{
    clock::Timestamp,
    id::MessageId,
    refusal::{Refusal, Rule},
};

/// How long a message is surely remembered: a code without one, younger than that, was never written. They go after 30 days.
const REMEMBERED: Duration = Duration::from_hours(29 * 24);

/// What one recipient was sent; the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    entries: Vec<Entry>,
    /// Wrong guesses at an application's codes that have ended since the last right one.
    wrong: BTreeMap<i64, u16>,
    /// When an operator last forgave the sends of all applications together.
    forgiven: Timestamp,
}

/// One code: what it may cost while it lives, and what it cost when it has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    app: i64,
    scope: Option<i64>,
    message: MessageId,
    sent: Timestamp,
    ends: Timestamp,
    tries: u8,
    open: bool,
}

impl Entry {
    fn is_younger_than(&self, age: Duration, now: Timestamp) -> bool {
        self.sent + age > now
    }
}

/// A message, and whose it is.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// The application.
    pub app: i64,
    /// What of it keeps a pace of its own; `None` for what keeps the pace of all of it.
    pub scope: Option<i64>,
    /// The message.
    pub message: MessageId,
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
    /// How long sends count. No code lives longer.
    pub const RECENT: Duration = Duration::from_hours(24);

    /// Whether nothing would be different without it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.wrong.is_empty()
    }

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
                None if entry.is_younger_than(REMEMBERED, now) => return false,
                None => {
                    entry.open = false;
                    self.note_wrong(entry);
                }
            }
            true
        });
        entries.retain(|entry| {
            let counts = entry.tries > 0 && entry.ends + Limits::MEMORY > now;
            entry.open || counts || entry.is_younger_than(Self::RECENT, now)
        });
        self.entries = entries;
        self.shorten();
    }

    /// Sends that cost no try count for a day at most; more of an application's than any limit may be are not kept.
    fn shorten(&mut self) {
        let mut kept: BTreeMap<i64, u16> = BTreeMap::new();
        self.entries.reverse();
        self.entries.retain(|entry| {
            if entry.tries > 0 {
                return true;
            }
            let kept = kept.entry(entry.app).or_default();
            *kept += 1;
            *kept <= Limits::MOST
        });
        self.entries.reverse();
    }

    fn close(&mut self, entry: &mut Entry, ending: &Ending) {
        entry.open = false;
        entry.tries = ending.wrong();
        entry.ends = ending.expires_at;
        if ending.verified {
            self.wrong.remove(&entry.app);
        } else {
            self.note_wrong(entry);
        }
    }

    fn note_wrong(&mut self, entry: &Entry) {
        if entry.tries == 0 {
            return;
        }
        let wrong = self.wrong.entry(entry.app).or_default();
        *wrong = wrong.saturating_add(entry.tries.into());
    }

    /// Reserves up to `tries` for a code that lives until `ends`, and says how many; a code that nobody judges here takes none.
    /// How the code ends is asked for also where nothing limits its guesses: so a send is forgotten that was never written.
    pub fn admit(
        &mut self,
        Sent { app, scope, message }: Sent,
        (now, ends): (Timestamp, Timestamp),
        tries: u8,
        (limits, pace): (Limits, Pace),
    ) -> Result<u8, Refusal> {
        self.keep_pace((app, scope), (limits, pace), now)?;
        let counted = tries > 0 && limits.count_guesses();
        let tries = if counted { tries.min(self.left(app, limits, now)?) } else { tries };
        let reserved = if counted { tries } else { 0 };
        self.entries.push(Entry { app, scope, message, sent: now, ends, tries: reserved, open: tries > 0 });
        Ok(tries)
    }

    /// A code that goes on as another message, wrong guesses included: what was reserved for it stays reserved.
    pub fn renew(
        &mut self,
        (old, new): (MessageId, MessageId),
        (now, ends): (Timestamp, Timestamp),
        (limits, pace): (Limits, Pace),
    ) -> Result<Option<u8>, Refusal> {
        let Some(index) = self.entries.iter().position(|entry| entry.message == old && entry.open && entry.tries > 0)
        else {
            return Ok(None);
        };
        let Entry { app, scope, tries, .. } = self.entries[index];
        self.keep_pace((app, scope), (limits, pace), now)?;
        self.entries[index] = Entry { tries: 0, open: false, ..self.entries[index] };
        self.entries.push(Entry { app, scope, message: new, sent: now, ends, tries, open: true });
        Ok(Some(tries))
    }

    /// Forgives all sends and wrong guesses of an application, and the sends of all applications together.
    pub fn forgive(&mut self, app: i64, now: Timestamp) {
        self.entries.retain(|entry| entry.app != app);
        self.wrong.remove(&app);
        self.forgiven = now;
    }

    fn of(&self, app: i64) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.app == app)
    }

    /// How many sends each window of a pace holds, and when the first of them leaves it; those that limit nothing are left out.
    #[must_use]
    pub fn paced(
        &self,
        whose: (i64, Option<i64>),
        pace: Pace,
        now: Timestamp,
    ) -> Vec<(Window, u32, Option<Timestamp>)> {
        let limiting = pace.windows().into_iter().filter(|(_, window)| window.most > 0);
        let count = |(_, window): (Rule, Window)| {
            let lifts = lifts(self.within(whose), window, now);
            (window, u32::try_from(lifts.len()).unwrap_or(u32::MAX), lifts.first().copied())
        };
        limiting.map(count).collect()
    }

    /// The sends that a pace counts.
    fn within(&self, (app, scope): (i64, Option<i64>)) -> impl Iterator<Item = &Entry> {
        self.of(app).filter(move |entry| scope.is_none() || entry.scope == scope)
    }

    fn keep_pace(
        &self,
        whose: (i64, Option<i64>),
        (limits, pace): (Limits, Pace),
        now: Timestamp,
    ) -> Result<(), Refusal> {
        for (rule, window) in pace.windows() {
            sends_left(self.within(whose), (rule, window), now)?;
        }
        let all = self.entries.iter().filter(|entry| entry.sent > self.forgiven);
        sends_left(all, (Rule::Sends, limits.sends()), now)
    }

    /// Tries that every rule leaves; at least one.
    fn left(&self, app: i64, limits: Limits, now: Timestamp) -> Result<u8, Refusal> {
        let mut left = u16::from(u8::MAX);
        for window in limits.guesses().into_iter().filter(|window| window.most > 0) {
            left = left.min(self.guesses_left(app, window, now)?);
        }
        if limits.guesses_since_success > 0 {
            let wrong = self.wrong.get(&app).copied().unwrap_or(0);
            let (used, limit) = (wrong.saturating_add(self.reserved(app)), limits.guesses_since_success);
            let locked = Refusal { rule: Rule::Locked, used: used.into(), limit: limit.into(), lifts_at: None };
            left = left.min(limit.checked_sub(used).filter(|left| *left > 0).ok_or(locked)?);
        }
        Ok(u8::try_from(left).unwrap_or(u8::MAX))
    }

    fn guesses_left(&self, app: i64, window: Window, now: Timestamp) -> Result<u16, Refusal> {
        let leaves = |entry: &Entry| entry.ends + window.span;
        let inside: Vec<_> = self.of(app).filter(|entry| entry.tries > 0 && leaves(entry) > now).collect();
        let (used, limit): (u16, _) = (inside.iter().map(|entry| u16::from(entry.tries)).sum(), window.most);
        limit.checked_sub(used).filter(|left| *left > 0).ok_or_else(|| Refusal {
            rule: Rule::Guesses,
            used: used.into(),
            limit: limit.into(),
            lifts_at: inside.iter().map(|entry| leaves(entry)).min(),
        })
    }

    fn reserved(&self, app: i64) -> u16 {
        self.of(app).filter(|entry| entry.open).map(|entry| u16::from(entry.tries)).sum()
    }
}

/// Whether another of these sends may follow now.
fn sends_left<'a>(
    sends: impl Iterator<Item = &'a Entry>,
    (rule, window): (Rule, Window),
    now: Timestamp,
) -> Result<(), Refusal> {
    let lifts = lifts(sends, window, now);
    let (used, limit) = (u16::try_from(lifts.len()).unwrap_or(u16::MAX), window.most);
    if limit == 0 || used < limit {
        return Ok(());
    }
    let lifts_at = lifts.get(usize::from(used - limit)).copied();
    Err(Refusal { rule, used: used.into(), limit: limit.into(), lifts_at })
}

/// When the sends that are in a window leave it; the oldest first.
fn lifts<'a>(sends: impl Iterator<Item = &'a Entry>, window: Window, now: Timestamp) -> Vec<Timestamp> {
    sends.map(|entry| entry.sent + window.span).filter(|lifts_at| *lifts_at > now).collect()
}
