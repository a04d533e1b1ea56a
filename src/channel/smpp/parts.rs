//! How the receipts of a text's parts become the receipt of the text.
//!
//! The text is known by the id of its last part, which was submitted when all others had been taken. That part's receipt
//! speaks for the text, and needs no memory: it holds after a restart and on another node. Of the other parts only a
//! failure is news: it makes the text fail, whatever becomes of the last part. That needs memory, which is bounded; a
//! failure that nobody remembers the text of is passed on under its own id, which nobody knows.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Mutex, PoisonError},
};

use crate::channel::{Receipt, Report};

/// Parts that are remembered; at about 200 bytes each.
const REMEMBERED: usize = 20_000;

#[derive(Default)]
pub(super) struct Parts(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    /// Id of an earlier part to the id of the last.
    text_of: HashMap<String, String>,
    /// Texts that a part of has failed.
    failed: HashSet<String>,
    /// Earlier parts, oldest first.
    order: VecDeque<String>,
}

impl Parts {
    /// The reference of a text whose parts were taken under these ids, in their order.
    pub(super) fn taken(&self, mut ids: Vec<String>) -> Option<String> {
        let last = ids.pop()?;
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ids.retain(|id| *id != last); // a centre that gives one id to all parts
        for id in ids {
            memory.order.push_back(id.clone());
            memory.text_of.insert(id, last.clone());
        }
        while memory.order.len() > REMEMBERED {
            memory.forget_oldest();
        }
        Some(last)
    }

    /// What a receipt says of a text; `None` when it says nothing that is not known or awaited.
    pub(super) fn of_text(&self, receipt: Receipt) -> Option<Receipt> {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = receipt.report != Report::Delivered;
        match memory.text_of.get(&receipt.reference).cloned() {
            None => (failed || !memory.failed.contains(&receipt.reference)).then_some(receipt),
            Some(text) if failed => {
                memory.failed.insert(text.clone());
                Some(Receipt { reference: text, ..receipt })
            }
            Some(_) => None,
        }
    }
}

impl Memory {
    fn forget_oldest(&mut self) {
        let oldest = self.order.pop_front();
        if let Some(text) = oldest.and_then(|oldest| self.text_of.remove(&oldest)) {
            self.failed.remove(&text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(id: &str, report: Report) -> Receipt {
        Receipt { reference: id.to_owned(), report, detail: None }
    }

    fn taken(parts: &Parts, ids: &[&str]) -> Option<String> {
        parts.taken(ids.iter().map(|id| (*id).to_owned()).collect())
    }

    #[test]
    fn the_last_part_speaks_for_the_text_and_any_part_can_fail_it() {
        let parts = Parts::default();
        assert_eq!(taken(&parts, &["a1", "a2", "a3"]).unwrap(), "a3");
        assert_eq!(parts.of_text(receipt("a1", Report::Delivered)), None);
        assert_eq!(parts.of_text(receipt("a2", Report::Failed(5018))), Some(receipt("a3", Report::Failed(5018))));
        assert_eq!(parts.of_text(receipt("a3", Report::Delivered)), None);

        assert_eq!(taken(&parts, &["b1", "b2"]).unwrap(), "b2");
        assert_eq!(parts.of_text(receipt("b2", Report::Delivered)), Some(receipt("b2", Report::Delivered)));
    }

    #[test]
    fn texts_of_one_part_and_of_other_nodes_pass() {
        let parts = Parts::default();
        assert_eq!(taken(&parts, &["a"]).unwrap(), "a");
        assert_eq!(taken(&parts, &[]), None);
        assert_eq!(taken(&parts, &["s", "s"]).unwrap(), "s");
        for id in ["a", "s", "unknown"] {
            for report in [Report::Delivered, Report::Failed(5012)] {
                assert_eq!(parts.of_text(receipt(id, report)), Some(receipt(id, report)));
            }
        }
    }

    #[test]
    fn the_memory_is_bounded() {
        let parts = Parts::default();
        for text in 0..REMEMBERED + 5 {
            parts.taken(vec![format!("{text}.1"), format!("{text}.2")]);
            parts.of_text(receipt(&format!("{text}.1"), Report::Failed(5001)));
        }
        let memory = parts.0.lock().unwrap();
        assert_eq!(
            (memory.order.len(), memory.text_of.len(), memory.failed.len()),
            (REMEMBERED, REMEMBERED, REMEMBERED)
        );
    }
}
