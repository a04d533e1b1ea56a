//! Chance that can be repeated: `CRASH_SEED=…` gives the same choices again.

use std::hash::{BuildHasher, RandomState};

/// `SplitMix64`.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// The seed of this run.
pub(crate) fn seed() -> u64 {
    let given = std::env::var_os("CRASH_SEED").and_then(|seed| seed.to_str()?.parse().ok());
    given.unwrap_or_else(|| RandomState::new().hash_one("crash"))
}
