//! The limits of recipients: their ledgers are read before a flush, judged in the core, and written with it; a send whose
//! ledger was written by somebody else meanwhile begins anew. So no two nodes can give away the same tries.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{DatabaseConnection, DbErr};

use super::{Batch, NewMessage};
use crate::{
    core::{clock::Timestamp, id::MessageId, ledger::Sent, refusal::Refusal},
    store::ledgers::{Kept, settled},
};

/// A ledger as it is to be written.
pub(super) struct LedgerRow {
    pub(super) key: i64,
    /// Like no other: the id of the newest message in it.
    pub(super) version: i64,
    /// The one that was read.
    pub(super) previous: i64,
    pub(super) log: Vec<u8>,
}

/// A ledger as it was read, and what the batch makes of it.
#[derive(Default)]
struct Known {
    read: Kept,
    newest: Option<MessageId>,
}

/// Decides about the sends in their order: what each gets is noted in it and in the batch's ledgers; the refusals by place.
pub(super) async fn admit(
    db: &DatabaseConnection,
    batch: &mut Batch,
    now: Timestamp,
) -> Result<HashMap<usize, Refusal>, DbErr> {
    let keys: BTreeSet<_> = batch.sends.iter().filter_map(|send| Some(send.budget?.key)).collect();
    let mut refusals = HashMap::new();
    if keys.is_empty() {
        return Ok(refusals);
    }
    let kept = settled(db, &keys, now).await?.into_iter();
    let mut known: HashMap<_, _> = kept.map(|(key, read)| (key, Known { read, newest: None })).collect();
    for (place, message) in batch.sends.iter_mut().enumerate() {
        let Some(budget) = message.budget else { continue };
        let of_target = known.entry(budget.key).or_default();
        match of_target.admit(message, now) {
            Ok(tries) => message.max_attempts = tries,
            Err(refusal) => drop(refusals.insert(place, refusal)),
        }
    }
    for message in &mut batch.sends {
        let Some(budget) = &mut message.budget else { continue };
        budget.version = known.get(&budget.key).and_then(|known| known.newest).map_or(0, |newest| newest.0);
    }
    let rows = known.into_iter().filter_map(|(key, known)| known.row(key).transpose());
    batch.ledgers = rows.collect::<Result<_, _>>()?;
    Ok(refusals)
}

impl Known {
    fn admit(&mut self, message: &NewMessage, now: Timestamp) -> Result<u8, Refusal> {
        let Some(budget) = message.budget else { return Ok(message.max_attempts) };
        let (life, rules) = ((now, message.expires_at), (budget.limits, budget.pace));
        let goes_on = message.replaces.and_then(|old| old.counted);
        let mut before = 0;
        if let Some((old, attempts)) = goes_on {
            if let Some(tries) = self.read.ledger.renew((old, message.id), life, rules)? {
                self.newest = Some(message.id);
                return Ok(tries);
            }
            before = attempts; // it has ended, and these have been counted
        }
        let sent = Sent { app: message.app, scope: budget.scope, message: message.id };
        let tries = budget.tries.saturating_sub(before);
        let tries = self.read.ledger.admit(sent, life, tries, rules)?;
        self.newest = Some(message.id);
        Ok(before.saturating_add(tries))
    }

    fn row(self, key: i64) -> Result<Option<LedgerRow>, DbErr> {
        let Some(newest) = self.newest else { return Ok(None) };
        let log = self.read.ledger.to_bytes().map_err(|err| DbErr::Custom(err.to_string()))?;
        Ok(Some(LedgerRow { key, version: newest.0, previous: self.read.version, log }))
    }
}
