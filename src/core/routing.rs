//! Which of a channel's providers is asked first.

/// How the providers of one channel share its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Routing {
    /// The first one listed; the others stand in for it.
    Ordered,
    /// By their weights.
    Weighted,
}

impl Routing {
    /// The places of providers with these weights in the order in which they are tried for `delivery`.
    ///
    /// It follows from the delivery alone: whoever tries it again, after a crash or on another node, asks the same
    /// provider first, which may know it already.
    #[must_use]
    pub fn order(self, weights: &[u32], delivery: i64) -> Vec<usize> {
        let mut places: Vec<usize> = (0..weights.len()).collect();
        if self == Self::Weighted {
            // Efraimidis and Spirakis: an exponential time with the weight as its rate for each; the earliest goes first.
            let time = |place: usize| -uniform(delivery, place).ln() / f64::from(weights[place].max(1));
            places.sort_by(|a, b| time(*a).total_cmp(&time(*b)));
        }
        places
    }
}

/// A number above 0 and up to 1 that looks random (`splitmix64`).
#[expect(clippy::cast_precision_loss, reason = "53 bits are kept, which is what fits")]
fn uniform(delivery: i64, place: usize) -> f64 {
    let mut bits = delivery.cast_unsigned().wrapping_add((place as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    ((bits >> 11) + 1) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ids of a busy millisecond and of distant ones.
    fn deliveries() -> impl Iterator<Item = i64> {
        (0..100_000).map(|number| 1_725_407_449_772_531_712 + (number % 4096) + ((number / 4096) << 22))
    }

    #[test]
    fn ordered_is_the_order_of_the_configuration() {
        assert_eq!(Routing::Ordered.order(&[1, 100, 1], 7), [0, 1, 2]);
    }

    #[test]
    fn weights_are_the_shares_of_the_first_place() {
        let weights = [1, 2, 7];
        let mut first = [0; 3];
        let mut second = [0; 3];
        for delivery in deliveries() {
            let order = Routing::Weighted.order(&weights, delivery);
            first[order[0]] += 1;
            second[order[1]] += 1;
        }
        for (share, weight) in first.iter().zip(weights) {
            let expected = 10_000 * i64::from(weight);
            assert!((i64::from(*share) - expected).abs() < 600, "{first:?}");
        }
        // 0.2 · 1/8 + 0.7 · 1/3 of the first provider, and so on.
        assert!((25_833_i64 - i64::from(second[0])).abs() < 800, "{second:?}");
    }

    #[test]
    fn the_same_delivery_has_the_same_order_and_every_provider_is_in_it() {
        for delivery in deliveries().take(100) {
            let order = Routing::Weighted.order(&[3, 3, 3], delivery);
            assert_eq!(order, Routing::Weighted.order(&[3, 3, 3], delivery));
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2]);
        }
    }
}
